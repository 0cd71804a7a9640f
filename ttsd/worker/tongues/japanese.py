"""Japanese in Kokoro's phonemes: words and readings by Sudachi's dictionary, long vowels and particles as spoken."""

import importlib
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ttsd.worker.tongues import counting, everyday, kana
from ttsd.worker.tongues.counting import Reading

_MARKS: Final = {
    **dict.fromkeys("、，､", ","), **dict.fromkeys("。．｡", "."), "！": "!", "？": "?", "：": ":", "；": ";",
    **dict.fromkeys("「『《【〈“(", "“"), **dict.fromkeys("」』》】〉”)", "”"), **dict.fromkeys("～〜—", "—"),
    "…": "…", "!": "!", "?": "?", ",": ",", ".": ".", ":": ":", ";": ";",
}  # fmt: skip
_FIGURES: Final = str.maketrans("0123456789０１２３４５６７８９", "〇一二三四五六七八九" * 2)
_PARTICLES: Final = {"ハ": "ワ", "ヘ": "エ", "ヲ": "オ"}
_VOLITION: Final = "意志"
_BESIDE: Final = frozenset("“")
_JOINS_WORD_BEFORE: Final = frozenset(("助動詞", "助詞", "接尾辞"))
_JOINS_WORD_BEHIND: Final = "接頭辞"
_APART: Final = {
    "女王": "ジョオー", "里親": "サトオヤ", "場合": "バアイ", "井上": "イノウエ", "子牛": "コウシ", "小売": "コウリ",
    "小売り": "コウリ", "毛糸": "ケイト", "湖": "ミズウミ",
}  # fmt: skip
"""Where two vowels that would be a long one belong to two parts of a word."""
_Found = tuple[Reading, tuple[str, ...]]
"""A word of the dictionary, and its parts of speech."""


class Word(NamedTuple):
    """A word of a text, how it sounds in katakana (`ー`: the second half of a long vowel), and its parts of speech."""

    surface: str
    kana: str
    kind: tuple[str, ...]


class Japanese:
    """Owns the dictionary; `latin` gives the phonemes of letters and words that stand in the text."""

    def __init__(self, latin: Callable[[str], str]) -> None:
        self._latin = latin
        sudachi: Any = importlib.import_module("sudachipy")
        self._tokenizer: Any = sudachi.Dictionary(dict="small").tokenizer(mode=sudachi.SplitMode.C)
        self._lock = threading.Lock()  # a tokenizer keeps what it works on

    def phonemes(self, text: str) -> str:
        """Words separated by spaces, with their punctuation."""
        return " ".join("".join(self._pieces(self.words(text))).split()).replace("“ ", "“")

    def reading(self, text: str) -> str:
        """Kana as they are said; empty when there are none."""
        return kana.phonemes(kana.lengthened(kana.katakana(unicodedata.normalize("NFKC", text))))

    def words(self, text: str) -> list[Word]:
        """What `text` says, word by word: numbers and everyday words by rules, all else by the dictionary."""
        text = text.translate(_FIGURES)
        with self._lock:
            found = [
                (Reading(word.begin(), word.end(), word.reading_form()), word.part_of_speech())
                for word in self._tokenizer.tokenize(text)
            ]
        ours = {reading.start: reading for reading in (*counting.readings(text), *everyday.readings(text))}
        return list(_words(text, found, ours))

    def _pieces(self, words: Sequence[Word]) -> Iterator[str]:
        said, joins = "", False
        for word in words:
            if word.kana:
                said += word.kana if joins or word.kind[0] in _JOINS_WORD_BEFORE else f" {word.kana}"
                joins = word.kind[0] == _JOINS_WORD_BEHIND
            else:
                yield kana.phonemes(said)
                yield self._between(word.surface)
                said, joins = "", False
        yield kana.phonemes(said)

    def _between(self, surface: str) -> str:
        """A mark, or letters; nothing for signs that are not said."""
        if (mark := _MARKS.get(surface)) is not None:
            return f" {mark}" if mark in _BESIDE else f"{mark} "
        letters = unicodedata.normalize("NFKC", surface)
        return f" {self._latin(letters)}" if letters.isascii() and letters.isalpha() else ""


def _words(text: str, found: Sequence[_Found], ours: Mapping[int, Reading]) -> Iterator[Word]:
    """`found` by the dictionary; instead of it what `ours` has by its start, unless a word reaches across its end."""
    ends = {reading.end for reading, _ in found}
    until = 0
    for reading, kind in found:
        if reading.start < until:
            continue
        better = ours.get(reading.start)
        if better is not None and better.end in ends:
            until = better.end
            yield Word(text[better.start : until], kana.lengthened(better.kana), kind)
        else:
            surface = text[reading.start : reading.end]
            yield Word(surface, _sound(surface, reading.kana, kind), kind)


def _sound(surface: str, reading: str, kind: tuple[str, ...]) -> str:
    """A word as it sounds; empty for marks, letters, and what is not said."""
    if surface in _MARKS or unicodedata.normalize("NFKC", surface).isascii():
        return ""
    reading = reading or kana.katakana(surface)
    if kind[0] == "助詞":
        return _PARTICLES.get(reading, reading)
    if surface in _APART:
        return _APART[surface]
    if kind[0] == "動詞" and reading.endswith("ウ") and not kind[5].startswith(_VOLITION):  # 思う: a vowel of its own
        return kana.lengthened(reading[:-1]) + "ウ"
    return kana.lengthened(reading)
