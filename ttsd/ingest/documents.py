"""Files of the inbox into blocks of text, and what their front matter asks for."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from ttsd.ingest import frontmatter
from ttsd.ingest.encoding import decode
from ttsd.protocol.errors import NothingToSay, TooLarge, UnreadableDocument
from ttsd.protocol.prep import FrontMatter
from ttsd.text.normalize import Block, blocks

SUFFIXES: Final = (".txt", ".md")


class Document(NamedTuple):
    """A document as it will be read aloud; `blocks` is never empty."""

    blocks: list[Block]
    front_matter: FrontMatter
    sha256: str


def read_document(path: Path, suffix: str, *, max_bytes: int, max_chars: int) -> Document:
    """Read the file at `path` as what `suffix` says.

    Raises UnreadableDocument (not text, no file, no permission), TooLarge, NothingToSay, and BadRequest for
    front matter that is wrong.
    """
    data = _bytes(path, max_bytes)
    if not data:
        raise NothingToSay("the file is empty; write the text to be spoken into it")
    front_matter, text = frontmatter.split(decode(data))
    if len(text) > max_chars:
        raise TooLarge(
            f"the document has {len(text)} characters; [limits] max_document_chars allows {max_chars}:"
            " split it, or raise the limit",
            param="limits.max_document_chars",
        )
    found = _parse(text, suffix)
    if not found:
        raise NothingToSay("the file has nothing to say: there is no letter and no digit in it to be spoken")
    return Document(found, front_matter, hashlib.sha256(data).hexdigest())


def _bytes(path: Path, max_bytes: int) -> bytes:
    try:
        with os.fdopen(_open_regular(path), "rb") as file:
            data = file.read(max_bytes + 1)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise UnreadableDocument(f"the file cannot be read: {os.strerror(error.errno or 0)}") from error
    if len(data) > max_bytes:
        raise TooLarge(
            f"the file has {size} bytes; [limits] max_file_bytes allows {max_bytes}: split it, or raise the limit",
            param="limits.max_file_bytes",
        )
    return data


def _open_regular(path: Path) -> int:
    """A descriptor of `path`: no symlink is followed, no pipe is waited for."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise UnreadableDocument("it is not a regular file; drop a copy of the text itself")
    return number


def _parse(text: str, suffix: str) -> list[Block]:
    match suffix.lower():
        case ".txt":
            return blocks(text)
        case ".md":
            # Parsing Markdown is needed by few texts; the import costs 30 ms.
            from ttsd.ingest.markdown import markdown_blocks

            return list(markdown_blocks(text))
        case _:
            raise UnreadableDocument(f"files of type {suffix or 'none'} are not read; there are {', '.join(SUFFIXES)}")
