"""Chinese numerals from figures, in simplified characters."""

from typing import Final

from ttsd.text.verbal.cjk_forms import unsigned

_DIGITS: Final = "零一二三四五六七八九"
_SCALES: Final = ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十"))
_SIGNS: Final = {"-": "负", "−": "负", "–": "负", "+": "正", "±": "正负"}
_MAX_DIGITS: Final = 16


def by_digit(digits: str, *, one: str = "一") -> str:
    """Figure by figure, as in years; other characters stay."""
    return "".join(one if c == "1" else _DIGITS[int(c)] if c.isascii() and c.isdigit() else c for c in digits)


def code(digits: str) -> str:
    """Figure by figure with 幺 for 1, as telephone and room numbers are said."""
    return by_digit(digits, one="幺")


def cardinal(digits: str) -> str:
    """A whole number; figure by figure with a zero before it, and when nobody could follow.

    两 stands for a leading 2 before 千, 万 and 亿, 二 elsewhere (Lü Shuxiang, 现代汉语八百词).
    """
    if len(digits) > _MAX_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return by_digit(digits)
    words = _said(int(digits))
    if words[:2] == "一十":
        return words[1:]
    return "两" + words[1:] if words[0] == "二" and words[1:2] in {"千", "万", "亿"} else words


def _said(value: int) -> str:
    if value < 10:
        return _DIGITS[value]
    scale, name = next(each for each in _SCALES if value >= each[0])
    head, rest = divmod(value, scale)
    zero = "零" if 0 < rest * 10 < scale else ""
    return _said(head) + name + zero + (_said(rest) if rest else "")


def sign(written: str) -> str:
    """The sign of a number in a word; empty without one."""
    return _SIGNS.get(written[:1], "")


def number(written: str, *, two: str = "二") -> str:
    """A number without its sign, with or without decimals; `two` is what a bare 2 is called."""
    digits, _, decimals = unsigned(written).partition(".")
    if not decimals:
        return two if digits == "2" else cardinal(digits)
    return f"{cardinal(digits.lstrip('0') or '0')}点{by_digit(decimals)}"
