"""What a document holds, before it becomes segments."""

from collections.abc import Sequence
from typing import NamedTuple

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.speech import FileFormat
from ttsd.text.markup import plain
from ttsd.text.normalize import Block, Kind


class Mark(NamedTuple):
    """A chapter: it begins with the block of this number."""

    title: str
    block: int


class Text(NamedTuple):
    """A text from its beginning to its end: notes, pages, books."""

    blocks: list[Block]
    chapters: list[Mark]
    title: str = ""
    author: str = ""


class Cue(NamedTuple):
    """A subtitle and its time; `blocks` is never empty, and `end_s` not before `start_s`."""

    blocks: list[Block]
    start_s: float
    end_s: float


class Subtitles(NamedTuple):
    """Subtitles, in the order of their starts."""

    cues: list[Cue]


class SpokenRow(NamedTuple):
    """A text with a file of its own; without blocks when there is an `error`."""

    number: int
    """Counted from 1, the header apart."""
    name: str
    """Of its file; see `ttsd.protocol.prep.Row`."""
    blocks: list[Block]
    voice: str | None = None
    language: str | None = None
    """A code or `auto`."""
    format: FileFormat | None = None
    error: ErrorBody | None = None


class Table(NamedTuple):
    """Texts of which each gets a file of its own."""

    rows: list[SpokenRow]


Contents = Text | Subtitles | Table


def headed(blocks: Sequence[Block]) -> list[Mark]:
    """The chapters that begin with headings."""
    return [Mark(plain(block.text), number) for number, block in enumerate(blocks) if block.kind is Kind.CHAPTER]
