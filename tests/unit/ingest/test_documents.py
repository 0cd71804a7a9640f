"""Files into documents, and what is refused."""

import hashlib
import os
from pathlib import Path

import pytest

from ttsd.ingest.documents import read_document
from ttsd.protocol.errors import BadRequest, NothingToSay, TooLarge, UnreadableDocument
from ttsd.text.normalize import Block, Kind

LIMITS = {"max_bytes": 1000, "max_chars": 500}


def test_a_text_file(tmp_path: Path):
    path = tmp_path / "source"
    path.write_bytes(b"\xef\xbb\xbf+++\nseed = 7\n+++\n*Hello*.\n")
    found = read_document(path, ".TXT", **LIMITS)
    assert found.blocks == [Block("*Hello*.")]
    assert found.front_matter.seed == 7
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_markdown_file(tmp_path: Path):
    path = tmp_path / "source"
    path.write_text("# Title\n\n*Hello*.")
    assert read_document(path, ".md", **LIMITS).blocks == [Block("Title", Kind.HEADING), Block("Hello.")]


@pytest.mark.parametrize(
    ("data", "suffix", "error", "says"),
    [
        (b"", ".txt", NothingToSay, "the file is empty"),
        (b" \n", ".txt", NothingToSay, "nothing to say"),
        ("🙂".encode(), ".txt", NothingToSay, "nothing to say"),
        (b"```\ncode\n```", ".md", NothingToSay, "nothing to say"),
        (b"+++\nseed = 7\n+++\n", ".txt", NothingToSay, "nothing to say"),
        (b"a" * 1001, ".txt", TooLarge, "1001 bytes; [limits] max_file_bytes allows 1000"),
        (b"a" * 501, ".txt", TooLarge, "501 characters; [limits] max_document_chars allows 500"),
        (b"GIF89a\0", ".txt", UnreadableDocument, "GIF"),
        (b"Hello", ".docx", UnreadableDocument, ".docx are not read; there are .txt, .md"),
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
