"""Korean amounts: money, per cent, temperatures, units and fractions."""

import re
from functools import partial
from typing import Final

from ttsd.text.verbal.cjk_forms import (
    Around,
    amounts,
    before,
    degrees_form,
    fraction_form,
    measure_form,
    money_forms,
    percent_form,
)
from ttsd.text.verbal.cjk_quantities import Money, fraction_forms
from ttsd.text.verbal.korean.amounts import SCALE, in_millions, says
from ttsd.text.verbal.korean.numerals import cardinal, number
from ttsd.text.verbal.korean.words import CENTS, CURRENCIES, SHARE_AFTER, SHARE_BEFORE, SPEEDS, UNITS
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_SHARED: Final = "컵|큰술|작은술|스푼|티스푼|조각|개|쪽|판|병|시간|크기|정도|지점|페이지"
_SPEED_BEFORE: Final = re.compile("[시초분풍광음]속(?: ?약)? ?$")
_MONEY: Final = Money(
    cardinal=cardinal,
    says=partial(says, money=True),
    in_millions=in_millions,
    currencies=CURRENCIES,
    cents=CENTS,
    minus="마이너스 ",
    gap=" ",
)


def _percent(match: re.Match[str]) -> Token:
    kind = {"%": "퍼센트", "‰": "퍼밀", "%p": "퍼센트포인트"}[match["kind"].lower()]
    return Said(f"{says(match)} {kind}")


def _temperature(mark: str | None, written: str, *, above: bool = False) -> str:
    if mark and mark not in "+±":
        return f"영하 {number(written)}"
    return f"영상 {number(written)}" if above else number(written)


def _degrees(match: re.Match[str]) -> Token:
    scale = "화씨 " if match["unit"][-1] in "F℉" else ""
    first = f"{scale}{_temperature(match['sign'], match['a'])} 도"
    if not match["b"]:
        return Said(first)
    above = bool(match["sign"]) and not match["last_sign"]
    return Said(f"{first}에서 {_temperature(match['last_sign'], match['b'], above=above)} 도")


def _cold(match: re.Match[str]) -> Token | None:
    is_cold = match["sign"] and match["sign"] not in "+±" and not match["b"]
    return Said(f"{_temperature(match['sign'], match['a'])} ") if is_cold else None


def _measure(match: re.Match[str]) -> Token:
    unit, per = UNITS[match["unit"]], match["per"]
    if per in SPEEDS and unit.endswith("미터"):
        ahead = "" if before(match, _SPEED_BEFORE) else f"{SPEEDS[per]} "
        return Said(f"{ahead}{says(match)} {unit}")
    return Said((f"{UNITS[per]}당 " if per else "") + f"{says(match)} {unit}")


def _priced(match: re.Match[str]) -> Token:
    per = UNITS.get(match["per"], match["per"])
    return Said(f"{per}당 {says(match, money=True)} {match['noun']}")


def _parts(whole: str | None, above: str, below: str) -> Said:
    return Said((f"{cardinal(whole)}과 " if whole else "") + f"{cardinal(below)}분의 {cardinal(above)}")


def _share(match: re.Match[str]) -> Token:
    """With the space that a noun after it needs."""
    said = _parts(match["whole"], match["above"], match["below"])
    return Said(f"{said.words} ")


_AMOUNTS: Final = amounts(SCALE)
FORMS: Final = (
    *money_forms(_MONEY.build, SCALE, CURRENCIES, "원|달러"),
    percent_form(_percent, SCALE),
    degrees_form(_degrees, SCALE),
    Form(rf"{_AMOUNTS} ?(?=도(?:까지|로|의|에|가|를|이|,|\.| |$))", _cold),
    Form(
        rf"{_AMOUNTS} ?(?P<noun>원|달러|명|건|회)/ ?"
        rf"(?P<per>{one_of(UNITS)}|명|인|개|월|일|년|주|시간|분|박|평|병|권|장|대)(?![A-Za-z])",
        _priced,
    ),
    measure_form(_measure, SCALE, UNITS),
    Form(rf"{fraction_form(_share, '[ 과]').pattern}(?={_SHARED})", _share),
    *fraction_forms(_parts, "[ 과]", Around(SHARE_BEFORE, SHARE_AFTER)),
    Form(
        r"(?<![0-9.,])(?P<below>[0-9]{1,4}) ?분의 ?(?P<above>[0-9]{1,4})",
        lambda m: _parts(None, m["above"], m["below"]),
    ),
)
