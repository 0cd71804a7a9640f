"""How long a text takes to say: its syllables, and how many of them a language has in a second.

Rates are of speech without its pauses, read aloud: F. Pellegrino et al., "A cross-language perspective on speech
information rate", Language 87(3), 2011, for German, English, Spanish, French, Italian, Japanese and Chinese. Those of
Korean, Portuguese and Russian are ours, by ear and by kin.
"""

import math
import re
from collections.abc import Callable
from typing import Final

from ttsd.protocol.errors import NothingToSay, UnsupportedLanguage
from ttsd.text.language import AUTO, CYRILLIC, HAN, HANGUL, KANA, LATIN
from ttsd.text.segment import text_segments

USUAL_PER_S: Final = {
    "zh": 5.2,
    "en": 6.2,
    "ja": 7.8,
    "ko": 6.8,
    "de": 6.0,
    "fr": 7.2,
    "ru": 6.2,
    "pt": 6.8,
    "es": 7.8,
    "it": 7.0,
}
"""Syllables in a second of speech; Japanese counts morae."""

HEARD: Final = {"ja": 1.5}
"""Syllables said for each that is counted in the sound (see `ttsd.audio.reference.nuclei`)."""
USUALLY_HEARD: Final = 1.3
"""The same for the other languages; measured in English."""

_SCRIPTS: Final = {"zh": HAN, "ja": HAN + KANA, "ko": HANGUL, "ru": CYRILLIC}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DIGIT: Final = re.compile(r"\d")
_DIGIT_SYLLABLES: Final = 1.5
_KANJI_MORAE: Final = 1.9
"""Read aloud, on average."""
_HAN_SIGN: Final = re.compile(f"[{HAN}]")
_HANGUL_SIGN: Final = re.compile(f"[{HANGUL}]")
_MORA: Final = re.compile("[ぁ-ゖァ-ヺーｦ-ﾝ](?<![ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ])")
_LATIN_VOWELS: Final = "aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüÿýėęąő"
_VOWELS: Final = re.compile(f"[{_LATIN_VOWELS}]+")
_HIATUS: Final = re.compile(r"[aeoáéóàèòãõâêô][aeoáéóàèòâêô]|[íú][aeo]|[aeo][íú]")
_RUSSIAN_VOWELS: Final = re.compile("[аеёиоуыэюя]")
_FRENCH_MUTE: Final = re.compile(r"(?<=[^aeiouyéèêàâîôû])(?:es?|ent)$")
_ENGLISH_MUTE: Final = re.compile(r"(?<=[aeiouy][^aeiouy])(?:e|es|ed)$|(?<=[aeiouy][^aeiouy]{2})(?:e|ed)$")
_ENGLISH_SOUNDED: Final = re.compile(r"(?:[td]ed|[^aeiouy]le|(?:[scz]|sh|ch|g)es)$")


def syllables(text: str, language: str = AUTO) -> tuple[int, str]:
    """Those of `text` as it is said, and the language that most of them are in; 0 and "" without a word."""
    try:
        found = text_segments(text, language)
    except (NothingToSay, UnsupportedLanguage):
        return 0, ""
    counts: dict[str, float] = {}
    for segment in found:
        for span in segment.spans:
            counts[span.language] = counts.get(span.language, 0.0) + _syllables(span.spoken, span.language)
    return round(sum(counts.values())), max(counts, key=lambda code: counts[code])


def covered(said: int, speech_s: float, heard: int, language: str) -> float | None:
    """How much of `speech_s` seconds, with `heard` syllables, `said` syllables account for: 1 is usual.

    The geometric mean of two guesses, which err for different reasons: by pace, and by what is heard. `None` without
    speech or words.
    """
    if not said or speech_s <= 0 or not heard:
        return None
    by_pace = said / speech_s / USUAL_PER_S[language]
    by_ear = said / heard / HEARD.get(language, USUALLY_HEARD)
    return math.sqrt(by_pace * by_ear)


def written_in(text: str, language: str) -> bool:
    """Whether at least a third of the letters of `text` are of the script that `language` is written in."""
    letters = re.findall(r"[^\W\d_]", text)
    own = re.compile(f"[{_SCRIPTS.get(language, LATIN)}]")
    return not letters or sum(bool(own.match(letter)) for letter in letters) * 3 >= len(letters)


def _syllables(text: str, language: str) -> float:
    signs = len(_HAN_SIGN.findall(text)) * (_KANJI_MORAE if language == "ja" else 1.0)
    signs += len(_HANGUL_SIGN.findall(text)) + len(_MORA.findall(text)) + len(_DIGIT.findall(text)) * _DIGIT_SYLLABLES
    return signs + sum(_in_word(word, language) for word in _WORD.findall(text))


def _in_word(word: str, language: str) -> int:
    if _HAN_SIGN.search(word) or _HANGUL_SIGN.search(word) or _MORA.search(word):
        return 0
    if re.search(f"[{CYRILLIC}]", word):
        return len(_RUSSIAN_VOWELS.findall(word.lower())) or (len(word) if word.isupper() else 0)
    if word.isupper() and 1 < len(word) <= 5:
        return len(word)
    count = _BY_LANGUAGE.get(language, _by_groups)(word.lower())
    return max(count, 1) if len(word) > 1 or language == "en" or count else 0


def _by_groups(word: str) -> int:
    return len(_VOWELS.findall(word))


def _with_hiatus(word: str) -> int:
    """Two strong vowels are two syllables, as in "teatro" and "día"."""
    return _by_groups(word) + len(_HIATUS.findall(word))


def _in_french(word: str) -> int:
    return _by_groups(_FRENCH_MUTE.sub("", word))


def _in_english(word: str) -> int:
    return _by_groups(word if _ENGLISH_SOUNDED.search(word) else _ENGLISH_MUTE.sub("", word))


_BY_LANGUAGE: Final[dict[str, Callable[[str], int]]] = {
    "en": _in_english,
    "fr": _in_french,
    "es": _with_hiatus,
    "it": _with_hiatus,
    "pt": _with_hiatus,
}
