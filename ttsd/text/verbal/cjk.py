"""What the written forms of Chinese, Japanese and Korean have in common."""

import re
from collections.abc import Mapping
from typing import Final

from ttsd.text.verbal.scan import Scanner
from ttsd.text.verbal.tokens import Said

NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
"""Without a sign; commas only between groups of three."""
NO_NUMBER_BEFORE: Final = r"(?<![0-9])(?<![0-9][.,])"
NO_LETTER_AFTER: Final = "(?![A-Za-z])"
TO: Final = "[-‐‑‒–—~〜～∼]"
"""A sign between the ends of a range."""
MINUS: Final = "-−–"

_WIDE_LETTERS: Final = {ord(c) + 0xFEE0: c for c in map(chr, range(0x21, 0x7F)) if c.isalnum()}
_WIDE_SIGNS: Final = {ord(c) + 0xFEE0: c for c in "#$%&+-./:=@\\~"}
_SAME_SIGNS: Final = {0xFFE5: "¥", 0xFFE1: "£", 0xFFE0: "¢", 0xFFE6: "₩", 0x2236: ":", 0x2103: "℃", 0x301C: "~", 0x223C: "~"}
SIGNS: Final = {**_WIDE_SIGNS, **_SAME_SIGNS}
"""Signs of full width, and others that mean the same as one of ASCII: for matching only."""
_TRIGGER: Final = re.compile(r"[0-9０-９²³½¼¾⅓⅔Ⅰ-ⅿ①-⒇㈠-㈩㍘-㏿℃℉№@/％%$¥€£₩￥￦〜～]|www\.")


def narrow(text: str) -> str:
    """`text` with letters and digits of full width as those of ASCII; nothing else, and no place moves."""
    return text.translate(_WIDE_LETTERS)


def has_forms(text: str) -> bool:
    """Whether anything in `text` may have to be put into words: a quick test."""
    return _TRIGGER.search(text) is not None


def rewrite(text: str, plain: str, scanner: Scanner, back: Mapping[int, str] | None = None) -> list[str]:
    """`text` in pieces by turns: as it is, in words.

    The forms are looked for in `plain`, which has a character for each of `text`; `back` turns their words into
    the characters of `text`.
    """
    pieces: list[str] = []
    at = 0
    for found in scanner.find(plain):
        assert isinstance(found.token, Said)
        words = found.token.words
        pieces += (text[at : found.start], words.translate(back) if back else words)
        at = found.end
    pieces.append(text[at:])
    return pieces


def joined(pieces: list[str], letters: re.Pattern[str]) -> str:
    """`pieces` put together, without a space between two `letters` of which one is in words now."""
    said = ""
    for index, piece in enumerate(pieces):
        if not piece or (index % 2 and not letters.match(piece[:1])):
            said += piece
        elif index % 2:
            said = said.rstrip(" ") + piece if letters.match(said.rstrip(" ")[-1:]) else said + piece
        else:
            bare = piece.lstrip(" ")
            said += bare if letters.match(bare[:1]) and letters.match(said[-1:]) else piece
    return said


def before(match: re.Match[str], pattern: re.Pattern[str], reach: int = 12) -> bool:
    """Whether `pattern`, which ends in `$`, is found in the few characters before the match."""
    start = match.start()
    return pattern.search(match.string[max(0, start - reach) : start]) is not None


def after(match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """Whether `pattern` follows the match."""
    return pattern.match(match.string, match.end()) is not None


def is_day(month: str, day: str) -> bool:
    """Whether there is such a day in some year."""
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def unsigned(written: str) -> str:
    """A number without its sign and separators."""
    return written.lstrip("-−–+±").replace(",", "")


def shifted(number: str, places: int) -> str:
    """`number` times ten to the power of `places`, as it is written: `1.5`, 6 is `1500000`."""
    whole, _, decimals = number.partition(".")
    moved, rest = decimals[:places].ljust(places, "0"), decimals[places:]
    digits = (whole + moved).lstrip("0") or "0"
    return f"{digits}.{rest}" if rest else digits


def trimmed(number: str) -> str:
    """An amount of money without zeros at the end of its decimals: `3.50` is `3.5`."""
    return number.rstrip("0").rstrip(".") if "." in number else number
