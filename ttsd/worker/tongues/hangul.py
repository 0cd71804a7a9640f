"""Hangul as it is said: the rules of Standard Korean Pronunciation, and the sounds of what comes of them.

Rules and examples are those of 표준 발음법 (National Institute of Korean Language); its numbers stand beside them.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_ONSETS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CODAS: Final = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_FIRST: Final = 0xAC00
_WORD: Final = re.compile("[가-힣]+")

_MOVES: Final = {
    "ㄳ": "ㄱㅆ", "ㄵ": "ㄴㅈ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅆ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ",
    "ㅄ": "ㅂㅆ", "ㄶ": "ㄴㅇ", "ㅀ": "ㄹㅇ",
}  # fmt: skip
"""§14, §12: what stays and what goes over to a vowel."""
_ENDS: Final = {
    **dict.fromkeys("ㄱㄲㅋㄳㄺ", "ㄱ"), **dict.fromkeys("ㄷㅅㅆㅈㅊㅌㅎ", "ㄷ"), **dict.fromkeys("ㅂㅍㅄㄿ", "ㅂ"),
    **dict.fromkeys("ㄴㄵㄶ", "ㄴ"), **dict.fromkeys("ㄹㄼㄽㄾㅀ", "ㄹ"), **dict.fromkeys("ㅁㄻ", "ㅁ"),
    "ㅇ": "ㅇ", "": "",
}  # fmt: skip
"""§8–11: the seven sounds that a syllable ends in."""
_BREATHY: Final = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_TENSE: Final = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
_NASAL: Final = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
_WITH_H: Final = {"ㅎ": "", "ㄶ": "ㄴ", "ㅀ": "ㄹ"}
_TENSING: Final = frozenset("ㄵㄻㄼㄾ")
_SIX: Final = re.compile("(?<=[십백천만])육")


class Syllable(NamedTuple):
    onset: str
    vowel: str
    coda: str


def said(text: str) -> str:
    """`text` spelled as it is said, word by word: 같이 is 가치, 독립 is 동닙."""
    return _WORD.sub(lambda word: "".join(map(_written, _said(_SIX.sub("뉵", word[0])))), text)


def _said(word: str) -> list[Syllable]:
    syllables = [_syllable(letter) for letter in word]
    for place in range(len(syllables) - 1):
        one, other = syllables[place : place + 2]
        coda, onset = _meeting(one.coda, other.onset, other.vowel)
        syllables[place : place + 2] = one._replace(coda=coda), other._replace(onset=onset)
    syllables[-1] = syllables[-1]._replace(coda=_ENDS[syllables[-1].coda])
    return syllables


def _meeting(coda: str, onset: str, vowel: str) -> tuple[str, str]:
    """What becomes of the end of a syllable and the beginning of the next."""
    if onset == "ㅇ":
        return _before_vowel(coda, vowel)
    if coda in _WITH_H:
        return _after_h(coda, onset)
    if onset == "ㅎ":
        return _before_h(coda, vowel)
    return _among_consonants(coda, onset)


def _before_vowel(coda: str, vowel: str) -> tuple[str, str]:
    """§13–17: it goes over; ㅎ is lost, and ㄷ and ㅌ become ㅈ and ㅊ before ㅣ."""
    if coda in ("", "ㅇ"):
        return coda, "ㅇ"
    if coda == "ㅎ":
        return "", "ㅇ"
    stays, goes = _MOVES.get(coda, f" {coda}")
    stays = stays.strip()
    if coda in _WITH_H:
        return "", stays
    if vowel == "ㅣ":
        goes = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}.get(goes, goes)
    return stays, goes


def _after_h(coda: str, onset: str) -> tuple[str, str]:
    """§12: 좋고 조코, 닿소 다쏘, 놓는 논는, 뚫네 뚤레."""
    stays = _WITH_H[coda]
    if onset in _BREATHY and onset != "ㅂ":
        return stays, _BREATHY[onset]
    if onset == "ㅅ":
        return stays, "ㅆ"
    if onset == "ㄴ":
        return ("ㄹ", "ㄹ") if stays == "ㄹ" else ("ㄴ", "ㄴ")
    return _among_consonants(stays or "ㄷ", onset)


def _before_h(coda: str, vowel: str) -> tuple[str, str]:
    """§12: 각하 가카, 맏형 마텽, 좁히다 조피다, 꽂히다 꼬치다; §17: 닫히다 다치다."""
    stays, goes = _MOVES.get(coda, f" {coda or ' '}")
    stays, goes = stays.strip(), goes.strip()
    if goes != "ㅈ":
        goes = _ENDS.get(goes, "")
    if goes == "ㄷ" and vowel == "ㅣ" and coda == "ㄷ":
        goes = "ㅈ"
    if goes in _BREATHY:
        return stays, _BREATHY[goes]
    return _ENDS[coda], "ㅎ"


def _among_consonants(coda: str, onset: str) -> tuple[str, str]:
    """§23–25 tense sounds, §18–20 nasals and liquids."""
    end = "ㄹ" if coda == "ㄺ" and onset == "ㄱ" else _ENDS[coda]
    if (end in _NASAL or coda in _TENSING or coda == "ㄺ") and onset in _TENSE:
        return end, _TENSE[onset]
    if onset == "ㄹ" and end in ("ㅁ", "ㅇ", *_NASAL):
        onset = "ㄴ"
    if {end, onset} == {"ㄴ", "ㄹ"}:
        return "ㄹ", "ㄹ"
    return (_NASAL.get(end, end) if onset in ("ㄴ", "ㅁ") else end), onset


def _syllable(letter: str) -> Syllable:
    rest, coda = divmod(ord(letter) - _FIRST, len(_CODAS))
    onset, vowel = divmod(rest, len(_VOWELS))
    return Syllable(_ONSETS[onset], _VOWELS[vowel], _CODAS[coda])


def _written(one: Syllable) -> str:
    rest = _ONSETS.index(one.onset) * len(_VOWELS) + _VOWELS.index(one.vowel)
    return chr(_FIRST + rest * len(_CODAS) + _CODAS.index(one.coda))


# --- sounds -----------------------------------------------------------------------------------------

_STARTS: Final = {
    "ㄱ": "k", "ㄲ": "ʔk", "ㄴ": "n", "ㄷ": "t", "ㄸ": "ʔt", "ㄹ": "ɾ", "ㅁ": "m", "ㅂ": "p", "ㅃ": "ʔp",
    "ㅅ": "s", "ㅆ": "s", "ㅇ": "", "ㅈ": "ʨ", "ㅉ": "ʔʨ", "ㅊ": "ʨʰ", "ㅋ": "kʰ", "ㅌ": "tʰ", "ㅍ": "pʰ", "ㅎ": "h",
}  # fmt: skip
_VOICED: Final = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "ʥ"}
"""Between sounds with voice."""
_MIDDLES: Final = {
    "ㅏ": "a", "ㅐ": "ɛ", "ㅑ": "ja", "ㅒ": "jɛ", "ㅓ": "ʌ", "ㅔ": "e", "ㅕ": "jʌ", "ㅖ": "je", "ㅗ": "o",
    "ㅘ": "wa", "ㅙ": "wɛ", "ㅚ": "we", "ㅛ": "jo", "ㅜ": "u", "ㅝ": "wʌ", "ㅞ": "we",
    "ㅟ": "wi", "ㅠ": "ju", "ㅡ": "ɯ", "ㅢ": "ɯi", "ㅣ": "i",
}  # fmt: skip
_FINISHES: Final = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}
_SOFT: Final = frozenset(("", "ㄴ", "ㄹ", "ㅁ", "ㅇ"))


def phonemes(word: str) -> str:
    """The sounds of a word that is spelled as it is said."""
    return "".join(_sounds([_syllable(letter) for letter in word]))


def _sounds(syllables: list[Syllable]) -> Iterator[str]:
    for place, one in enumerate(syllables):
        before = syllables[place - 1].coda if place else None
        yield _start(one, before) + _middle(one, first=not place) + _FINISHES[one.coda]


def _start(one: Syllable, before: str | None) -> str:
    if one.onset in ("ㅅ", "ㅆ") and _MIDDLES[one.vowel][0] in "ij":
        return "ɕ"
    if one.onset == "ㄹ" and before == "ㄹ":
        return "l"
    return _VOICED.get(one.onset, "") if before in _SOFT and one.onset in _VOICED else _STARTS[one.onset]


def _middle(one: Syllable, *, first: bool) -> str:
    """§5: ㅢ is ㅣ after a consonant, and may be so wherever a word does not begin; no glide after ㅈ ㅉ ㅊ."""
    if one.vowel == "ㅢ" and not (first and one.onset == "ㅇ"):
        return "i"
    plain = one.onset in ("ㅈ", "ㅉ", "ㅊ") or (one.vowel == "ㅖ" and one.onset not in ("ㅇ", "ㄹ"))
    return _MIDDLES[one.vowel].removeprefix("j") if plain else _MIDDLES[one.vowel]
