"""Letters in a text that is said to be English: those it borrows, and those that another language writes with."""

import unicodedata
from typing import Final

_SCRIPTS: Final = {
    "HIRAGANA": "Japanese",  # before Chinese: Japanese is written with Chinese letters too
    "KATAKANA": "Japanese",
    "CJK": "Chinese",
    "HANGUL": "Korean",
    "CYRILLIC": "Russian",
}
_READ_IN_ENGLISH: Final = frozenset(("LATIN", "GREEK", "MODIFIER"))


def plain_letters(text: str) -> str:
    """Full-width, mathematical and ligature letters as the letters they stand for."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFKC", c) if c.isalpha() else c for c in text)


def foreign_language(text: str) -> str:
    """The language, or the script, of letters in `text` that English does not use; else empty.

    What is declared as English may hold other letters, and the voice would pass over them in silence.
    """
    letters = {c for c in text if not c.isascii() and c.isalpha()}
    scripts = {unicodedata.name(letter, "unnamed").split(" ", 1)[0] for letter in letters} - _READ_IN_ENGLISH
    for script, language in _SCRIPTS.items():
        if script in scripts:
            return language
    return f"in {min(scripts).capitalize()} script" if scripts else ""
