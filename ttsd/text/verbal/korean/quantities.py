"""Korean amounts: money, per cent, temperatures, units and fractions."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NO_LETTER_AFTER, NO_NUMBER_BEFORE, after, before
from ttsd.text.verbal.korean.amounts import amounts, in_millions, says
from ttsd.text.verbal.korean.numerals import cardinal, number
from ttsd.text.verbal.korean.words import CENTS, CURRENCIES, SHARE_AFTER, SHARE_BEFORE, SPEEDS, UNITS
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_CODES: Final = {code: words for code, words in CURRENCIES.items() if code.isalpha()}
_DEGREES: Final = {"℃": "도", "°C": "도", "℉": "도", "°F": "도", "°": "도"}
_VULGAR: Final = {"½": "이분의 일", "⅓": "삼분의 일", "⅔": "삼분의 이", "¼": "사분의 일", "¾": "사분의 삼", "⅕": "오분의 일", "⅛": "팔분의 일"}


def _money(match: re.Match[str]) -> Token:
    name = CURRENCIES[match["currency"]]
    minus = "마이너스 " if match["minus"] else ""
    whole, _, cents = match["a"].partition(".")
    if match["letter"] and not match["b"]:
        return Said(f"{minus}{in_millions(match, match['letter'])} {name}")
    if len(cents) == 2 and name in CENTS and not match["b"] and not match["scale"]:
        small = f"{cardinal(cents.lstrip('0'))} {CENTS[name]}" if cents != "00" else ""
        big = f"{number(whole)} {name}" if whole != "0" or not small else ""
        return Said(minus + " ".join(filter(None, (big, small))))
    return Said(f"{minus}{says(match, money=True)} {name}")


def _percent(match: re.Match[str]) -> Token:
    kind = {"%": "퍼센트", "‰": "퍼밀", "%p": "퍼센트포인트"}[match["kind"].lower()]
    return Said(f"{says(match)} {kind}")


def _below(mark: str | None, written: str, ranged: bool) -> str:
    if mark in {"-", "−", "–"}:
        return f"영하 {number(written)}"
    return f"영상 {number(written)}" if ranged else number(written)


def _degrees(match: re.Match[str]) -> Token:
    ahead = "화씨 " if match["unit"].replace(" ", "") in {"℉", "°F"} else ""
    first = _below(match["sign"], match["a"], ranged=False)
    if not match["b"]:
        return Said(f"{ahead}{first} 도")
    above = bool(match["sign"]) and not match["last_sign"]
    return Said(f"{ahead}{first} 도에서 {_below(match['last_sign'], match['b'], ranged=above)} 도")


def _cold(match: re.Match[str]) -> Token | None:
    return Said(f"{_below(match['sign'], match['a'], ranged=False)} ") if match["sign"] in {"-", "−", "–"} and not match["b"] else None


def _measure(match: re.Match[str]) -> Token:
    unit, per = match["unit"], match["per"]
    if per in SPEEDS and UNITS[unit].endswith("미터"):
        ahead = "" if before(match, re.compile("[시초분풍광음]속(?: ?약)? ?$")) else f"{SPEEDS[per]} "
        return Said(f"{ahead}{says(match)} {UNITS[unit]}")
    ahead = f"{UNITS[per]}당 " if per else ""
    return Said(f"{ahead}{says(match)} {UNITS[unit]}")


def _priced(match: re.Match[str]) -> Token:
    per = UNITS.get(match["per"], match["per"])
    return Said(f"{per}당 {says(match, money=True)} {match['noun']}")


def _fraction(match: re.Match[str]) -> Token | None:
    above, below = int(match["above"]), int(match["below"])
    is_share = before(match, SHARE_BEFORE) or after(match, SHARE_AFTER)
    if not below or (above >= below and not match["whole"] and not is_share):
        return None
    words = f"{cardinal(match['below'])}분의 {cardinal(match['above'])}"
    return Said(f"{cardinal(match['whole'])}과 {words}" if match["whole"] else words)


def _vulgar(match: re.Match[str]) -> Token:
    whole = f"{cardinal(match['whole'])}과 " if match["whole"] else ""
    return Said(whole + _VULGAR[match["sign"]])


_UNIT: Final = one_of(UNITS)
FORMS: Final = (
    Form(
        rf"(?P<minus>(?<![0-9A-Za-z])[{MINUS}])?(?P<currency>{one_of(CURRENCIES)}) ?{amounts()}(?:(?P<letter>[KMBkmb])(?![A-Za-z]))?(?: ?(?:원|달러))?",
        _money,
    ),
    Form(rf"(?P<minus>){amounts()}(?P<letter>[KMB])? ?(?P<currency>{one_of(_CODES)}|[$€£¥₩]){NO_LETTER_AFTER}", _money),
    Form(rf"{amounts('[%‰]')} ?(?P<kind>%[pP](?![A-Za-z])|[%‰])", _percent),
    Form(rf"{amounts(one_of(_DEGREES))} ?(?P<unit>℃|℉|° ?[CF](?![A-Za-z])|°)", _degrees),
    Form(rf"{amounts()} ?(?=도(?:까지|로|의|에|가|를|이|,|\.| |$))", _cold),
    Form(rf"{amounts()} ?(?P<noun>원|달러|명|건|회)/ ?(?P<per>{_UNIT}|명|인|개|월|일|년|주|시간|분|박|평|병|권|장|대)(?![A-Za-z])", _priced),
    Form(rf"{amounts(_UNIT)} ?(?P<unit>{_UNIT})(?:/(?P<per>{_UNIT}))?(?![A-Za-z0-9²³])", _measure),
    Form(
        rf"{NO_NUMBER_BEFORE}(?<![0-9A-Za-z]/)(?:(?P<whole>[0-9]{{1,3}})[ 과])?(?P<above>[0-9]{{1,3}})[/⁄∕](?P<below>[0-9]{{1,4}})(?![0-9/]|\.[0-9])",
        _fraction,
    ),
    Form(r"(?<![0-9.,])(?P<below>[0-9]{1,4}) ?분의 ?(?P<above>[0-9]{1,4})", lambda m: Said(f"{cardinal(m['below'])}분의 {cardinal(m['above'])}")),
    Form(rf"(?P<whole>[0-9]{{1,3}})? ?(?P<sign>[{''.join(_VULGAR)}])", _vulgar),
)
