"""Chinese numbers that are said figure by figure, and signs between numbers: telephones, rooms, versions, scores."""

import re
from typing import Final

from ttsd.text.verbal.chinese.amounts import SCALE
from ttsd.text.verbal.chinese.numerals import by_digit, cardinal, code, number, sign
from ttsd.text.verbal.chinese.words import CALLED, CALLING, HELP, NICKNAMES
from ttsd.text.verbal.cjk_figures import Figures, mark_forms, mobile
from ttsd.text.verbal.cjk_forms import MINUS, NUMBER, TO, after, before, between_form, falls
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_HOTLINES: Final = re.compile("10086|10010|12306|12315|12348|12333|12369|12388|95[0-9]{3}|96110")
_FIGURES: Final = Figures(
    cardinal=cardinal,
    number=number,
    by_digit=by_digit,
    dialled=code,
    pause="，",
    plus="加",
    point="点",
    to="到",
    against="比",
)
_SIGNS: Final = {
    "+": "加",
    "-": "减",
    "−": "减",
    "×": "乘",
    "*": "乘",
    "÷": "除以",
    "=": "等于",
    "≈": "约等于",
    "≠": "不等于",
    "<": "小于",
    ">": "大于",
    "≤": "小于等于",
    "≥": "大于等于",
    "±": "正负",
}


def _phone(match: re.Match[str]) -> Token:
    """With the code of the country or without."""
    return Said((_FIGURES.plus if match[0][0] == "+" else "") + _FIGURES.groups(mobile(match[0])))


def _hotline(match: re.Match[str]) -> Token | None:
    known = before(match, CALLING) or after(match, HELP) or _HOTLINES.fullmatch(match[0])
    return Said(code(match[0])) if known else None


def _between(match: re.Match[str]) -> Token:
    to = _FIGURES.against if falls(match) else _FIGURES.to
    return Said(f"{number(match['first'])}{to}{number(match['last'])}")


def _sum(match: re.Match[str]) -> Token:
    return Said(_SIGNS[match["sign"]])


def _number(match: re.Match[str]) -> Token:
    scale = match["scale"] or ""
    return Said(sign(match["sign"] or "") + number(match["digits"], two="两" if scale else "二") + scale)


_COUNTED: Final = "日号年月点时分秒元度米斤章节条页万亿个天"
BETWEEN: Final = (
    Form(rf"(?<=[0-9〇零一二三四五六七八九十半][{_COUNTED}])(?: ?{TO} ?)(?=[0-9第])", lambda _: Said("到")),
    Form(rf"(?<=[0-9][%‰℃)）])(?: ?{TO} ?)(?=[0-9])", lambda _: Said("到")),
    Form(rf"(?<=周[一二三四五六日])(?: ?{TO} ?)(?=周)|(?<=[一-鿿)）])(?: ?[~～〜] ?)(?=[0-9])", lambda _: Said("到")),
)
_MOBILE: Final = "1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}"
_ROOM: Final = "室|会议室|房间|房(?!价|屋)|路(?!程|段)|医院|国道|省道|航班|次列车"
NUMBERED: Final = (
    Form(rf"(?<![0-9.])(?:{NICKNAMES})", lambda m: Said(code(m[0].replace(".", "")))),
    Form("(?<![0-9])[0-9]{1,2}·[0-9]{1,2}(?![0-9])", lambda m: Said(by_digit(m[0].replace("·", "")))),
    Form(rf"(?<![0-9])(?:\+?86[- ]?)?{_MOBILE}(?![0-9])", _phone),
    Form(r"(?<![0-9])(?:\+86[- ]?)?[(（]?0[0-9]{2,3}[)）]?[- ]?[0-9]{3,4}[- ]?[0-9]{4}(?![0-9])", _phone),
    Form("(?<![0-9])[48]00[- ]?(?:[0-9]{3}[- ]?[0-9]{4}|[0-9]{4}[- ]?[0-9]{3})(?![0-9])", _phone),
    Form(r"\+[0-9]{1,3}(?:[- ][0-9]{1,11}){1,4}(?![0-9])", _phone),
    Form("(?<![0-9])(?:09[0-9]{2}-[0-9]{3}-[0-9]{3}|[2-9][0-9]{3}-[0-9]{4})(?![0-9])", _phone),
    _FIGURES.dialled_form(CALLED, "万亿元个块人次天月岁"),
    Form(
        "(?<![0-9.,¥$])(?:1[0-9]{2}|1[02][0-9]{3}|9[56][0-9]{3})(?![0-9.,%:-])(?! ?[万亿元个人块米件年公千])",
        _hotline,
    ),
    Form(f"(?<![0-9A-Za-z.])[0-9]{{3,4}}(?= ?(?:{_ROOM}))", _FIGURES.digits),
    Form("(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])|(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _FIGURES.digits),
    Form("(?<![0-9A-Za-z])(?:480|720|1080|1440|2160|4320)(?=[pPiI](?![A-Za-z]))", _FIGURES.digits),
    *_FIGURES.numbered_forms(),
)
_MINUS_AFTER: Final = f"(?<=[是为到至于达得了降减温度额润率])[{MINUS}]"
LAST: Final = (
    between_form(_between),
    Form("(?<=[0-9A-Za-z)）²³]) ?(?P<sign>[-−+×*÷=≈≠<>≤≥±]) ?(?=[0-9])", _sum),
    Form("(?P<sign>[≈≠<>≤≥=]) ?(?=[0-9])", _sum),
    Form(rf"(?P<sign>(?<![\w)）\]])[{MINUS}+±]|{_MINUS_AFTER})?(?P<digits>{NUMBER})(?: ?(?P<scale>{SCALE}))?", _number),
    Form("[0-9]+", lambda m: Said(by_digit(m[0]))),
    *_FIGURES.sign_forms("一-鿿", "、"),
    _FIGURES.roman_form("型期级类世度"),
    *mark_forms({"²": "的平方", "³": "的立方"}, "第", "分", "秒"),
    Form("(?<=[0-9])#(?=[楼栋幢座机库床])", lambda _: Said("号")),
    Form("#(?=[0-9])|'(?=[0-9]{2}年)", lambda _: Said("")),
    Form(r"(?<=[0-9万亿])\+(?![0-9A-Za-z])", lambda _: Said("加")),
    Form("(?<![0-9A-Za-z一-鿿])~ ?(?=[0-9])", lambda _: Said("约")),
)
