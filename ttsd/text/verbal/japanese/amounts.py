"""A number or two of them, with 万 and 億, as Japanese writes amounts."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import shifted
from ttsd.text.verbal.japanese.numerals import number, sign

SCALE: Final = "[十百千]?[万億兆]|[百千](?!葉)"


def says(match: re.Match[str], *, zero: str = "ゼロ") -> str:
    """What `amounts` matched: `三から五`, `一点二億`."""
    first = scaled(match["sign"], match["a"], match["scale"], zero=zero)
    if match["b"] is None:
        return first
    return f"{first}から{scaled(match['last_sign'], match['b'], match['last_scale'], zero=zero)}"


def scaled(mark: str | None, written: str, scale: str | None, *, zero: str = "ゼロ") -> str:
    """One number with its sign and its 万 or 億; `1千` is 千."""
    value = "" if written == "1" and scale in {"百", "千"} else number(written, zero=zero)
    return sign(mark or "") + ("一千" if value == "千" and scale else value) + (scale or "")


def in_millions(match: re.Match[str]) -> str:
    """An amount with `K`, `M` or `B` after it."""
    return sign(match["sign"] or "") + number(shifted(match["a"], match["letter"]))
