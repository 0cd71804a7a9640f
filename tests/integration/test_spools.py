"""Several spools at one daemon: each has its folders, its settings, and nothing of the others."""

import json
from pathlib import Path

import pytest

from tests.needs import needs_root


@pytest.fixture
def books(make_daemon, tmp_path: Path) -> Path:
    """The root of a second spool at a running daemon."""
    root = tmp_path / "books"
    settings = {"root": str(root), "settle_s": 0.05, "format": "flac", "captions": "both", "file_mode": "0640"}
    daemon = make_daemon(**{"spools.books": settings})
    daemon.env |= {"TTSD__SPOOLS__BOOKS__GROUP": "1234"}
    daemon.start()
    return root


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@needs_root
def test_each_spool_has_its_own_settings(books: Path, tmp_path: Path, wait_for):
    for root in (tmp_path / "spool", books):
        (root / "inbox/sub").mkdir()
        (root / "inbox/sub/a.txt").write_text(f"Hello from {root.name}.")
        wait_for(lambda root=root: (root / "done/sub/a.txt").exists())
    assert below(tmp_path / "spool/outbox") == {"sub/a.wav", "sub/a.json"}
    assert below(books / "outbox") == {"sub/a.flac", "sub/a.json", "sub/a.srt", "sub/a.vtt"}
    for path in (books / "outbox/sub").iterdir():
        assert (path.stat().st_mode & 0o7777, path.stat().st_gid) == (0o640, 1234)
    assert (books / "outbox/sub").stat().st_mode & 0o777 == 0o750
    receipt = json.loads((books / "outbox/sub/a.json").read_text())
    assert "Hello from books." in json.dumps(receipt)


@needs_root
def test_another_format_replaces_the_files_of_the_last_one(books: Path, wait_for):
    for number, top in enumerate(("", '+++\nformat = "wav"\ncaptions = "none"\n+++\n')):
        (books / "inbox/a.txt").write_text(f"{top}Hello.")
        wait_for(lambda number=number: len(below(books / "done")) == number + 1)
    assert below(books / "outbox") == {"a.wav", "a.json"}


@needs_root
def test_the_longest_name_and_one_that_is_no_utf8(books: Path, wait_for):
    long, odd = "x" * 251 + ".txt", b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    for name in (long, odd):
        (books / "inbox" / name).write_text("Hello.")
    wait_for((books / "done" / long).exists)
    wait_for((books / "failed" / odd).exists)
    assert len(below(books / "outbox")) == 4
    assert (books / "failed" / odd).read_text() == "Hello."
    assert (books / "failed" / f"{odd}.error.txt").stat().st_mode & 0o777 == 0o640
