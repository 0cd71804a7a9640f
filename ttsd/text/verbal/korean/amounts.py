"""A number or two of them, with 만 and 억, as Korean writes amounts."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import shifted, trimmed
from ttsd.text.verbal.korean.numerals import number, sign

SCALE: Final = "(?:[십백천]?(?:만(?!큼)|억|조(?=[ 원]|$|[0-9]))|[십백천](?=[ 0-9원명개권대년여]))"


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


def in_millions(match: re.Match[str]) -> str:
    """An amount with `K`, `M` or `B` after it."""
    return sign(match["sign"] or "") + number(shifted(match["a"], match["letter"]))
