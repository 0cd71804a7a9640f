"""Japanese numerals from figures, in kanji, which engines read with the right sound changes."""

from typing import Final

from ttsd.text.verbal.cjk_forms import unsigned

_DIGITS: Final = "〇一二三四五六七八九"
_PLACES: Final = ("千", "百", "十", "")
_GROUPS: Final = ("", "万", "億", "兆")
_SIGNS: Final = {"-": "マイナス", "−": "マイナス", "–": "マイナス", "+": "プラス", "±": "プラスマイナス"}
_MAX_DIGITS: Final = 16


def by_digit(digits: str) -> str:
    """Figure by figure; other characters stay."""
    return "".join(_DIGITS[int(c)] if c.isascii() and c.isdigit() else c for c in digits)


def cardinal(digits: str, *, zero: str = "ゼロ") -> str:
    """A whole number; figure by figure with a zero before it, and when nobody could follow."""
    if len(digits) > _MAX_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return by_digit(digits)
    if digits == "0":
        return zero
    padded = digits.zfill(_MAX_DIGITS)
    groups = [_group(padded[-4 - 4 * place : _MAX_DIGITS - 4 * place], place) for place in range(4)]
    return "".join(reversed(groups))


def _group(digits: str, place: int) -> str:
    if digits == "1000" and place:
        return f"一千{_GROUPS[place]}"
    words = "".join(
        ("" if figure == "1" and name else _DIGITS[int(figure)]) + name
        for figure, name in zip(digits, _PLACES, strict=True)
        if figure != "0"
    )
    return words + _GROUPS[place] if words else ""


def sign(written: str) -> str:
    """The sign of a number in a word; empty without one."""
    return _SIGNS.get(written[:1], "")


def number(written: str, *, zero: str = "ゼロ") -> str:
    """A number without its sign, with or without decimals; `zero` is what a bare 0 is called."""
    digits, _, decimals = unsigned(written).partition(".")
    if not decimals:
        return cardinal(digits, zero=zero)
    return f"{cardinal(digits.lstrip('0') or '0', zero='零')}点{by_digit(decimals)}"
