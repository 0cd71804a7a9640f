"""Readings as people type them: pinyin with tones, kana, IPA, or a respelling, told apart by how they look."""

import math
import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, NamedTuple

from ttsd.protocol.lexicon import MAX_CHARS
from ttsd.text.scripts import HAN, KANA

_TONES: Final = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0306": 3, "\u0300": 4}
_MARKS: Final = {1: "\u0304", 2: "\u0301", 3: "\u030c", 4: "\u0300"}
_FINALS: Final = {
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo ü üe",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo ü üe",
    "g k h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j q x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh sh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z c s": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
    "": "a ai an ang ao e ei en eng er o ou",
}
"""Of each initial, as GB/T 16159 writes them."""
_SYLLABLES: Final = frozenset(
    initial + final
    for initials, finals in _FINALS.items()
    for initial in initials.split() or [""]
    for final in finals.split()
)
_LONGEST: Final = max(map(len, _SYLLABLES)) + 1
_MAY_BE_PINYIN: Final = re.compile(r"[A-Za-zÀ-ǜḿǹ\u0300-\u030c0-5\s'’\-·:]+")
_PIECE: Final = re.compile(r"[\s'’\-·]+")
_NUMBERED: Final = re.compile(r"([a-zü]{2,7})([0-5])")
_NUMBERED_ALL: Final = re.compile(r"(?:[a-zü]{2,7}[0-5])+")
_KANA: Final = re.compile(f"[{KANA}・\\s]+")
_HAN_ONLY: Final = re.compile(f"[{HAN}]+")
_HAS_HAN: Final = re.compile(f"[{HAN}]")
_IPA: Final = re.compile(r"[\u0250-\u02ff\u0329\u032f\u0361ŋðθβχ]")
_RESPELLING: Final = re.compile(r"[^\W_](?:[\w '’.\-]*[\w.])?")
_IN_BRACKETS: Final = """
    のみ など さん くん ちゃん さま だけ まで から より ほか ただし または および かな よね する した して です ます
    ある なし あり いる いわく つまり たとえば すなわち もの こと ため とき ところ という いう うち わら ら"""
"""Words that Japanese puts in brackets after a word and that say nothing of how it is read."""
_NO_READING: Final = frozenset(_IN_BRACKETS.split())
_MOST_KANA: Final = 6
"""For one character: 承る and 志 have five."""


class Reading(NamedTuple):
    """How a word is said: as `value` in a `kind` of writing."""

    kind: str
    """`zh` pinyin, `ja` kana, `ipa`, or `say`: a respelling, spoken instead of the word."""
    value: str


def reading(word: str, given: str) -> Reading | None:
    """What `given` asks for `word`; `None` when it is no reading of any kind.

    Pinyin and kana are readings of a word in Han characters only; between slashes, or with a letter that only
    the phonetic alphabet has, it is IPA; else a respelling.
    """
    given = given.strip()
    if not 0 < len(given) <= MAX_CHARS or not 0 < len(word) <= MAX_CHARS:
        return None
    if len(given) > 2 and given[0] == given[-1] == "/":
        return Reading("ipa", given[1:-1].strip())
    if _HAN_ONLY.fullmatch(word) and (syllables := pinyin(given)) and characters(word, syllables) == len(word):
        return Reading("zh", " ".join(syllables))
    if _HAS_HAN.search(word) and _KANA.fullmatch(given):
        return Reading("ja", "".join(given.split()))
    if _IPA.search(given):
        return Reading("ipa", given)
    return Reading("say", given) if _RESPELLING.fullmatch(given) else None


def is_reading(word: str, given: str) -> bool:
    """Whether `given` says how `word` is spoken."""
    return reading(word, given) is not None


