"""Which word of a phrase is heard now. Pure.

The daemon tells no times of words, so they are estimated: every word weighs what it takes to say it (letters, or
characters where a character is a syllable), and the phrase's sound, its silences left out, is shared out by weight.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

import msgspec

from tui.recording import WINDOW, WINDOW_S
from tui.take import Take

WIDE: Final = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Kana and Han: written without spaces, so groups of them take the place of words."""
GROUP: Final = 2
"""Characters of a group: most words of Chinese have two."""
_WORDS: Final = re.compile(rf"[{WIDE}]{{1,{GROUP}}}[^\w\s]*|(?:(?![{WIDE}])\S)+")

LETTER: Final = 1.0
SYLLABLE: Final = 2.6
"""A Han character, or a block of Hangul."""
KANA: Final = 1.6
DIGIT: Final = 4.0
"""Read out, a digit is a word."""
MARK: Final = 0.5
WORD: Final = 0.7
"""Of each word, however short."""

AUDIBLE: Final = 0.02
"""The level (0..1) from which a window of sound is speech."""
CLOSING: Final = 3
"""So many silent windows at its end are the pause that closes a phrase: no more of it comes."""
SECONDS_PER_LETTER: Final = 0.065
"""Of a phrase whose sound is still coming in."""

Place = tuple[int, int]
"""From one character of a phrase to another."""


class Words(msgspec.Struct, frozen=True):
    """The words of a phrase, and the weight up to the end of each."""

    places: tuple[Place, ...]
    sums: tuple[float, ...]

    @property
    def weight(self) -> float:
        return self.sums[-1] if self.sums else 0.0


@lru_cache(maxsize=64)
def words_of(text: str) -> Words:
    """The words of `text` and what they weigh."""
    found = list(_WORDS.finditer(text))
    weights = [WORD + sum(map(_weight, word.group())) for word in found]
    return Words(tuple(word.span() for word in found), tuple(accumulate(weights)))


def _weight(letter: str) -> float:
    if letter.isdigit():
        return DIGIT
    if "\u3040" <= letter <= "\u30ff":
        return KANA
    if unicodedata.category(letter) == "Lo" and unicodedata.east_asian_width(letter) == "W":
        return SYLLABLE
    return LETTER if letter.isalpha() else MARK


def word_at(text: str, fraction: float) -> Place:
    """The word that is said when `fraction` (0..1) of a phrase was said; an empty place where it has none."""
    words = words_of(text)
    if not words.places:
        return 0, 0
    return words.places[min(bisect_right(words.sums, fraction * words.weight), len(words.places) - 1)]


def said(text: str, levels: Sequence[float], heard_windows: float, *, whole: bool) -> float:
    """The fraction of `text` that was said once `heard_windows` of its sound were heard.

    `levels` is its envelope as far as it has come; while it is not `whole`, its length is guessed from the text.
    """
    full = int(heard_windows)
    loud = sum(level >= AUDIBLE for level in levels[:full])
    if full < len(levels) and levels[full] >= AUDIBLE:
        loud += heard_windows - full
    total = float(sum(level >= AUDIBLE for level in levels))
    if not whole:
        total = max(total, words_of(text).weight * SECONDS_PER_LETTER / WINDOW_S)
    return min(1.0, loud / total) if total else 0.0


def word_heard(take: Take, place: int, envelope: Sequence[float], heard: int) -> Place:
    """The word of the phrase at `place` that sounds at sample `heard`."""
    phrase = take.phrases[place]
    last = place + 1 == len(take.phrases)
    end = take.samples if last else take.phrases[place + 1].start
    levels = envelope[phrase.start // WINDOW : -(-end // WINDOW)]
    whole = not (last and take.active) or max(levels[-CLOSING:], default=1.0) < AUDIBLE
    fraction = said(phrase.text, levels, heard / WINDOW - phrase.start // WINDOW, whole=whole)
    return word_at(phrase.text, fraction)
