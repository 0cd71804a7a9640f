"""Paths as people type and drop them."""

from pathlib import Path

import pytest

from tui.paths import completed, completions, expanded, pasted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("anna.wav", "anna-happy.wav", "anna.txt", "声音 1.flac", ".hidden.wav", "it's.wav"):
        (tmp_path / name).touch()
    (tmp_path / "clips").mkdir()
    return tmp_path


def test_completing_a_path(folder):
    assert completions(f"{folder}/a") == [f"{folder}/{name}" for name in ("anna-happy.wav", "anna.txt", "anna.wav")]
    assert completions(f"{folder}/a", (".wav",)) == [f"{folder}/anna-happy.wav", f"{folder}/anna.wav"]
    assert completions(f"{folder}/c") == [f"{folder}/clips/"]
    assert completions(f"{folder}/.") == [f"{folder}/.hidden.wav"]
    assert f"{folder}/.hidden.wav" not in completions(f"{folder}/")
    assert completions(f"{folder}/nothing/x") == []
    assert completed(f"{folder}/an") == f"{folder}/anna"
    assert completed(f"{folder}/声") == f"{folder}/声音 1.flac"
    assert completed(f"{folder}/zzz") == f"{folder}/zzz"


def test_a_path_may_be_relative_or_begin_at_home(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    assert completed("cl") == "clips/"
    assert completed("~/cl") == "~/clips/"
    assert expanded("~/x ") == folder / "x"


@pytest.mark.parametrize("name", ["anna.wav", "声音 1.flac", "it's.wav"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda path: path,
        lambda path: f'"{path}"',
        lambda path: f"{path}\n",
        lambda path: path.replace(" ", "\\ ").replace("'", "\\'"),
        lambda path: Path(path).as_uri(),
    ],
    ids=["bare", "quoted", "line", "escaped", "address"],
)
def test_a_dropped_file_is_recognised(folder, name, wrap):
    assert pasted(wrap(str(folder / name))) == folder / name


def test_other_text_is_no_file(folder):
    for text in ("", "hello", "anna.wav", str(folder), f"{folder}/none", "a\nb", "\0", "file://[", "x" * 10_000):
        assert pasted(text) is None, text
    assert pasted("/" + "x" * 300) is None
