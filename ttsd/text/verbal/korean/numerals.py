"""Korean numerals from figures: Sino-Korean, and native ones before counters."""

from typing import Final

from ttsd.text.verbal.cjk_forms import unsigned

_DIGITS: Final = "영일이삼사오육칠팔구"
_PLACES: Final = ("천", "백", "십", "")
_GROUPS: Final = ("", "만", "억", "조")
_SIGNS: Final = {"-": "마이너스 ", "−": "마이너스 ", "–": "마이너스 ", "+": "플러스 ", "±": "플러스마이너스 "}
_ONES: Final = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_ABOUT: Final = ("", "한두", "두세", "서너", "네다섯", "대여섯", "예닐곱", "일고여덟", "여덟아홉")
_MAX_DIGITS: Final = 16


def by_digit(digits: str, *, zero: str = "공") -> str:
    """Figure by figure; 0 is 공 in telephone numbers and 영 in decimals."""
    return "".join(zero if c == "0" else _DIGITS[int(c)] if c.isascii() and c.isdigit() else c for c in digits)


def cardinal(digits: str) -> str:
    """A whole number, with a space after 만, 억 and 조; figure by figure when it is too long or begins with 0."""
    if len(digits) > _MAX_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return by_digit(digits)
    padded = digits.zfill(_MAX_DIGITS)
    groups = [_group(padded[-4 - 4 * place : _MAX_DIGITS - 4 * place], place) for place in (3, 2, 1, 0)]
    return " ".join(filter(None, groups)) or "영"


def _group(digits: str, place: int) -> str:
    words = "".join(
        ("" if figure == "1" and name else _DIGITS[int(figure)]) + name
        for figure, name in zip(digits, _PLACES, strict=True)
        if figure != "0"
    )
    if not words:
        return ""
    return "만" if place == 1 and words == "일" else words + _GROUPS[place]


def native(digits: str) -> str:
    """A whole number before a counter: its last two places are native Korean (백스물세 명, 천이백서른네 명)."""
    if len(digits) > _MAX_DIGITS or digits[-2:] in {"0", "00"}:
        return cardinal(digits)
    value = int(digits)
    rest = value % 100
    ending = "스무" if rest == 20 else _TENS[rest // 10] + _ONES[rest % 10]
    if value == rest:
        return ending
    return cardinal(str(value - rest)) + ("" if value % 10_000 > rest else " ") + ending


def a_few(first: str, last: str) -> str:
    """`2~3` before a native counter: 두세; empty for other pairs."""
    if len(first) > 1 or len(last) > 1 or int(last) != int(first) + 1:
        return ""
    return _ABOUT[int(first)]


def sign(written: str) -> str:
    """The sign of a number in a word and a space; empty without one."""
    return _SIGNS.get(written[:1], "")


def number(written: str) -> str:
    """A number without its sign, with or without decimals."""
    digits, _, decimals = unsigned(written).partition(".")
    if not decimals:
        return cardinal(digits)
    return f"{cardinal(digits.lstrip('0') or '0')} 점 {by_digit(decimals, zero='영')}"
