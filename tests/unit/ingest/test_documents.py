"""Files into documents, and what is refused."""

import hashlib
import os
from pathlib import Path

import pytest

from ttsd.ingest.contents import Mark, Table, Text
from ttsd.ingest.documents import read_document
from ttsd.protocol.errors import BadRequest, NothingToSay, TooLarge, UnreadableDocument
from ttsd.text.normalize import Block, Kind

LIMITS = {"max_bytes": 1000, "max_chars": 500}


def test_a_text_file(tmp_path: Path):
    path = tmp_path / "source"
    path.write_bytes(b"\xef\xbb\xbf+++\nseed = 7\n+++\n# Hello.\n")
    found = read_document(path, ".TXT", **LIMITS)
    assert found.contents == Text([Block("# Hello.")], [])
    assert found.front_matter.seed == 7
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_markdown_file(tmp_path: Path):
    path = tmp_path / "source"
    path.write_text("+++\ncode = 'read'\n+++\n# Title\n\n*Hello*.\n\n    code")
    found = [Block("Title", Kind.CHAPTER), Block("Hello."), Block("code")]
    assert read_document(path, ".md", **LIMITS).contents == Text(found, [Mark("Title", 0)])


@pytest.mark.parametrize("suffix", [".html", ".htm", ".xhtml", ".HTML"])
def test_a_web_page(tmp_path: Path, suffix: str):
    path = tmp_path / "source"
    path.write_bytes(b"<meta charset=iso-8859-1><title>Caf\xe9</title><h1>One</h1><p>Two.<h2>Three</h2>")
    blocks = [Block("One", Kind.CHAPTER), Block("Two."), Block("Three", Kind.CHAPTER)]
    expected = Text(blocks, [Mark("One", 0), Mark("Three", 2)], "Café")
    assert read_document(path, suffix, **LIMITS).contents == expected


def test_a_table_of_bad_rows_is_a_table(tmp_path: Path):
    path = tmp_path / "source"
    path.write_text("text\n…\n")
    found = read_document(path, ".csv", **LIMITS).contents
    assert isinstance(found, Table)
    assert [row.error.code for row in found.rows if row.error] == ["nothing_to_say"]


def test_a_book_has_a_size_of_its_own(tmp_path: Path):
    path = tmp_path / "source"
    path.write_bytes(b"x" * 2000)
    with pytest.raises(UnreadableDocument, match="not a ZIP archive"):
        read_document(path, ".epub", **LIMITS)
    with pytest.raises(TooLarge, match=r"2000 bytes; \[limits\] max_book_bytes allows 1999"):
        read_document(path, ".epub", max_book_bytes=1999, **LIMITS)


def test_what_is_spoken_counts_not_what_is_written(tmp_path: Path):
    path = tmp_path / "source"
    path.write_text(f"<p class='{'x' * 600}'>Short.")
    assert read_document(path, ".html", **LIMITS).contents == Text([Block("Short.")], [])
    path.write_text('text\n"' + "word " * 60 + '"\n"' + "word " * 60 + '"\n')
    with pytest.raises(TooLarge, match="598 characters"):
        read_document(path, ".csv", **LIMITS)


@pytest.mark.parametrize(
    ("data", "suffix", "error", "says"),
    [
        (b"", ".txt", NothingToSay, "the file is empty"),
        (b" \n", ".txt", NothingToSay, "nothing to say"),
        ("🙂".encode(), ".txt", NothingToSay, "nothing to say"),
        (b"```\ncode\n```", ".md", NothingToSay, "nothing to say"),
        (b"+++\nseed = 7\n+++\n", ".txt", NothingToSay, "nothing to say"),
        (b"<script>x</script>", ".html", NothingToSay, "nothing to say"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n...\n", ".srt", NothingToSay, "nothing to say"),
        (b"text\n", ".csv", UnreadableDocument, "no rows"),
        (b"text\n\0\n", ".csv", UnreadableDocument, "NUL"),
        (b"a" * 1001, ".txt", TooLarge, "1001 bytes; [limits] max_file_bytes allows 1000"),
        (b"a" * 501, ".txt", TooLarge, "501 characters; [limits] max_document_chars allows 500"),
        (b"GIF89a\0", ".txt", UnreadableDocument, "GIF"),
        (
            b"Hello",
            ".docx",
            UnreadableDocument,
            ".docx are not read; there are .txt, .md, .html, .htm, .xhtml, .epub, .srt, .vtt, .csv, .json, .jsonl",
        ),
        (b"Hello", "", UnreadableDocument, "none are not read"),
        (b"+++\nx = 1\n+++\nHello", ".md", BadRequest, "unknown key 'x'"),
    ],
)
def test_refused(tmp_path, data, suffix, error, says):
    path = tmp_path / "source"
    path.write_bytes(data)
    with pytest.raises(error) as caught:
        read_document(path, suffix, **LIMITS)
    assert says in caught.value.message


def test_only_regular_files_are_read(tmp_path: Path):
    (tmp_path / "real").write_text("Hello.")
    (tmp_path / "link").symlink_to("real")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", ".", "missing"):
        with pytest.raises(UnreadableDocument):
            read_document(tmp_path / name, ".txt", **LIMITS)
