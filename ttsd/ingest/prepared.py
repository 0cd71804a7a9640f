"""A document's contents into segments, and where its chapters, subtitles and rows lie in them."""

import itertools
from collections.abc import Callable
from typing import assert_never

import msgspec

from ttsd.ingest.contents import SpokenRow, Subtitles, Table, Text
from ttsd.ingest.documents import Document
from ttsd.protocol.errors import ErrorBody, TtsdError
from ttsd.protocol.prep import Chapter, Prepared, Row, Slot
from ttsd.protocol.speech import Segment
from ttsd.text.lexicon import Lexicon
from ttsd.text.segment import prior_language, segments, segments_by_block

LexiconOf = Callable[[str], Lexicon | None]
"""The lexicon for a voice by its name; an empty one is the voice that is meant where a document names none."""


def _none(_voice: str) -> None:
    return None


def prepared(number: int, document: Document, language: str, lexicon_of: LexiconOf = _none) -> Prepared:
    """The answer to request `number`; `language` is meant where the document names none. Raises UnsupportedLanguage."""
    language = document.front_matter.language or language
    lexicon = lexicon_of(document.front_matter.voice or "")
    match document.contents:
        case Text() as text:
            answer = _text(number, text, language, lexicon)
        case Subtitles() as subtitles:
            answer = _subtitles(number, subtitles, language, lexicon)
        case Table() as table:
            answer = _table(number, table, language, lexicon_of)
        case _:
            assert_never(document.contents)
    return msgspec.structs.replace(answer, front_matter=document.front_matter, sha256=document.sha256)


def _text(number: int, text: Text, language: str, lexicon: Lexicon | None) -> Prepared:
    spoken = segments_by_block(text.blocks, language, lexicon=lexicon)
    first = [0, *itertools.accumulate(map(len, spoken))]
    chapters = tuple(Chapter(mark.title, first[mark.block]) for mark in text.chapters)
    joined = tuple(itertools.chain.from_iterable(spoken))
    return Prepared(number, joined, chapters=chapters, title=text.title, author=text.author)


def _subtitles(number: int, subtitles: Subtitles, language: str, lexicon: Lexicon | None) -> Prepared:
    """Each cue ends as a text does: what comes after it is decided by its time."""
    prior = prior_language([block for cue in subtitles.cues for block in cue.blocks])
    spoken: list[Segment] = []
    slots: list[Slot] = []
    for cue in subtitles.cues:
        slots.append(Slot(len(spoken), cue.start_s, cue.end_s))
        spoken += segments(cue.blocks, language, prior=prior, lexicon=lexicon)
    return Prepared(number, tuple(spoken), slots=tuple(slots))


def _table(number: int, table: Table, language: str, lexicon_of: LexiconOf) -> Prepared:
    spoken: list[Segment] = []
    rows: list[Row] = []
    for row in table.rows:
        its_segments, error = _row(row, language, lexicon_of)
        rows.append(
            Row(row.number, row.name, len(spoken), len(its_segments), row.voice, row.language, row.format, error)
        )
        spoken += its_segments
    return Prepared(number, tuple(spoken), rows=tuple(rows))


def _row(row: SpokenRow, language: str, lexicon_of: LexiconOf) -> tuple[tuple[Segment, ...], ErrorBody | None]:
    """Its segments, or why there are none. Its language is found out by itself, whatever stands in other rows."""
    if row.error is not None:
        return (), row.error
    try:
        return segments(row.blocks, row.language or language, lexicon=lexicon_of(row.voice or "")), None
    except TtsdError as error:
        return (), error.body()
