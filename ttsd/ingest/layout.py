"""What Markdown and HTML share: lines with hard breaks, headings, rows of a table, as they are read aloud."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ttsd.text.normalize import Block, Kind, block, join_lines, speakable

LINE_END: Final = "\0"
"""Stands for a hard line break; neither CommonMark nor HTML leaves a NUL in a text."""
CHAPTER_LEVELS: Final = 2
"""Headings down to this level begin chapters."""

_HEADINGS: Final = frozenset({Kind.CHAPTER, Kind.HEADING})
_BREAK_AFTER_WORD: Final = re.compile(rf"(?<=\w){LINE_END}")


def heading_kind(tag: str) -> Kind:
    """Of `h1` to `h6`."""
    return Kind.CHAPTER if int(tag[1:]) <= CHAPTER_LEVELS else Kind.HEADING


def lines(text: str, kind: Kind) -> Iterator[Block]:
    """`text` as a block of `kind`, after its lines before a `LINE_END`; a heading stays one."""
    if LINE_END not in text:
        yield from block(_joined(text), kind)
        return
    if kind in _HEADINGS:
        text = _BREAK_AFTER_WORD.sub(", ", text).replace(LINE_END, " ")
    *above, last = (_joined(line) for line in text.split(LINE_END))
    for line in above:
        yield from block(line, Kind.LINE)
    yield from block(last, kind)


def _joined(text: str) -> str:
    """Lines that the editor broke, as one."""
    return join_lines([stripped for line in text.split("\n") if (stripped := line.strip())]) if "\n" in text else text


def row(cells: Sequence[str]) -> Iterator[Block]:
    """A row as a sentence: its cells with pauses between them."""
    yield from block(", ".join(filter(speakable, cells)) + ".", Kind.LINE)


def joined(cells: Iterable[Block]) -> Block:
    """The same of cells that are blocks already."""
    return Block(", ".join(cell.text for cell in cells) + ".", Kind.LINE)
