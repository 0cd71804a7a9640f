"""Japanese amounts: money, per cent, temperatures, units, fractions and numbers before counters."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import (
    Around,
    after,
    amounts,
    before,
    degrees_form,
    measure_form,
    money_forms,
    percent_form,
)
from ttsd.text.verbal.cjk_quantities import Money, fraction_forms
from ttsd.text.verbal.japanese.amounts import SCALE, in_millions, says
from ttsd.text.verbal.japanese.numerals import cardinal
from ttsd.text.verbal.japanese.words import CENTS, COLD_ZERO, CURRENCIES, SHARE_AFTER, SHARE_BEFORE, SPEEDS, UNITS
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_MINUTES: Final = {"5": "ごふん", "8": "はっぷん", "9": "きゅうふん", "10": "じゅっぷん"}
_LONG: Final = {"日": "日", "月": "か月", "年": "年"}
_SPEED_BEFORE: Final = re.compile("[時秒分風]速(?:約|およそ)? ?$")
_MONEY: Final = Money(
    cardinal=cardinal,
    says=says,
    in_millions=in_millions,
    currencies=CURRENCIES,
    cents=CENTS,
    minus="マイナス",
)


def minutes(figures: str) -> str:
    """`figures` and 分 as a time; where the kanji would be read as ぶ or ぶん (五分, 十分), in kana."""
    return _MINUTES.get(figures) or f"{cardinal(figures)}分"


def _yen(match: re.Match[str]) -> Token:
    return Said(f"{cardinal(match['whole'].replace(',', ''))}円{cardinal(match['cents'].lstrip('0') or '0')}銭")


def _percent(match: re.Match[str]) -> Token:
    name = {"%": "パーセント", "%p": "パーセントポイント", "‰": "パーミル"}[match["kind"].lower()]
    return Said(says(match) + name)


def _degrees(match: re.Match[str]) -> Token:
    fahrenheit = "華氏" if match["unit"][-1] in "F℉" else ""
    return Said(fahrenheit + says(match, zero="零") + "度")


def _measure(match: re.Match[str]) -> Token:
    unit, per = UNITS[match["unit"]], match["per"]
    if per in SPEEDS and unit.endswith("メートル"):
        return Said(("" if before(match, _SPEED_BEFORE) else SPEEDS[per]) + says(match) + unit)
    return Said(says(match) + unit + (f"毎{UNITS[per]}" if per else ""))


def _priced(match: re.Match[str]) -> Token:
    per = "一" + _LONG.get(match["per"], match["per"])
    return Said(f"{per}あたり{says(match)}{match['noun']}")


def _per_unit(match: re.Match[str]) -> Token:
    return Said("毎" + UNITS[match["unit"]])


def _parts(whole: str | None, above: str, below: str) -> Token:
    return Said((f"{cardinal(whole)}と" if whole else "") + f"{cardinal(below)}分の{cardinal(above)}")


def _minutes(match: re.Match[str]) -> Token:
    return Said(minutes(match["minute"]))


def _counted(match: re.Match[str]) -> Token:
    return Said(says(match, zero="零" if after(match, COLD_ZERO) else "ゼロ"))


_AMOUNTS: Final = amounts(SCALE)
_NO_TIME: Final = "の[0-9一二三四五六七八九]|目|咲|け|割|が[たい]|粥|程度|身"
FORMS: Final = (
    *money_forms(_MONEY.build, SCALE, CURRENCIES, "円|ドル"),
    percent_form(_percent, SCALE),
    degrees_form(_degrees, SCALE),
    Form(
        rf"{_AMOUNTS} ?(?P<noun>円|ドル|ユーロ|人|件|回|個|本|台)/ ?"
        "(?P<per>人|個|本|枚|台|冊|箱|袋|回|日|月|年|時間|分|件|名|泊|坪)",
        _priced,
    ),
    measure_form(_measure, SCALE, UNITS),
    Form(rf"(?<=[一-鿿ァ-ヺー0-9])/(?P<unit>{one_of(UNITS)})(?![A-Za-z0-9²³])", _per_unit),
    *fraction_forms(_parts, "[ と]", Around(SHARE_BEFORE, SHARE_AFTER)),
    Form(rf"(?<![0-9.,割])(?P<minute>[589]|10) ?分(?!{_NO_TIME})", _minutes),
)
COUNTS: Final = (
    Form(r"(?<![0-9.,])(?P<whole>[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,9})\.(?P<cents>[0-9]{2}) ?円", _yen),
    # 八百 without a counter is a greengrocer's yao.
    Form("(?<![0-9.,])800(?=[^0-9.,:/%一-鿿ァ-ヺA-Za-z]|$)", lambda _: Said("はっぴゃく")),
    Form(rf"{_AMOUNTS}(?=[ ぁ-ヺー一-鿿々〆ヶ])", _counted),
)
