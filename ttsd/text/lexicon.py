"""Words of a lexicon in a text: the longest entry at each place, in time that hardly depends on how many there are."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from ttsd.protocol.lexicon import Entry
from ttsd.protocol.speech import Span
from ttsd.text.markup import Mark
from ttsd.text.pronunciation import Reading, reading
from ttsd.text.scripts import CJK

_BEGINS: Final = re.compile(rf"[{CJK}]|(?:(?![{CJK}_])\w)+|[^\w\s]|_")
"""Where an entry can begin that does not stand inside a word."""
_IS_CJK: Final = re.compile(f"[{CJK}]")


class Hit(NamedTuple):
    """A stretch of a text that an entry speaks for."""

    start: int
    end: int
    reading: Reading
    entry: str
    """As `written=spoken`."""


class Layer:
    """One lexicon, made ready for searching: entries by their letters, their lengths by the first two."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self.inside = False
        """Whether some entries match inside words."""
        lengths: dict[str, set[int]] = {}
        for entry in entries:
            letters = folded(unicodedata.normalize("NFC", entry.written))
            self._entries.setdefault(letters, []).append(entry)
            self.inside = self.inside or not entry.whole
            lengths.setdefault(letters[:2], set()).add(len(letters))
        for found in self._entries.values():
            # The more exactly an entry says where it is meant, the earlier it is asked.
            found.sort(key=lambda entry: (not entry.language, not entry.case))
        self._lengths = {start: sorted(those, reverse=True) for start, those in lengths.items()}

    def find(self, text: str, letters: str, at: int, language: str, end: int) -> tuple[int, Entry] | None:
        """The longest entry that speaks for `text` at `at`, up to `end` at most, and its length."""
        for start in (letters[at : at + 2], letters[at]):
            for length in self._lengths.get(start, ()):
                for entry in self._entries.get(letters[at : at + length], ()) if at + length <= end else ():
                    if _fits(entry, text, at, length, language):
                        return length, entry
        return None


class Lexicon:
    """The lexicons that a text is read with, the one that goes before the others first."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._inside = any(layer.inside for layer in layers)

    def find(self, spans: Sequence[Span], marks: Sequence[Mark] = ()) -> list[Hit]:
        """What the entries say of the text of `spans`, except where there are `marks`; in order, without overlap."""
        text = "".join(span.text for span in spans)
        letters = folded(text)
        starts = list(accumulate((len(span.text) for span in spans), initial=0))
        found: list[Hit] = []
        free, ahead = 0, [*marks]
        for at in range(len(text)) if self._inside else _begins(text):
            while ahead and ahead[0].start <= at:
                free = max(free, ahead.pop(0).end)
            if at < free:
                continue
            language = spans[bisect_right(starts, at) - 1].language
            match = self._longest(text, letters, at, language, ahead[0].start if ahead else len(text))
            if match is not None and (said := _reading(match[1])):
                free = at + match[0]
                found.append(Hit(at, free, said, str(match[1])))
        return found

    def _longest(self, text: str, letters: str, at: int, language: str, end: int) -> tuple[int, Entry] | None:
        best: tuple[int, Entry] | None = None
        for layer in self._layers:
            match = layer.find(text, letters, at, language, end)
            if match is not None and (best is None or match[0] > best[0]):
                best = match
        return best


def _begins(text: str) -> Iterator[int]:
    for match in _BEGINS.finditer(text):
        yield match.start()


def folded(text: str) -> str:
    """`text` in small letters, each in its place: a letter that would become two stays as it is."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _fits(entry: Entry, text: str, at: int, length: int, language: str) -> bool:
    if entry.language and entry.language != language:
        return False
    if entry.case and text[at : at + length] != entry.written:
        return False
    end = at + length
    return not entry.whole or not (_joined(text[at - 1 : at], text[at]) or _joined(text[end - 1], text[end : end + 1]))


def _joined(left: str, right: str) -> bool:
    """Whether the characters are of one word; writing without spaces has no words in this sense."""
    return _in_word(left) and _in_word(right)


@lru_cache(4096)
def _in_word(character: str) -> bool:
    if not character or _IS_CJK.match(character):
        return False
    return character.isalnum() or unicodedata.category(character)[0] == "M"


@lru_cache(16_384)
def _reading(entry: Entry) -> Reading | None:
    return reading(entry.written, entry.spoken)
