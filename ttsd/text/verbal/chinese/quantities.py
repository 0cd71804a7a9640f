"""Chinese amounts: money, per cent, temperatures, units, fractions, and numbers that count or name."""

import re
from functools import partial
from typing import Final

from ttsd.text.verbal.chinese.amounts import SCALE, in_millions, says
from ttsd.text.verbal.chinese.numerals import cardinal, number, sign
from ttsd.text.verbal.chinese.words import CURRENCIES, LABEL, MEASURE, SHARE_AFTER, SHARE_BEFORE, UNITS
from ttsd.text.verbal.cjk_forms import Around, amounts, before, degrees_form, measure_form, money_forms, percent_form
from ttsd.text.verbal.cjk_quantities import Money, fraction_forms
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_DIGITS: Final = "零一二三四五六七八九"
_DEGREES: Final = {"°": "度", "º": "度", "℃": "摄氏度", "°C": "摄氏度", "℉": "华氏度", "°F": "华氏度"}
_PRICED: Final = "元块角分米斤克升度平吨次字里时"
_PRICE_OF: Final = "人天日月年周次个件斤公千升吨米平小分秒晚间张瓶份股台辆户亩立"
_SPEED_BEFORE: Final = re.compile("[时秒分]速(?:约|达|为|是)? ?$")
_MONEY: Final = Money(
    cardinal=cardinal,
    says=partial(says, money=True),
    in_millions=in_millions,
    currencies=CURRENCIES,
    cents={},
    minus="负",
)


def _percent(match: re.Match[str]) -> Token:
    of = "千分之" if match["kind"] == "‰" else "百分之"
    first = sign(match["sign"] or "") + of + _share(match["a"])
    return Said(f"{first}到{sign(match['last_sign'] or '')}{of}{_share(match['b'])}" if match["b"] else first)


def _share(written: str) -> str:
    return "百" if written == "100" else number(written)


def _degrees(match: re.Match[str]) -> Token:
    unit = match["unit"].replace(" ", "").replace("º", "°").upper()
    return Said(says(match, minus="零下") + _DEGREES[unit])


def _cold(match: re.Match[str]) -> Token | None:
    return Said(says(match, minus="零下")) if match["sign"] and match["sign"] not in "+±" else None


def _measure(match: re.Match[str]) -> Token:
    per = match["per"] and not before(match, _SPEED_BEFORE)
    return Said(says(match) + UNITS[match["unit"]] + (f"每{UNITS[match['per']]}" if per else ""))


def _per_unit(match: re.Match[str]) -> Token:
    return Said("每" + UNITS[match["unit"]])


def _parts(whole: str | None, above: str, below: str) -> Token:
    return Said((f"{cardinal(whole)}又" if whole else "") + f"{cardinal(below)}分之{cardinal(above)}")


def _a_few(match: re.Match[str]) -> Token | None:
    first, last = int(match["first"]), int(match["last"])
    return Said(("两" if first == 2 else _DIGITS[first]) + _DIGITS[last]) if last == first + 1 else None


def _several(match: re.Match[str]) -> Token:
    return Said("、".join(map(cardinal, match[0].split("、"))))


def _counting(match: re.Match[str]) -> Token:
    return Said(says(match))


def _naming(match: re.Match[str]) -> Token:
    return Said(says(match, two="二"))


_AMOUNTS: Final = amounts(SCALE)
FORMS: Final = (
    *money_forms(_MONEY.build, SCALE, CURRENCIES, "元|美元|日元"),
    percent_form(_percent, SCALE),
    degrees_form(_degrees, SCALE),
    Form(rf"{_AMOUNTS}(?= ?(?:摄氏|华氏)?度(?!假))", _cold),
    measure_form(_measure, SCALE, UNITS),
    Form(rf"(?<=[一-鿿0-9])/(?P<unit>{one_of(UNITS)})(?![A-Za-z0-9²³])", _per_unit),
    Form(f"(?<=[{_PRICED}])/(?=[{_PRICE_OF}])", lambda _: Said("每")),
    *fraction_forms(_parts, "[ 又]", Around(SHARE_BEFORE, SHARE_AFTER)),
)
COUNTS: Final = (
    Form(rf"(?<![0-9第.])(?P<first>[1-8])、(?P<last>[2-9])(?= ?(?:{MEASURE}))(?! ?(?:{LABEL}))", _a_few),
    Form("(?<=第)[0-9]{1,4}(?:、[0-9]{1,4}){1,20}", _several),
    Form(rf"(?<=第){_AMOUNTS}", _naming),
    Form(rf"{_AMOUNTS}(?= ?(?:{LABEL}))", _naming),
    Form(rf"{_AMOUNTS}(?= ?(?:{MEASURE}))", _counting),
)
