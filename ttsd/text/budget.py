"""How much text one segment holds, and the best place to cut text that is too much."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ttsd.text.abbreviations import may_need_more
from ttsd.text.enclosed import enclosed
from ttsd.text.scripts import CJK

MAX_CJK: Final = 45
MAX_WORDS: Final = 30
MAX_LETTERS: Final = 220
"""Letters and digits of scripts that are not CJK; punctuation and spaces cost nothing."""

_IS_CJK: Final = re.compile(f"[{CJK}]")
_CLOSERS: Final = "\"'”’»)\\]"
_CJK_CLOSERS: Final = "」』”’）》】〉"
_CUT: Final = re.compile(
    rf"(?P<sentence>[.!?…]+[{_CLOSERS}]*(?=\s)|[。！？…]+[{_CJK_CLOSERS}]*)"
    rf"|(?P<part>[;:—–][{_CLOSERS}]*(?=\s)|[；：—]+[{_CJK_CLOSERS}]*(?!\d))"
    rf"|(?P<clause>[,)\]][{_CLOSERS}]*(?=\s)|[，、）][{_CJK_CLOSERS}]*(?!\d))"
    rf"|(?P<space>(?<!\d)\s|\s(?!\d))"
    rf"|(?P<character>[{CJK}](?=[{CJK}]))"
)
_RANKS: Final = {"sentence": 0, "part": 1, "clause": 2, "space": 3, "character": 4}
_NUMBER_UNDER_WAY: Final = re.compile(r"\d[\d.,:]*$")
_INSIDE_QUOTES: Final = 3
"""Rank added to a cut inside quotation marks or brackets: any cut between words outside them is better."""


class _Load:
    """What a growing stretch of text costs; full when one more character is over the budget."""

    def __init__(self) -> None:
        self._cjk = 0
        self._letters = 0
        self._words = 0
        self._in_word = False

    def add(self, character: str) -> bool:
        """Count `character`; whether the stretch is still within the budget."""
        if not character.isalnum():
            self._in_word = self._in_word and not character.isspace()
            return True
        if _IS_CJK.match(character):
            self._cjk += 1
        else:
            self._letters += 1
        if not self._in_word:
            self._words += 1
            self._in_word = True
        return self._words <= MAX_WORDS and self._cjk * MAX_LETTERS + self._letters * MAX_CJK <= MAX_CJK * MAX_LETTERS


def overflow(text: str, start: int = 0) -> int | None:
    """Index of the first character from `start` on that is over the budget; `None` when all of it fits."""
    if _surely_fits(text[start : start + MAX_LETTERS + 1]):
        return None
    load = _Load()
    for index in range(start, len(text)):
        if not load.add(text[index]):
            return index
    return None


def _surely_fits(text: str) -> bool:
    """Decides most sentences without looking at each character."""
    if len(text) > MAX_LETTERS or len(text.split()) > MAX_WORDS:
        return False
    return len(text) <= MAX_CJK or text.isascii()


class _Cut(NamedTuple):
    at: int
    rank: int


def best_cut(text: str, limit: int, target: float) -> int:
    """Where to cut `text`, at most at `limit`: after punctuation, else between words, never inside a number.

    Of equally good places the one nearest to `target`; places outside quotation marks before those inside.
    Only a word or a number that is longer than the budget is cut in the middle.
    """
    quoted = [(each.start, each.end) for each in enclosed(text)]
    cuts = [
        _Cut(cut.at, cut.rank + _INSIDE_QUOTES * any(a < cut.at < b for a, b in quoted)) for cut in _cuts(text, limit)
    ]
    late = [cut for cut in cuts if cut.at >= target / 2]
    if late:
        return min(late, key=lambda cut: (cut.rank, abs(cut.at - target))).at
    number = _NUMBER_UNDER_WAY.search(text, 0, limit)
    whole = number.start() if number and text[limit].isdigit() else limit
    return max((cut.at for cut in cuts), default=whole or limit)


def _cuts(text: str, limit: int) -> Iterator[_Cut]:
    for match in _CUT.finditer(text):
        at, kind = match.end(), match.lastgroup or ""
        if at > limit:
            return
        if kind not in {"sentence", "space"} or not may_need_more(text[:at].rstrip()):
            yield _Cut(at, _RANKS[kind])
