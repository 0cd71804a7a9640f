"""Katakana in Kokoro's phonemes, mora by mora: the sounds of Tokyo as textbooks of Japanese give them."""

import itertools
from typing import Final

_ROWS: Final = {
    "アイウエオ": ("a", "i", "ɯ", "e", "o"),
    "カキクケコ": ("ka", "kʲi", "kɯ", "ke", "ko"),
    "ガギグゲゴ": ("ɡa", "ɡʲi", "ɡɯ", "ɡe", "ɡo"),
    "サシスセソ": ("sa", "ɕi", "sɨ", "se", "so"),
    "ザジズゼゾ": ("ʣa", "ʥi", "zɨ", "ʣe", "ʣo"),
    "タチツテト": ("ta", "ʨi", "ʦɨ", "te", "to"),
    "ダヂヅデド": ("da", "ʥi", "zɨ", "de", "do"),
    "ナニヌネノ": ("na", "ɲi", "nɯ", "ne", "no"),
    "ハヒフヘホ": ("ha", "çi", "ɸɯ", "he", "ho"),
    "バビブベボ": ("ba", "bʲi", "bɯ", "be", "bo"),
    "パピプペポ": ("pa", "pʲi", "pɯ", "pe", "po"),
    "マミムメモ": ("ma", "mʲi", "mɯ", "me", "mo"),
    "ラリルレロ": ("ɾa", "ɾʲi", "ɾɯ", "ɾe", "ɾo"),
    "ァィゥェォ": ("a", "i", "ɯ", "e", "o"),
    "ヤユヨ": ("ja", "jɯ", "jo"),
    "ャュョ": ("ja", "jɯ", "jo"),
    "ワヲヴヮ": ("βa", "o", "vɯ", "βa"),
    "ヰヱヵヶ": ("i", "e", "ka", "ke"),
    "ヷヸヹヺ": ("va", "vi", "ve", "vo"),
}
_PALATAL: Final = {
    "キ": "kʲ", "ギ": "ɡʲ", "シ": "ɕ", "ジ": "ʥ", "チ": "ʨ", "ヂ": "ʥ", "ニ": "ɲ", "ヒ": "ç", "ビ": "bʲ", "ピ": "pʲ",
    "ミ": "mʲ", "リ": "ɾʲ", "フ": "ɸʲ", "ヴ": "vʲ", "テ": "tʲ", "デ": "dʲ",
}  # fmt: skip
"""Before ャ ュ ョ."""
_BORROWED: Final = {
    "イ": "j", "ウ": "β", "ク": "kᵝ", "グ": "ɡᵝ", "シ": "ɕ", "ジ": "ʥ", "チ": "ʨ", "ツ": "ʦ", "フ": "ɸ", "ヴ": "v",
}  # fmt: skip
"""Before the small vowels, as foreign words have them."""
_SINGLE: Final = {kana: sound for row, sounds in _ROWS.items() for kana, sound in zip(row, sounds, strict=True)}
_SPECIAL: Final = {
    "ティ": "tʲi", "ディ": "dʲi", "トゥ": "tɯ", "ドゥ": "dɯ", "ッ": "ʔ", "ー": "ː", "ン": "ɴ",
}  # fmt: skip
_PAIRS: Final = {
    **{first + small: sound + vowel for first, sound in _PALATAL.items()
       for small, vowel in zip("ャュョ", ("a", "ɨ", "o"), strict=True)},
    **{first + small: sound + vowel for first, sound in _BORROWED.items()
       for small, vowel in zip("ァィェォ", "aieo", strict=True)},
}  # fmt: skip
_SOUNDS: Final = {**_SINGLE, **_PAIRS, **_SPECIAL, " ": " "}
_LIPS: Final = frozenset("mpb")
_THROAT: Final = frozenset("kɡ")
_VOWELS: Final = {
    "ア": "アカガサザタダナハバパマヤラワァャヮ", "イ": "イキギシジチヂニヒビピミリィ",
    "ウ": "ウクグスズツヅヌフブプムユルゥュヴ", "エ": "エケゲセゼテデネヘベペメレェ",
    "オ": "オコゴソゾトドノホボポモヨロォョ",
}  # fmt: skip
_LONG: Final = {**_VOWELS, "イ": _VOWELS["イ"] + _VOWELS["エ"], "ウ": _VOWELS["ウ"] + _VOWELS["オ"]}
"""What each vowel makes long when it stands behind it."""


def katakana(text: str) -> str:
    """Hiragana as katakana; all else as it is."""
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def lengthened(kana: str) -> str:
    """Katakana with `ー` for the second half of a long vowel: コウ is コー, ケイ ケー, オオ オー; ケイイ is ケーイ."""
    found = kana[:1]
    for before, mora in itertools.pairwise(kana):
        found += "ー" if before in _LONG.get(mora, "") and found[-1] != "ー" else mora
    return found


def phonemes(kana: str) -> str:
    """The sounds of katakana, words apart by their spaces; all else is left out."""
    sounds: list[str] = []
    place = 0
    while place < len(kana):
        width = 2 if kana[place : place + 2] in _SOUNDS else 1
        sounds.append(_SOUNDS.get(kana[place : place + width], ""))
        place += width
    return "".join(_nasal(sound, after) for sound, after in itertools.pairwise([*sounds, ""]))


def _nasal(sound: str, after: str) -> str:
    """ン as it is said before what follows it."""
    if sound != "ɴ" or not after:
        return sound
    if after[0] in _LIPS:
        return "m"
    if after[0] in _THROAT:
        return "ŋ"
    return "n" if after[0] in "tdnɾsʣʥʨʦzɲɕ" else sound