def bracketed(before: str, given: str) -> tuple[int, Reading] | None:
    """What `given`, in brackets right after the Han characters `before`, reads: so many of them, and how.

    Pinyin reads as many characters as it has syllables; kana all of them, unless there is too little or too much
    of it, or it is one of the words that often stand in brackets.
    """
    if syllables := pinyin(given):
        count = characters(before, syllables)
        return (count, Reading("zh", " ".join(syllables))) if count <= len(before) else None
    kana = "".join(given.split())
    fits = _least_kana(len(before)) <= len(kana) <= _MOST_KANA * len(before) and kana not in _NO_READING
    return (len(before), Reading("ja", kana)) if fits and _KANA.fullmatch(kana) else None


def _least_kana(count: int) -> int:
    """海老 has two, 一昨日 has four; of longer words that have less, only the end is meant, and who knows how much."""
    return count if count < 3 else count + 1 if count == 3 else math.ceil(1.5 * count)


def characters(word: str, syllables: tuple[str, ...]) -> int:
    """How many characters at the end of `word` are read as `syllables`: 花儿 is two, and one syllable with an r."""
    rhotic = sum(syllable.endswith("r") and _toneless(syllable) != "er" for syllable in syllables)
    return len(syllables) + (min(rhotic, word.count("儿")) if word.endswith("儿") else 0)


@lru_cache(maxsize=4096)
def pinyin(text: str) -> tuple[str, ...]:
    """The syllables of `text` with tone marks; none when it is not pinyin, or has no tone (`he4` has one).

    A syllable alone with a number needs two letters: (a1) is more often a mark of something else.
    """
    if len(text) > MAX_CHARS or not _MAY_BE_PINYIN.fullmatch(text):
        return ()
    text = unicodedata.normalize("NFC", text.strip().lower()).replace("u:", "ü").replace("v", "ü")
    pieces = [piece for piece in _PIECE.split(text) if piece]
    if pieces and all(map(_NUMBERED_ALL.fullmatch, pieces)):
        numbered = [(letters, int(tone)) for piece in pieces for letters, tone in _NUMBERED.findall(piece)]
        fine = all(_is_syllable(letters) for letters, _ in numbered)
        return tuple(_with_tone(letters, tone) for letters, tone in numbered) if fine else ()
    split = [_split(piece) for piece in pieces]
    found = tuple(syllable for syllables in split for syllable in syllables)
    return found if found and all(split) and any(_tones(syllable) for syllable in found) else ()


def _split(piece: str) -> list[str]:
    """Letters that stand together, in syllables; none when they are not pinyin. Only the first begins with a vowel."""
    return _syllables(piece, strict=True) or _syllables(piece, strict=False) or []


def _syllables(piece: str, *, strict: bool) -> list[str] | None:
    @cache
    def rest(start: int) -> list[str] | None:
        if start == len(piece):
            return []
        for end in range(min(start + _LONGEST, len(piece)), start, -1):
            candidate = piece[start:end]
            vowel = start > 0 and strict and _toneless(candidate)[:1] in "aeo"
            if not vowel and _tones(candidate) <= 1 and _is_syllable(_toneless(candidate)):
                following = rest(end)
                if following is not None:
                    return [candidate, *following]
        return None

    return rest(0)


def _is_syllable(letters: str) -> bool:
    return letters in _SYLLABLES or (letters[-1:] == "r" and letters[:-1] in _SYLLABLES)


def _tones(text: str) -> int:
    return sum(mark in _TONES for mark in unicodedata.normalize("NFD", text))


def _toneless(text: str) -> str:
    kept = (mark for mark in unicodedata.normalize("NFD", text) if mark not in _TONES)
    return unicodedata.normalize("NFC", "".join(kept))


def _with_tone(letters: str, tone: int) -> str:
    """Tone mark on a or e, on the o of ou, else on the last vowel; tones 0 and 5 have none."""
    if tone not in _MARKS:
        return letters
    at = next((letters.index(vowel) for vowel in ("a", "e", "ou") if vowel in letters), -1)
    if at < 0:
        at = max(letters.rfind(vowel) for vowel in "iouü")
    return unicodedata.normalize("NFC", letters[: at + 1] + _MARKS[tone] + letters[at + 1 :])
