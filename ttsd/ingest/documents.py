"""Files of the inbox into what they say, and what their front matter asks for."""

import hashlib
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

from ttsd.ingest import frontmatter
from ttsd.ingest.contents import Contents, Subtitles, Table, Text, headed
from ttsd.ingest.encoding import decode
from ttsd.protocol.errors import NothingToSay, TooLarge, UnreadableDocument
from ttsd.protocol.prep import SUFFIXES, FrontMatter
from ttsd.text.normalize import Block, blocks, has_speech

_MAX_ROWS: Final = 100_000
"""Of a table: what is told of each, be it an error, has to fit into one message between processes."""
_UNPACKED_BYTES_PER_CHAR: Final = 16
"""Of a book's texts: up to four bytes of UTF-8, and three times as much markup."""


class Document(NamedTuple):
    """A document as it will be read aloud: never without anything in it, be it rows with errors."""

    contents: Contents
    front_matter: FrontMatter
    sha256: str


def read_document(
    path: Path, suffix: str, *, max_bytes: int, max_chars: int, max_book_bytes: int = 200 * 2**20
) -> Document:
    """Read the file at `path` as what `suffix`, one of `SUFFIXES` in any case, says.

    Raises UnreadableDocument (not what its suffix says, no file, no permission), TooLarge, NothingToSay, and
    BadRequest for front matter that is wrong.
    """
    kind = suffix.lower()
    if kind not in SUFFIXES:
        raise UnreadableDocument(f"files of type {suffix or 'none'} are not read; there are {', '.join(SUFFIXES)}")
    front_matter = FrontMatter()
    with _opened(path) as file:
        if kind == ".epub":
            _check_size(file, max_book_bytes, "max_book_bytes")
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            contents = _book(file, max_chars)
        else:
            _check_size(file, max_bytes, "max_file_bytes")
            data = file.read(max_bytes)
            sha256 = hashlib.sha256(data).hexdigest()
            front_matter, contents = _parse(data, kind)
    _check_speech(contents, max_chars)
    return Document(contents, front_matter, sha256)


@contextmanager
def _opened(path: Path) -> Generator[BufferedReader]:
    """`path` for reading: no symlink is followed, no pipe is waited for."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb", closefd=True) as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise UnreadableDocument("it is not a regular file; drop a copy of the text itself")
            yield file
    except OSError as error:
        raise UnreadableDocument(f"the file cannot be read: {os.strerror(error.errno or 0)}") from error


def _check_size(file: BufferedReader, most_bytes: int, key: str) -> None:
    size_bytes = os.fstat(file.fileno()).st_size
    if not size_bytes:
        raise NothingToSay("the file is empty; write the text to be spoken into it")
    if size_bytes > most_bytes:
        raise TooLarge(
            f"the file has {size_bytes} bytes; [limits] {key} allows {most_bytes}: split it, or raise the limit",
            param=f"limits.{key}",
        )


def _book(file: BufferedReader, max_chars: int) -> Text:
    from ttsd.ingest.epub import read_epub

    return read_epub(file, max_unpacked_bytes=max_chars * _UNPACKED_BYTES_PER_CHAR)


def _parse(data: bytes, kind: str) -> tuple[FrontMatter, Contents]:
    """Each parser is imported when its type comes: none is needed by most texts, and they take 20 to 60 ms."""
    match kind:
        case ".txt":
            front_matter, text = frontmatter.split(decode(data))
            return front_matter, Text(blocks(text), [])
        case ".md":
            from ttsd.ingest.markdown import markdown_blocks

            front_matter, text = frontmatter.split(decode(data))
            return front_matter, _headed(list(markdown_blocks(text, code=front_matter.code == "read")))
        case ".srt" | ".vtt":
            from ttsd.ingest.subtitles import read_subtitles

            return FrontMatter(), read_subtitles(decode(data), kind)
        case ".csv" | ".json" | ".jsonl":
            from ttsd.ingest.rows import spoken_table
            from ttsd.ingest.tables import rows

            return FrontMatter(), spoken_table(rows(decode(data), kind))
        case _:
            from ttsd.ingest.declared import decode_markup
            from ttsd.ingest.hypertext import read_html

            page = read_html(decode_markup(data))
            return FrontMatter(), _headed(page.blocks, page.title)


def _headed(found: list[Block], title: str = "") -> Text:
    return Text(found, headed(found), title)


def _check_speech(contents: Contents, max_chars: int) -> None:
    """Something is there, and not too much of it."""
    match contents:
        case Text(found):
            parts = [found]
        case Subtitles(cues):
            parts = [cue.blocks for cue in cues]
        case Table(rows):
            _check_rows(len(rows))
            parts = [row.blocks for row in rows]
    if not any(map(has_speech, parts)) and not isinstance(contents, Table):
        raise NothingToSay("the file has nothing to say: there is no letter and no digit in it to be spoken")
    _check_chars(sum(len(block.text) for part in parts for block in part), max_chars)


def _check_rows(rows: int) -> None:
    if rows > _MAX_ROWS:
        raise TooLarge(f"the table has {rows} rows; at most {_MAX_ROWS} are allowed, each gets a file: split it")


def _check_chars(chars: int, max_chars: int) -> None:
    if chars > max_chars:
        raise TooLarge(
            f"the document has {chars} characters; [limits] max_document_chars allows {max_chars}:"
            " split it, or raise the limit",
            param="limits.max_document_chars",
        )
