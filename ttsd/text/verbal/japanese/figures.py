"""Japanese numbers that are said figure by figure, and signs between numbers."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import (
    LISTED,
    MINUS,
    NUMBER,
    ROMAN,
    ROMAN_SIGN,
    TO,
    after,
    before,
    between_form,
    called_form,
    falls,
    figures_of,
    letters_form,
    ratio_form,
    version_form,
)
from ttsd.text.verbal.japanese.amounts import SCALE, scaled
from ttsd.text.verbal.japanese.numerals import by_digit, cardinal, number
from ttsd.text.verbal.japanese.words import CALLED, ENGLISH, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_GROUP: Final = re.compile("[0-9]+")
_ROMANS: Final = one_of(ROMAN)
_SIGNS: Final = {
    "+": "足す",
    "-": "引く",
    "−": "引く",
    "×": "掛ける",
    "*": "掛ける",
    "÷": "割る",
    "≒": "ほぼ",
    "≈": "ほぼ",
    "≠": "ノットイコール",
    "±": "プラスマイナス",
    "<": "小なり",
    ">": "大なり",
}


def _phone(match: re.Match[str]) -> Token:
    groups = _GROUP.findall(match[0])
    if len(groups) == 1 and len(groups[0]) == 11:
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    return Said(("プラス" if match[0][0] == "+" else "") + "の".join(map(by_digit, groups)))


def _groups(match: re.Match[str]) -> str:
    return "の".join(map(by_digit, _GROUP.findall(match[0])))


def _called(match: re.Match[str]) -> Token | None:
    return Said(_groups(match)) if before(match, CALLED) else None


def _digits(match: re.Match[str]) -> Token:
    return Said(by_digit(match[0]))


def _version(match: re.Match[str]) -> Token:
    parts = match["parts"].split(".")
    return Said("点".join(by_digit(part) if len(part) > 2 else cardinal(part) for part in parts))


def _letters(match: re.Match[str]) -> Token:
    digits = match["digits"]
    return Said(match["head"] + (by_digit(digits) if len(digits) > 2 and "." not in digits else number(digits)))


def _ratio(match: re.Match[str]) -> Token:
    return Said("対".join(map(number, match[0].replace(" ", "").split(":"))))


def _between(match: re.Match[str]) -> Token:
    is_result = falls(match) or before(match, RESULT_BEFORE) or after(match, RESULT_AFTER)
    to = "対" if "-" in match[0] and is_result else "から"
    return Said(f"{number(match['first'])}{to}{number(match['last'])}")


def _sum(match: re.Match[str]) -> Token:
    return Said(_SIGNS[match["sign"]])


def _bound(match: re.Match[str]) -> Token:
    return Said(number(match["digits"]) + ("以上" if match["sign"] in "≧≥" else "以下"))


def _number(match: re.Match[str]) -> Token:
    return Said(scaled(match["sign"], match["digits"], match["scale"]))


def _listed(match: re.Match[str]) -> Token:
    return Said(cardinal(figures_of(match["sign"])) + ("" if match["more"] is None else "、"))


_COUNTED: Final = "日号年月時分秒円度階章条頁回人個本枚歳番万億点巻話"
_DAY: Final = "[月火水木金土日]"
BETWEEN: Final = (
    Form(rf"(?<=[0-9〇零一二三四五六七八九十半][{_COUNTED}])(?: ?{TO} ?)(?=[0-9第])", lambda _: Said("から")),
    Form("(?<=[0-9][時分日月年円])[~〜～](?=午|翌|正午|同|夕|夜|深夜|早朝)", lambda _: Said("から")),
    Form(rf"(?<=[0-9][%‰℃])(?: ?{TO} ?)(?=[0-9])", lambda _: Said("から")),
    Form(f"(?<=[一-鿿ぁ-ん)）])(?: ?[~〜～] ?)(?=[0-9])|(?<={_DAY})[~〜～](?={_DAY})", lambda _: Said("から")),
)
_PHONE: Final = (
    r"\+[0-9]{1,3}(?:[- ][0-9]{1,11}){1,4}(?![0-9])|(?<![0-9])(?:0120-?[0-9]{6}|0[5-9]0[0-9]{8})(?![0-9])"
    r"|(?<![0-9])[(（]?0[0-9]{1,4}[)）]?[- (（]?[0-9]{1,4}[- )）][0-9]{3,4}(?![0-9-])"
)
_NO_CALL: Final = "(?= ?番(?![目線地台街]))"
NUMBERED: Final = (
    Form(rf"(?<![0-9A-Za-z])(?:{one_of(ENGLISH)})(?![0-9A-Za-z])", lambda m: Said(ENGLISH[m[0]])),
    Form("〒 ?[0-9]{3}-?[0-9]{4}(?![0-9])", lambda m: Said("郵便番号" + _groups(m))),
    Form(_PHONE, _phone),
    called_form(_called, "円人個回年日万"),
    Form(f"(?<![0-9.,])110{_NO_CALL}", lambda _: Said("ひゃくとお")),
    Form(f"(?<![0-9.,])(?:104|117|171|177|188|189){_NO_CALL}", _digits),
    Form("(?<![0-9A-Za-z.,])[0-9]{3,4}(?= ?(?:号室|便(?!利)))|(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _digits),
    Form(
        "(?<![0-9-])[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,4}(?![0-9-])",
        lambda m: Said("の".join(map(cardinal, m[0].split("-")))),
    ),
    version_form(_version),
    ratio_form(_ratio),
    letters_form(_letters),
    Form(
        "(?<![0-9A-Za-z.,-])(?P<first>[0-9]{1,3})-(?P<last>[0-9]{1,3})"
        "(?= ?(?:で|と(?:リード|なっ|した|して)|の(?:スコア|勝|大差)))",
        _between,
    ),
)
LAST: Final = (
    between_form(_between),
    Form("(?<=[A-Za-z]) ?= ?(?=[0-9])", lambda _: Said("イコール")),
    Form("(?<=[0-9)）ぁ-ヺー一-鿿]) ?= ?(?=[0-9])", lambda _: Said("は")),
    Form("(?<=[0-9)）]) ?(?P<sign>[-−+×*÷≒≈≠<>±]) ?(?=[0-9])", _sum),
    Form(rf"(?P<sign>[≧≥≦≤]) ?(?P<digits>{NUMBER})", _bound),
    Form(
        rf"(?P<sign>(?<![\w)）\]])[{MINUS}+±]|(?<=[はがをにへもで、])[{MINUS}])?(?P<digits>{NUMBER})"
        rf"(?: ?(?P<scale>{SCALE}))?",
        _number,
    ),
    Form("[0-9]+", _digits),
    Form(ROMAN_SIGN, lambda m: Said(cardinal(figures_of(m[0])))),
    Form(
        f"(?<=第){_ROMANS}(?![A-Za-z])|(?<![A-Za-z0-9]){_ROMANS}(?=[型期級類世種度])",
        lambda m: Said(cardinal(ROMAN[m[0]])),
    ),
    Form(f"(?P<sign>{LISTED})(?P<more>(?=[ぁ-ヺ一-鿿]))?", _listed),
    Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said("の二乗" if m[0] == "²" else "の三乗")),
    Form("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", lambda _: Said("ナンバー")),
    Form("'(?=[0-9]{2}年)", lambda _: Said("")),
    Form("(?<=[0-9])[′″]", lambda m: Said("分" if m[0] == "′" else "秒")),
    Form("(?<![0-9A-Za-zぁ-んァ-ヺ一-鿿)）])[~〜～] ?(?=[0-9])", lambda _: Said("約")),
)
