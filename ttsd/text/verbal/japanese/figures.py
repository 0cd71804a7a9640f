"""Japanese numbers that are said figure by figure, and signs between numbers."""

import re
from typing import Final

from ttsd.text.verbal.cjk_figures import Figures, mark_forms
from ttsd.text.verbal.cjk_forms import MINUS, NUMBER, TO, Around, between_form
from ttsd.text.verbal.japanese.amounts import SCALE, scaled
from ttsd.text.verbal.japanese.numerals import by_digit, cardinal, number
from ttsd.text.verbal.japanese.words import CALLED, ENGLISH, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_FIGURES: Final = Figures(
    cardinal=cardinal,
    number=number,
    by_digit=by_digit,
    dialled=by_digit,
    pause="の",
    plus="プラス",
    point="点",
    to="から",
    against="対",
)
_BETWEEN: Final = _FIGURES.between(Around(RESULT_BEFORE, RESULT_AFTER))
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


def _sum(match: re.Match[str]) -> Token:
    return Said(_SIGNS[match["sign"]])


def _bound(match: re.Match[str]) -> Token:
    return Said(number(match["digits"]) + ("以上" if match["sign"] in "≧≥" else "以下"))


def _number(match: re.Match[str]) -> Token:
    return Said(scaled(match["sign"], match["digits"], match["scale"]))


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
    Form("〒 ?[0-9]{3}-?[0-9]{4}(?![0-9])", lambda m: Said("郵便番号" + _FIGURES.groups(m[0]))),
    Form(_PHONE, _FIGURES.phone),
    _FIGURES.dialled_form(CALLED, "円人個回年日万"),
    Form(f"(?<![0-9.,])110{_NO_CALL}", lambda _: Said("ひゃくとお")),
    Form(f"(?<![0-9.,])(?:104|117|171|177|188|189){_NO_CALL}", _FIGURES.digits),
    Form("(?<![0-9A-Za-z.,])[0-9]{3,4}(?= ?(?:号室|便(?!利)))|(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _FIGURES.digits),
    Form(
        "(?<![0-9-])[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,4}(?![0-9-])",
        lambda m: Said("の".join(map(cardinal, m[0].split("-")))),
    ),
    *_FIGURES.numbered_forms(),
    Form(
        "(?<![0-9A-Za-z.,-])(?P<first>[0-9]{1,3})-(?P<last>[0-9]{1,3})"
        "(?= ?(?:で|と(?:リード|なっ|した|して)|の(?:スコア|勝|大差)))",
        _BETWEEN,
    ),
)
LAST: Final = (
    between_form(_BETWEEN),
    Form("(?<=[A-Za-z]) ?= ?(?=[0-9])", lambda _: Said("イコール")),
    Form("(?<=[0-9)）ぁ-ヺー一-鿿]) ?= ?(?=[0-9])", lambda _: Said("は")),
    Form("(?<=[0-9)）]) ?(?P<sign>[-−+×*÷≒≈≠<>±]) ?(?=[0-9])", _sum),
    Form(rf"(?P<sign>[≧≥≦≤]) ?(?P<digits>{NUMBER})", _bound),
    Form(
        rf"(?P<sign>(?<![\w)）\]])[{MINUS}+±]|(?<=[はがをにへもで、])[{MINUS}])?(?P<digits>{NUMBER})"
        rf"(?: ?(?P<scale>{SCALE}))?",
        _number,
    ),
    Form("[0-9]+", _FIGURES.digits),
    *_FIGURES.sign_forms("ぁ-ヺ一-鿿", "、"),
    _FIGURES.roman_form("型期級類世種度"),
    *mark_forms({"²": "の二乗", "³": "の三乗"}, "ナンバー", "分", "秒"),
    Form("'(?=[0-9]{2}年)", lambda _: Said("")),
    Form("(?<![0-9A-Za-zぁ-んァ-ヺ一-鿿)）])[~〜～] ?(?=[0-9])", lambda _: Said("約")),
)
