"""What was heard, held against what was to be said: words or characters that differ, however they are written."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from ttsd.text.segment import text_segments

BY_CHARACTER: Final = ("zh", "ja", "ko")
"""Where words are not told apart by spaces alike by everybody, characters are counted."""


class Errors(NamedTuple):
    """How many of how many words or characters were heard wrongly."""

    wrong: int
    of: int


def errors(said: str, heard: str, language: str) -> Errors:
    """The fewer of two counts: one text against the other, and both with figures in words as our front end has them.

    Whether somebody writes “28” or “twenty-eight” is no matter of hearing. A front end that says a figure wrongly
    is still found: then neither the figure nor its words are what was heard.
    """
    pairs = ((said, heard), (in_words(said, language), in_words(heard, language)))
    counts = [count(units(one, language), units(other, language)) for one, other in pairs]
    return min(counts, key=lambda each: each.wrong / max(1, each.of))


def in_words(text: str, language: str) -> str:
    """What the front end gives to an engine for `text`."""
    if not any(map(str.isalnum, text)):
        return ""
    return " ".join(segment.spoken for segment in text_segments(text, language))


def units(text: str, language: str) -> list[str]:
    """The words of a text, or its characters; letters and digits alone count, however they are written."""
    return list(letters(text)) if language in BY_CHARACTER else re.findall(r"[^\W_]+", _folded(text))


def distance(said: Sequence[str], heard: Sequence[str], *, anywhere: bool = False) -> int:
    """Fewest units to insert, delete or replace; `anywhere`: what is heard before and after costs nothing."""
    row = [0 if anywhere else place for place in range(len(heard) + 1)]
    for above, unit in enumerate(said, 1):
        corner, row[0] = row[0], above
        for left, other in enumerate(heard, 1):
            corner, row[left] = row[left], min(row[left] + 1, row[left - 1] + 1, corner + (unit != other))
    return min(row) if anywhere else row[-1]


def count(said: Sequence[str], heard: Sequence[str]) -> Errors:
    """Of one against the other, unit by unit."""
    return Errors(distance(said, heard), len(said))


def _folded(text: str) -> str:
    """Without case, marks of width, apostrophes; ё is е, as Russians write it."""
    plain = re.sub(r"(?<=\w)['’](?=\w)", "", unicodedata.normalize("NFKC", text).casefold())
    return plain.replace("ё", "е")


def letters(text: str) -> str:
    """Letters and digits alone, folded."""
    return "".join(filter(str.isalnum, _folded(text)))
