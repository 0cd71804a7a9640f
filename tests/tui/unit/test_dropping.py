"""Files on their way into the queue."""

import os
from pathlib import Path

import pytest

from ttsd.protocol.errors import BadRequest, Forbidden, TtsdError
from tui.dropping import as_text, copy_in, may_write


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ada.")
    return path


def test_a_file_is_copied_whole_and_the_original_stays(letter: Path, inbox: Path):
    assert copy_in(letter, inbox) == "letter.txt"
    assert (inbox / "letter.txt").read_text() == letter.read_text()
    assert [path.name for path in inbox.iterdir()] == ["letter.txt"]


def test_a_file_that_waits_there_is_left_alone(letter: Path, inbox: Path):
    (inbox / "letter.txt").write_text("Another one.")
    assert copy_in(letter, inbox) == "letter (2).txt"
    assert copy_in(letter, inbox) == "letter (3).txt"
    assert (inbox / "letter.txt").read_text() == "Another one."


def test_what_the_daemon_does_not_read_is_refused(tmp_path: Path, inbox: Path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")
    with pytest.raises(BadRequest, match=r"picture\.png is of no kind that is read: \.txt \.md"):
        copy_in(picture, inbox)
    with pytest.raises(BadRequest, match="is no file"):
        copy_in(tmp_path / "nothing.txt", inbox)


def test_a_copy_that_fails_leaves_nothing_behind(letter: Path, inbox: Path):
    with pytest.raises(TtsdError, match=r"letter\.txt was not queued: "):
        copy_in(letter, inbox / "gone")
    assert list(inbox.iterdir()) == []


def test_whether_the_inbox_may_be_written(inbox: Path, tmp_path: Path):
    assert may_write(inbox)
    assert not may_write(tmp_path / "elsewhere")


@pytest.mark.parametrize(("data", "text"), [("Grüße".encode("utf-8-sig"), "Grüße"), ("你好".encode("gb18030"), "你好")])
def test_a_text_is_sent_where_the_inbox_is_closed(tmp_path: Path, data: bytes, text: str):
    path = tmp_path / "note.txt"
    path.write_bytes(data)
    new = as_text(path, Path("/srv/inbox"))
    assert (new.text, new.title) == (text, "note.txt")


def test_what_cannot_be_sent_says_why(tmp_path: Path):
    book, empty = tmp_path / "book.epub", tmp_path / "empty.txt"
    book.write_bytes(b"PK")
    empty.write_text(" \n")
    with pytest.raises(Forbidden, match="you may not write into /srv/inbox; only plain text"):
        as_text(book, Path("/srv/inbox"))
    with pytest.raises(BadRequest, match="nothing to read"):
        as_text(empty, None)
    os.truncate(empty, 0)
    empty.write_bytes(b"\xff\xff\xff\xff")
    with pytest.raises(BadRequest, match="neither UTF-8 nor GB18030"):
        as_text(empty, None)
