"""Japanese in Kokoro's phonemes: words and readings by Sudachi's dictionary, long vowels and particles as spoken."""

import importlib
import threading
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, Final

from ttsd.worker.tongues import kana

_MARKS: Final = {
    **dict.fromkeys("、，､", ","), **dict.fromkeys("。．｡", "."), "！": "!", "？": "?", "：": ":", "；": ";",
    **dict.fromkeys("「『《【〈“(", "“"), **dict.fromkeys("」』》】〉”)", "”"), **dict.fromkeys("～〜—", "—"),
    "…": "…", "!": "!", "?": "?", ",": ",", ".": ".", ":": ":", ";": ";",
}  # fmt: skip
_PARTICLES: Final = {"ハ": "ワ", "ヘ": "エ", "ヲ": "オ"}
_VOLITION: Final = "意志"
_BESIDE: Final = frozenset("“")
_JOINS_WORD_BEFORE: Final = frozenset(("助動詞", "助詞", "接尾辞"))


class Japanese:
    """Owns the dictionary; `latin` gives the phonemes of letters and words that stand in the text."""

    def __init__(self, latin: Callable[[str], str]) -> None:
        self._latin = latin
        sudachi: Any = importlib.import_module("sudachipy")
        self._tokenizer: Any = sudachi.Dictionary(dict="small").tokenizer(mode=sudachi.SplitMode.C)
        self._lock = threading.Lock()  # a tokenizer keeps what it works on

    def phonemes(self, text: str) -> str:
        """Words separated by spaces, with their punctuation."""
        with self._lock:
            words = [
                (word.surface(), word.reading_form(), word.part_of_speech()) for word in self._tokenizer.tokenize(text)
            ]
        return "".join(self._pieces(words)).strip()

    def reading(self, text: str) -> str:
        """Kana as they are said; empty when there are none."""
        return kana.phonemes(kana.lengthened(kana.katakana(unicodedata.normalize("NFKC", text))))

    def _pieces(self, words: list[tuple[str, str, tuple[str, ...]]]) -> Iterator[str]:
        for surface, reading, kind in words:
            sound = self._sound(surface, reading, kind)
            if sound in _MARKS.values():
                yield f" {sound}" if sound in _BESIDE else f"{sound} "
            else:
                yield sound if kind[0] in _JOINS_WORD_BEFORE else f" {sound}"

    def _sound(self, surface: str, reading: str, kind: tuple[str, ...]) -> str:
        if surface in _MARKS:
            return _MARKS[surface]
        letters = unicodedata.normalize("NFKC", surface)
        if letters.isascii():
            return self._latin(letters).strip(" .") if letters.isalpha() else ""
        return kana.phonemes(_spoken(reading or kana.katakana(surface), kind))


def _spoken(reading: str, kind: tuple[str, ...]) -> str:
    """A word's reading as it sounds."""
    if kind[0] == "助詞":
        return _PARTICLES.get(reading, reading)
    if kind[0] == "動詞" and reading.endswith("ウ") and not kind[5].startswith(_VOLITION):  # 思う: a vowel of its own
        return kana.lengthened(reading[:-1]) + "ウ"
    return kana.lengthened(reading)
