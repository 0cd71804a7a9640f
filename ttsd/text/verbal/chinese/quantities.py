"""Chinese amounts: money, per cent, temperatures, units, fractions, and numbers that count or name."""

import re
from typing import Final

from ttsd.text.verbal.chinese.amounts import amounts, in_millions, says
from ttsd.text.verbal.chinese.numerals import cardinal, number, sign
from ttsd.text.verbal.chinese.words import CURRENCIES, LABEL, MEASURE, SHARE_AFTER, SHARE_BEFORE, UNITS
from ttsd.text.verbal.cjk import MINUS, NO_LETTER_AFTER, NO_NUMBER_BEFORE, NUMBER, after, before
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_CODES: Final = {code: words for code, words in CURRENCIES.items() if code.isalpha()}
_CURRENCY: Final = {mark: words for mark, words in CURRENCIES.items() if not mark.isalpha()}
_TENS: Final = "一二三四五六七八九"
_DEGREES: Final = {"°": "度", "℃": "摄氏度", "°C": "摄氏度", "°c": "摄氏度", "º": "度", "ºC": "摄氏度", "℉": "华氏度", "°F": "华氏度"}
_VULGAR: Final = {"½": "二分之一", "⅓": "三分之一", "⅔": "三分之二", "¼": "四分之一", "¾": "四分之三", "⅕": "五分之一", "⅛": "八分之一"}


def _money(match: re.Match[str]) -> Token:
    letter = match["letter"]
    value = in_millions(match, letter) if letter and not match["b"] else says(match, money=True)
    return Said(("负" if match["minus"] else "") + value + CURRENCIES[match["currency"]])


def _percent(match: re.Match[str]) -> Token:
    of = "百分之" if match["kind"] == "%" else "千分之"
    first = sign(match["sign"] or "") + of + _share(match["a"])
    return Said(f"{first}到{sign(match['last_sign'] or '')}{of}{_share(match['b'])}" if match["b"] else first)


def _share(written: str) -> str:
    return "百" if written == "100" else number(written)


def _degrees(match: re.Match[str]) -> Token:
    return Said(says(match, minus="零下") + _DEGREES[match["unit"].replace(" ", "")])


def _cold(match: re.Match[str]) -> Token | None:
    return Said(says(match, minus="零下")) if match["sign"] in {"-", "−", "–"} else None


def _measure(match: re.Match[str]) -> Token:
    per = f"每{UNITS[match['per']]}" if match["per"] else ""
    return Said(says(match) + UNITS[match["unit"]] + per)


def _per_unit(match: re.Match[str]) -> Token:
    return Said("每" + UNITS[match["unit"]])


def _fraction(match: re.Match[str]) -> Token | None:
    above, below = int(match["above"]), int(match["below"])
    if not below:
        return None
    is_share = before(match, SHARE_BEFORE) or after(match, SHARE_AFTER)
    if above >= below and not match["whole"] and not is_share:
        return None
    words = f"{cardinal(match['below'])}分之{cardinal(match['above'])}"
    return Said(f"{cardinal(match['whole'])}又{words}" if match["whole"] else words)


def _vulgar(match: re.Match[str]) -> Token:
    whole = f"{cardinal(match['whole'])}又" if match["whole"] else ""
    return Said(whole + _VULGAR[match["sign"]])


def _a_few(match: re.Match[str]) -> Token | None:
    first, last = int(match["first"]), int(match["last"])
    if last != first + 1:
        return None
    return Said(("两" if first == 2 else _TENS[first - 1]) + _TENS[last - 1])


def _counting(match: re.Match[str]) -> Token:
    return Said(says(match))


def _naming(match: re.Match[str]) -> Token:
    return Said(says(match, two="二"))


_UNIT: Final = one_of(UNITS)
FORMS: Final = (
    Form(
        rf"(?P<minus>(?<![0-9A-Za-z])[{MINUS}])?(?P<currency>{one_of(CURRENCIES)}) ?{amounts()}(?:(?P<letter>[KMBkmb])(?![A-Za-z]))?(?: ?(?:元|美元|日元))?",
        _money,
    ),
    Form(rf"(?P<minus>){amounts(one_of(_CURRENCY))}(?P<letter>[KMB])? ?(?P<currency>{one_of(_CODES)}|[$€£¥₩]){NO_LETTER_AFTER}", _money),
    Form(rf"{amounts('[%‰]')} ?(?P<kind>[%‰])", _percent),
    Form(rf"{amounts(one_of(_DEGREES))} ?(?P<unit>℃|℉|[°º] ?[CcF](?![A-Za-z])|[°º])", _degrees),
    Form(rf"{amounts()}(?= ?(?:摄氏|华氏)?度(?!假))", _cold),
    Form(rf"{amounts(_UNIT)} ?(?P<unit>{_UNIT})(?:/(?P<per>{_UNIT}))?(?![A-Za-z0-9²³])", _measure),
    Form(rf"(?<=[一-鿿0-9])/(?P<unit>{_UNIT})(?![A-Za-z0-9²³])", _per_unit),
    Form("(?<=[元块角分米斤克升度平吨次字里时])/(?=[人天日月年周次个件斤公千克升吨米平小分秒晚间张瓶份股台辆户亩立])", lambda _: Said("每")),
    Form(
        rf"{NO_NUMBER_BEFORE}(?<![0-9A-Za-z]/)(?:(?P<whole>[0-9]{{1,3}})[ 又])?(?P<above>[0-9]{{1,3}})[/⁄∕](?P<below>[0-9]{{1,4}})(?![0-9/]|\.[0-9])",
        _fraction,
    ),
    Form(rf"(?P<whole>[0-9]{{1,3}})? ?(?P<sign>[{''.join(_VULGAR)}])", _vulgar),
)
COUNTS: Final = (
    Form(rf"(?<![0-9第.])(?P<first>[1-8])、(?P<last>[2-9])(?= ?(?:{MEASURE}))(?! ?(?:{LABEL}))", _a_few),
    Form("(?<=第)[0-9]{1,4}(?:、[0-9]{1,4})+", lambda m: Said("、".join(map(cardinal, m[0].split("、"))))),
    Form(rf"(?<=第){amounts()}", _naming),
    Form(rf"{amounts()}(?= ?(?:{LABEL}))", _naming),
    Form(rf"{amounts()}(?= ?(?:{MEASURE}))", _counting),
    Form(rf"(?<![0-9A-Za-z.,\-]){NUMBER}~{NUMBER}", lambda m: Said("到".join(number(each) for each in m[0].split("~")))),
)
