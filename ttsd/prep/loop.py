"""What the prep program answers: texts and documents become segments."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import assert_never

from ttsd.ingest.documents import read_document
from ttsd.ingest.prepared import prepared
from ttsd.prep.serving import serve
from ttsd.prep.shelf import Shelf
from ttsd.protocol.errors import TtsdError, UnreadableDocument
from ttsd.protocol.prep import (
    FromPrep,
    Prepared,
    PrepareDocument,
    PrepareText,
    PrepFailed,
    PrepPing,
    PrepPong,
    ToPrep,
)
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.segment import text_segments


def main() -> int:
    """Serve the inherited channel; exit status 0 when the daemon closes it."""
    return serve(ToPrep, partial(answer, shelf=Shelf()), when_quiet=_warmed())


def _warmed() -> Iterator[None]:
    """Have each language's forms at hand before its first text: they take some 100 ms."""
    for language in LANGUAGES:
        text_segments("1", language)
        yield


def answer(message: ToPrep, shelf: Shelf | None = None) -> FromPrep:
    """What `message` is answered with; failures of the request are answers too. Lexicons come from `shelf`."""
    try:
        return _prepare(message, shelf or Shelf())
    except TtsdError as error:
        return PrepFailed(message.id, error.body())
    except (MemoryError, RecursionError) as error:
        what = "memory" if isinstance(error, MemoryError) else "nesting"
        failure = UnreadableDocument(f"the text needs more {what} than one document may use; split it")
        return PrepFailed(message.id, failure.body())


def _prepare(message: ToPrep, shelf: Shelf) -> FromPrep:
    match message:
        case PrepPing():
            return PrepPong(message.id)
        case PrepareText():
            lexicon = shelf.lexicon(message.lexicon)
            return Prepared(message.id, text_segments(message.text, message.language, lexicon, message.prior))
        case PrepareDocument():
            return _document(message, shelf)
        case _:
            assert_never(message)


def _document(message: PrepareDocument, shelf: Shelf) -> Prepared:
    document = read_document(
        Path(message.path),
        message.suffix,
        max_bytes=message.max_bytes,
        max_chars=message.max_chars,
        max_book_bytes=message.max_book_bytes,
    )
    return prepared(message.id, document, message.language, partial(shelf.lexicon, message.lexicon))
