"""Kokoro's phonemes: the International Phonetic Alphabet, with one letter for each affricate and diphthong."""

import re
from typing import Final

_ONE_LETTER: Final = {
    "aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "ɔɪ": "Y", "ɔø": "Y", "əʊ": "Q",
    "dz": "ʣ", "dʒ": "ʤ", "dʑ": "ʥ", "ts": "ʦ", "tʃ": "ʧ", "tɕ": "ʨ", "ʈʂ": "ꭧ",
}  # fmt: skip
_PAIR: Final = re.compile("|".join(_ONE_LETTER))
_NEAREST: Final = str.maketrans(
    {"g": "ɡ", "ʀ": "ʁ", "ʏ": "y", "ɫ": "l", "ɭ": "l", "ɱ": "m", "ʑ": "ʒ", "ɝ": "ɜɹ", "ɚ": "əɹ", "ʉ": "u", "ɘ": "ə",
     "ɵ": "ə", "ɦ": "h", "ʐ": "ɻ", "ʍ": "w", "'": "ˈ", "\u035c": "", "\u0361": "", "-": ""}
)  # fmt: skip


def kokoro(ipa: str) -> str:
    """`ipa` in Kokoro's letters, the nearest where it has no sound of its own."""
    return _PAIR.sub(lambda pair: _ONE_LETTER[pair.group()], ipa.translate(_NEAREST))


def english(ipa: str) -> str:
    """`ipa` as dictionaries of English write it, in the letters of voices that speak English."""
    return kokoro(ipa.strip("/[] ")).replace("r", "ɹ").replace("ː", "")
