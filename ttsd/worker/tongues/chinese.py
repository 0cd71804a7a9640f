"""Mandarin in Kokoro's phonemes: words by jieba's dictionary, their pinyin, and its sounds.

The sounds are those of any phonology of Standard Chinese (Duanmu 2007, Lin 2007), tones written as arrows.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

_INITIALS: Final = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
_FINALS: Final = {
    "a": "a", "ai": "ai", "an": "an", "ang": "aŋ", "ao": "au", "e": "ɤ", "ê": "ɛ", "ei": "ei", "en": "ən",
    "eng": "əŋ", "er": "ɚ", "i": "i", "ia": "ja", "ian": "jɛn", "iang": "jaŋ", "iao": "jau", "ie": "je", "in": "in",
    "ing": "iŋ", "io": "jɔ", "iong": "jʊŋ", "iou": "jou", "o": "wo", "ong": "ʊŋ", "ou": "ou", "u": "u", "ua": "wa",
    "uai": "wai", "uan": "wan", "uang": "waŋ", "uei": "wei", "uen": "wən", "ueng": "wəŋ", "uo": "wo", "ü": "y",
    "üan": "ɥɛn", "üe": "ɥe", "ün": "yn", "n": "n", "ng": "ŋ", "m": "m",
}  # fmt: skip
_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_HISSING: Final = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
_CODA: Final = re.compile(r"(?<=.)[nŋ]$")
_PIECES: Final = re.compile(r"(?P<han>[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+)|(?P<latin>[A-Za-z]+)|.")
_MARKS: Final = {
    **dict.fromkeys("，、､", ", "), **dict.fromkeys("。．", ". "), "！": "! ", "？": "? ", "：": ": ", "；": "; ",
    **dict.fromkeys("《〈「『【〔«", " “"), **dict.fromkeys("》〉」』】〕»", "” "), "（": " (", "）": ") ", "～": ", ",
    **dict(zip("0123456789", "零一二三四五六七八九", strict=True)),
}  # fmt: skip


class Chinese:
    """Owns the dictionaries; `latin` gives the phonemes of letters and words that stand in the text."""

    def __init__(self, latin: Callable[[str], str]) -> None:
        self._latin = latin
        self._words: Any = importlib.import_module("rjieba")
        self._pinyin: Any = importlib.import_module("pypinyin")
        self._tones: Any = importlib.import_module("pypinyin.contrib.tone_convert")
        self.phonemes("读")

    def phonemes(self, text: str) -> str:
        """Words separated by spaces, with their punctuation."""
        plain = "".join(_MARKS.get(c, c) if c in "0123456789" else c for c in text)
        return "".join(self._pieces(plain)).strip()

    def reading(self, pinyin: str) -> str:
        """Pinyin with marks or digits for tones, syllables separated by spaces; empty when it is not that."""
        syllables = re.split(r"[\s'’]+", pinyin.strip().lower())
        sounds = [self._syllable(self._tones.to_tone3(one, neutral_tone_with_five=True)) for one in syllables if one]
        return "".join(sounds) if all(sounds) else ""

    def _pieces(self, text: str) -> Iterator[str]:
        for piece in _PIECES.finditer(text):
            if piece["han"]:
                yield " ".join(self._word(word) for word in self._words.cut(piece["han"]))
            elif piece["latin"]:
                yield f" {self._latin(piece['latin'])} "
            else:
                yield _MARKS.get(piece[0], piece[0])

    def _word(self, word: str) -> str:
        style = self._pinyin.Style.TONE3
        return "".join(map(self._syllable, self._pinyin.lazy_pinyin(word, style=style, neutral_tone_with_five=True)))

    def _syllable(self, pinyin: str) -> str:
        """One syllable with its tone as a digit; empty when it is none."""
        initial = self._tones.to_initials(pinyin, strict=True)
        final = self._tones.to_finals(pinyin, strict=True, v_to_u=True)
        rhyme = "ɨ" if initial in _HISSING and final == "i" else _FINALS.get(final, "")
        tone = _TONES.get(pinyin[-1:], "")
        if not rhyme:
            return ""
        coda = _CODA.search(rhyme)
        core = rhyme[: coda.start()] if coda else rhyme
        return _INITIALS.get(initial, "") + core + tone + (coda.group() if coda else "")
