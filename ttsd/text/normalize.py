"""Plain text as it arrives into clean blocks: what a person reading aloud would see, and nothing else."""

import enum
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ttsd.text.markup import has_pause, marked, only_pauses
from ttsd.text.scripts import CJK


class Kind(enum.Enum):
    """What a block is; decides the pause after it."""

    CHAPTER = "chapter"
    """A heading with which a chapter begins."""
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LINE = "line"
    """A list item, a table row, a line of verse: a break, but not a new paragraph."""


class Block(NamedTuple):
    """A stretch of clean text without line breaks: something speakable, or nothing but a silence (`[pause 1s]`)."""

    text: str
    """As `markup.marked` makes it; `markup.plain` shows it as it is read."""
    kind: Kind = Kind.PARAGRAPH


_LINE_BREAK: Final = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINE: Final = re.compile(r"\n[ \t\u00a0\u3000]*\n\s*")
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u20e3\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Marks and letters without a shape; what `str.isprintable` denies (controls, formats, unassigned) goes too."""
_PICTURES: Final = re.compile(
    "[\u2022\u2043\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001fbff]"
)
"""Emoji, arrows, bullets, boxes, dingbats: seen, not said."""
_SPACES: Final = re.compile(r"\s+")
_DOTS: Final = re.compile(r"\.(?: ?\.){2,}|[。…][.。…]+")
_SAME_AGAIN: Final = re.compile(r"([!?,;:，、；：！？])(?: ?\1)+")
_RULE: Final = re.compile(r"([-=_*~#+|^/\\<>·—–])(?: ?\1){2,}")
_TOO_MANY: Final = re.compile(r"((?:(?:[^\w\s]|_) ?){8})(?:(?:[^\w\s]|_) ?)+")
_BETWEEN_CJK: Final = re.compile(f"(?<=[{CJK}，。！？、；：」』）])\n(?=[{CJK}「『（])")
_BEFORE_CJK_MARK: Final = re.compile(f"(?<=[{CJK}]) (?=[，。！？、；：」』）])")
"""Where a picture stood."""
_WRAP_MIN: Final = 40
_WRAP_MAX: Final = 120


def speakable(text: str) -> bool:
    """Whether anything in `text` has a sound: a letter or a digit of any script."""
    return any(map(str.isalnum, text))


def clean(text: str) -> str:
    """One line of `text`: composed, without invisible characters and pictures, punctuation tamed."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _PICTURES.sub(" ", _INVISIBLE.sub("", text))
    text = _SPACES.sub(" ", text).strip()
    if not text.isprintable():
        text = " ".join("".join(filter(str.isprintable, text)).split())
    if text and not text.replace(" ", "").isalnum():
        text = _tame(text)
    return text


def _tame(text: str) -> str:
    text = _DOTS.sub("…", text)
    text = _SAME_AGAIN.sub(r"\1", text)
    text = _RULE.sub(" ", text)
    text = _TOO_MANY.sub(r"\1 ", text)
    text = _BEFORE_CJK_MARK.sub("", text)
    return _SPACES.sub(" ", text).strip()


def block(text: str, kind: Kind = Kind.PARAGRAPH) -> Iterator[Block]:
    """`text` as one block; none when nothing speakable is left of it, and no silence."""
    yield from marked_block(marked(clean(text)), kind)


def marked_block(text: str, kind: Kind = Kind.PARAGRAPH) -> Iterator[Block]:
    """The same of `text` that is clean and marked, or of several such joined."""
    if speakable(text):
        yield Block(text, kind)
    elif has_pause(text):
        yield Block(only_pauses(text))


def has_speech(found: Iterable[Block]) -> bool:
    """Whether any of it has a sound."""
    return any(speakable(each.text) for each in found)


def blocks(text: str) -> list[Block]:
    """Plain text in paragraphs (a blank line ends one) and lines; empty when nothing is speakable."""
    if "\n" not in text and "\r" not in text and text.isprintable():
        return list(block(text))
    text = _LINE_BREAK.sub("\n", text)
    found: list[Block] = []
    for paragraph in _BLANK_LINE.split(text):
        *lines, last = unwrap(paragraph.strip("\n").split("\n"))
        for line in lines:
            found += block(line, Kind.LINE)
        found += block(last)
    return found


def unwrap(lines: list[str]) -> list[str]:
    """`lines` of one paragraph, joined where an editor wrapped them.

    A break is a wrap when the next line's first word had no room; else the author meant it (verse, lists,
    addresses), and it stays.
    """
    width = max(map(_columns, lines))
    if len(lines) == 1 or not _WRAP_MIN <= width <= _WRAP_MAX:
        return lines
    joined = [[lines[0].strip()]]
    for above, line in itertools.pairwise(lines):
        if _columns(above.rstrip()) + 1 + _first_word(line) > width:
            joined[-1].append(line.strip())
        else:
            joined.append([line.strip()])
    return [join_lines(parts) for parts in joined]


def join_lines(lines: list[str]) -> str:
    """The lines of one sentence as one: with spaces, but not between CJK characters."""
    return _BETWEEN_CJK.sub("", "\n".join(lines)).replace("\n", " ")


def _columns(line: str) -> int:
    """Width on a terminal: CJK characters take two columns."""
    return len(line) if line.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _first_word(line: str) -> int:
    words = line.split(maxsplit=1)
    if not words:
        return 0
    return 2 if unicodedata.east_asian_width(words[0][0]) in "WF" else _columns(words[0])
