"""A number or two of them, with 万 and 亿, as Chinese writes amounts."""

import re
from typing import Final

from ttsd.text.verbal.chinese.numerals import number, sign
from ttsd.text.verbal.cjk_forms import shifted, trimmed

SCALE: Final = "[十百千]?万亿|[十百千]?[万亿]|[百千](?![米克瓦卡赫伏帕焦分里])"


def says(match: re.Match[str], *, two: str = "两", money: bool = False, minus: str = "") -> str:
    """What `amounts` matched: `三到五`, `一点二亿`. `minus` is a word for below zero other than 负."""
    first = _one(match, "", two, money, minus)
    if match["b"] is None:
        return first
    above = "零上" if minus and match["sign"] and not match["last_sign"] else ""
    return f"{first}到{above}{_one(match, 'last_', two, money, minus)}"


def _one(match: re.Match[str], place: str, two: str, money: bool, minus: str) -> str:
    written = match["b"] if place else match["a"]
    scale, mark = match[f"{place}scale"] or "", match[f"{place}sign"] or ""
    written = trimmed(written) if money else written
    below = minus if minus and mark and mark not in "+±" else sign(mark)
    return below + number(written, two="两" if scale else two) + scale


def in_millions(match: re.Match[str]) -> str:
    """An amount with `K`, `M` or `B` after it."""
    return sign(match["sign"] or "") + number(shifted(match["a"], match["letter"]), two="两")
