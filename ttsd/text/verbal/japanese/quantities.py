"""Japanese amounts: money, per cent, temperatures, units, fractions and numbers before counters."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NO_LETTER_AFTER, NO_NUMBER_BEFORE, after, before
from ttsd.text.verbal.japanese.amounts import amounts, in_millions, says
from ttsd.text.verbal.japanese.numerals import cardinal
from ttsd.text.verbal.japanese.words import CENTS, COLD_ZERO, CURRENCIES, SHARE_AFTER, SHARE_BEFORE, SPEEDS, UNITS
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_CODES: Final = {code: words for code, words in CURRENCIES.items() if code.isalpha()}
_DEGREES: Final = {"℃": "度", "°C": "度", "℉": "度", "°F": "度", "°": "度"}
_VULGAR: Final = {"½": "二分の一", "⅓": "三分の一", "⅔": "三分の二", "¼": "四分の一", "¾": "四分の三", "⅕": "五分の一", "⅛": "八分の一"}
_MINUTES: Final = {"5": "ごふん", "8": "はっぷん", "9": "きゅうふん", "10": "じゅっぷん"}


def minutes(figures: str) -> str:
    """`figures` and 分 as a time; where the kanji would be read as ぶ or ぶん (五分, 十分), in kana."""
    return _MINUTES.get(figures) or f"{cardinal(figures)}分"


def _money(match: re.Match[str]) -> Token:
    name = CURRENCIES[match["currency"]]
    minus = "マイナス" if match["minus"] else ""
    whole, _, cents = match["a"].partition(".")
    if match["letter"] and not match["b"]:
        return Said(minus + in_millions(match, match["letter"]) + name)
    if len(cents) == 2 and name in CENTS and not match["b"] and not match["scale"]:
        small = cardinal(cents.lstrip("0")) + CENTS[name] if cents != "00" else ""
        big = cardinal(whole.replace(",", "")) + name if whole != "0" or not small else ""
        return Said(minus + big + small)
    return Said(minus + says(match) + name)


def _percent(match: re.Match[str]) -> Token:
    return Said(says(match) + ("パーセント" if match["kind"] == "%" else "パーミル"))


def _degrees(match: re.Match[str]) -> Token:
    fahrenheit = "華氏" if match["unit"].replace(" ", "") in {"℉", "°F"} else ""
    return Said(fahrenheit + says(match, zero="零") + "度")


def _measure(match: re.Match[str]) -> Token:
    unit, per = match["unit"], match["per"]
    if per in SPEEDS and UNITS[unit].endswith("メートル"):
        ahead = "" if before(match, re.compile("[時秒分風]速(?:約|およそ)? ?$")) else SPEEDS[per]
        return Said(ahead + says(match) + UNITS[unit])
    return Said(says(match) + UNITS[unit] + (f"毎{UNITS[per]}" if per else ""))


def _fraction(match: re.Match[str]) -> Token | None:
    above, below = int(match["above"]), int(match["below"])
    is_share = before(match, SHARE_BEFORE) or after(match, SHARE_AFTER)
    if not below or (above >= below and not match["whole"] and not is_share):
        return None
    words = f"{cardinal(match['below'])}分の{cardinal(match['above'])}"
    return Said(f"{cardinal(match['whole'])}と{words}" if match["whole"] else words)


def _vulgar(match: re.Match[str]) -> Token:
    whole = f"{cardinal(match['whole'])}と" if match["whole"] else ""
    return Said(whole + _VULGAR[match["sign"]])


def _minutes(match: re.Match[str]) -> Token:
    return Said(minutes(match["minute"]))


def _counted(match: re.Match[str]) -> Token:
    return Said(says(match, zero="零" if after(match, COLD_ZERO) else "ゼロ"))


_UNIT: Final = one_of(UNITS)
FORMS: Final = (
    Form(
        rf"(?P<minus>(?<![0-9A-Za-z])[{MINUS}])?(?P<currency>{one_of(CURRENCIES)}) ?{amounts()}(?:(?P<letter>[KMBkmb])(?![A-Za-z]))?(?: ?(?:円|ドル))?",
        _money,
    ),
    Form(rf"(?P<minus>){amounts()}(?P<letter>[KMB])? ?(?P<currency>{one_of(_CODES)}|[$€£¥₩]){NO_LETTER_AFTER}", _money),
    Form(rf"{amounts('[%‰]')} ?(?P<kind>[%‰])", _percent),
    Form(rf"{amounts(one_of(_DEGREES))} ?(?P<unit>℃|℉|° ?[CF](?![A-Za-z])|°)", _degrees),
    Form(rf"{amounts(_UNIT)} ?(?P<unit>{_UNIT})(?:/(?P<per>{_UNIT}))?(?![A-Za-z0-9²³])", _measure),
    Form(rf"(?<=[一-鿿ァ-ヺー0-9])/(?P<unit>{_UNIT})(?![A-Za-z0-9²³])", lambda m: Said("毎" + UNITS[m["unit"]])),
    Form(
        rf"{NO_NUMBER_BEFORE}(?<![0-9A-Za-z]/)(?:(?P<whole>[0-9]{{1,3}})[ と])?(?P<above>[0-9]{{1,3}})[/⁄∕](?P<below>[0-9]{{1,4}})(?![0-9/]|\.[0-9])",
        _fraction,
    ),
    Form(rf"(?P<whole>[0-9]{{1,3}})? ?(?P<sign>[{''.join(_VULGAR)}])", _vulgar),
    Form(r"(?<![0-9.,])(?P<minute>[589]|10) ?分(?!の|目|咲|け|割|が[たい]|粥|程度|身)", _minutes),
)
COUNTS: Final = (
    Form("(?<![0-9.,])800(?=[^0-9.,:/%一-鿿ァ-ヺA-Za-z]|$)", lambda _: Said("はっぴゃく")),
    Form(rf"{amounts()}(?=[ ぁ-ヺー一-鿿々〆ヶ])", _counted),
)
