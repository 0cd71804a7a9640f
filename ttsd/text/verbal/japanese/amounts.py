"""A number or two of them, with 万 and 億, as Japanese writes amounts."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NUMBER, TO, shifted
from ttsd.text.verbal.japanese.numerals import number, sign

_SIGN: Final = rf"(?:(?<![0-9A-Za-z)）\]])[{MINUS}+±])"
SCALE: Final = "[十百千]?[万億兆]|[百千](?!葉)"


def amounts(unit: str = "") -> str:
    """Pattern of an amount, or from one to another; `unit` may stand after the first as well."""
    between = f"(?: ?(?:{unit}))?" if unit else ""
    return (
        rf"(?<![0-9])(?<![0-9][.,])(?P<sign>{_SIGN})?(?P<a>{NUMBER})(?: ?(?P<scale>{SCALE}))?"
        rf"(?:{between} ?{TO} ?(?P<last_sign>[{MINUS}+])?(?P<b>{NUMBER})(?: ?(?P<last_scale>{SCALE}))?)?"
    )


def says(match: re.Match[str], *, zero: str = "ゼロ") -> str:
    """What `amounts` matched: `三から五`, `一点二億`."""
    first = _one(match["sign"], match["a"], match["scale"], zero)
    return f"{first}から{_one(match['last_sign'], match['b'], match['last_scale'], zero)}" if match["b"] else first


def _one(mark: str | None, written: str, scale: str | None, zero: str) -> str:
    value = "" if scale and written == "1" and scale in {"百", "千"} else number(written, zero=zero)
    return sign(mark or "") + value + ("一" + scale if not value and scale and len(scale) > 1 else scale or "")


def in_millions(match: re.Match[str], letter: str) -> str:
    """The amount with `K`, `M` or `B` after it."""
    places = {"k": 3, "m": 6, "b": 9}[letter.lower()]
    return sign(match["sign"] or "") + number(shifted(match["a"].replace(",", ""), places))
