"""A number or two of them, with 만 and 억, as Korean writes amounts."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NUMBER, TO, shifted, trimmed
from ttsd.text.verbal.korean.numerals import number, sign

_SIGN: Final = rf"(?:(?<![0-9A-Za-z)\]])[{MINUS}+±])"
SCALE: Final = "(?:[십백천]?(?:만(?!큼)|억|조(?=[ 원]|$|[0-9]))|[십백천](?=[ 0-9원명개권대년여]))"


def amounts(unit: str = "") -> str:
    """Pattern of an amount, or from one to another; `unit` may stand after the first as well."""
    between = f"(?: ?(?:{unit}))?" if unit else ""
    return (
        rf"(?<![0-9])(?<![0-9][.,])(?P<sign>{_SIGN})?(?P<a>{NUMBER})(?: ?(?P<scale>{SCALE}))?"
        rf"(?:{between} ?{TO} ?(?P<last_sign>[{MINUS}+])?(?P<b>{NUMBER})(?: ?(?P<last_scale>{SCALE}))?)?"
    )


def says(match: re.Match[str], *, money: bool = False) -> str:
    """What `amounts` matched: `삼에서 오`, `일 점 이억`."""
    first = scaled(match["sign"], match["a"], match["scale"], money=money)
    if match["b"] is None:
        return first
    return f"{first}에서 {scaled(match['last_sign'], match['b'], match['last_scale'], money=money)}"


def scaled(mark: str | None, written: str, scale: str | None, *, money: bool = False) -> str:
    """One number with its sign and its 만 or 억; `1만` is 만, `1천` is 천."""
    written = trimmed(written) if money else written
    bare = written == "1" and scale and scale[0] in "십백천만"
    return sign(mark or "") + ("" if bare else number(written)) + (scale or "")


def in_millions(match: re.Match[str], letter: str) -> str:
    """The amount with `K`, `M` or `B` after it."""
    places = {"k": 3, "m": 6, "b": 9}[letter.lower()]
    return sign(match["sign"] or "") + number(shifted(match["a"].replace(",", ""), places))
