"""French number words, in the spelling before 1990: `vingt et un`, `soixante et onze`, `deux cents`."""

from typing import Final

from ttsd.text.verbal.tables import listed

_UNITS: Final = (
    *listed("""
        zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
    """),
    *("dix-sept", "dix-huit", "dix-neuf"),
)
_TENS: Final = listed("_ dix vingt trente quarante cinquante soixante _ quatre-vingt")
_SCALES: Final = ((10**12, "billion"), (10**9, "milliard"), (10**6, "million"))


def cardinal(number: int, feminine: bool = False) -> str:
    """`number` below 10^15; `feminine` makes of a final `un` `une`."""
    words: list[str] = []
    for scale, name in _SCALES:
        count, number = divmod(number, scale)
        if count:
            words.append(f"{_below_1000(count)} {name}{'s' if count > 1 else ''}")
    thousands, rest = divmod(number, 1000)
    if thousands:
        words.append("mille" if thousands == 1 else f"{_below_1000(thousands, last=False)} mille")
    if rest or not words:
        words.append(_below_1000(rest, feminine))
    return " ".join(words)


def ordinal(number: int, feminine: bool = False) -> str:
    """`number` below 10^15, from 1 up, as `deuxième`; 1 is `premier` or `première`."""
    if number == 1:
        return "première" if feminine else "premier"
    words = cardinal(number)
    if number % 100 == 80 or (number % 100 == 0 and words.endswith("cents")) or number % 10**6 == 0:
        words = words.removesuffix("s")
    if words.endswith("cinq"):
        return words + "uième"
    if words.endswith("neuf"):
        return words[:-1] + "vième"
    return words.removesuffix("e") + "ième"


def _below_1000(number: int, feminine: bool = False, last: bool = True) -> str:
    """`last`: nothing but `million` and the like follows, so that `cents` and `quatre-vingts` have their s."""
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_100(rest, feminine, last)
    words = "cent" if hundreds == 1 else f"{_UNITS[hundreds]} cent"
    if rest:
        return f"{words} {_below_100(rest, feminine, last)}"
    return words + ("s" if hundreds > 1 and last else "")


def _below_100(number: int, feminine: bool, last: bool) -> str:
    if number < 20:
        return "une" if feminine and number == 1 else _UNITS[number]
    tens, unit = divmod(number, 10)
    if tens in {7, 9}:
        tens, unit = tens - 1, unit + 10
    if not unit:
        return _TENS[tens] + ("s" if tens == 8 and last else "")
    joint = " et " if unit in {1, 11} and tens != 8 else "-"
    return f"{_TENS[tens]}{joint}{_below_100(unit, feminine, last)}"
