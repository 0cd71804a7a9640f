"""The files below a folder, whatever happens meanwhile."""

import shutil
from pathlib import Path

import pytest

from ttsd.ingest.walk import walk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in ("a.txt", "sub/b.txt", "sub/deep/c.txt", ".hidden/d.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "link").symlink_to("sub")
    return tmp_path


def test_every_file_once_and_no_symlink_followed(root: Path):
    entered: list[str] = []
    assert sorted(walk(root, "", entered.append)) == ["a.txt", "link", "sub/b.txt", "sub/deep/c.txt"]
    assert entered == ["", "sub", "sub/deep"]


def test_a_part_of_the_tree(root: Path):
    assert walk(root, "sub/deep", lambda _: None) == ["sub/deep/c.txt"]


def test_a_folder_that_goes_meanwhile_is_passed_over(root: Path):
    def enter(folder: str) -> None:
        if folder == "sub":
            shutil.rmtree(root / "sub")

    assert sorted(walk(root, "", enter)) == ["a.txt", "link"]


def test_a_folder_that_became_a_symlink_meanwhile_is_not_followed(root: Path):
    def enter(folder: str) -> None:
        if folder == "sub":
            shutil.rmtree(root / "sub")
            (root / "sub").symlink_to(root / ".hidden")

    assert sorted(walk(root, "", enter)) == ["a.txt", "link"]


def test_a_root_that_is_not_there_is_an_error(root: Path):
    with pytest.raises(FileNotFoundError):
        walk(root / "nowhere", "", lambda _: None)
