"""Chinese numbers that are said figure by figure, and signs between numbers: telephones, rooms, versions, scores."""

import re
from typing import Final

from ttsd.text.verbal.chinese.amounts import SCALE
from ttsd.text.verbal.chinese.numerals import by_digit, cardinal, code, number, sign
from ttsd.text.verbal.chinese.words import CALLED, CALLING, HELP, NICKNAMES
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
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_HOTLINES: Final = re.compile("10086|10010|12306|12315|12348|12333|12369|12388|95[0-9]{3}|96110")
_GROUP: Final = re.compile("[0-9]+")
_ROMANS: Final = one_of(ROMAN)
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
    groups = _GROUP.findall(match[0])
    if len(groups[-1]) == 11:
        groups[-1:] = [groups[-1][:3], groups[-1][3:7], groups[-1][7:]]
    return Said(("加" if "+" in match[0] else "") + "，".join(map(code, groups)))


def _called(match: re.Match[str]) -> Token | None:
    return Said("，".join(map(code, _GROUP.findall(match[0])))) if before(match, CALLED) else None


def _hotline(match: re.Match[str]) -> Token | None:
    known = before(match, CALLING) or after(match, HELP) or _HOTLINES.fullmatch(match[0])
    return Said(code(match[0])) if known else None


def _code(match: re.Match[str]) -> Token:
    return Said(code(match[0]))


def _version(match: re.Match[str]) -> Token:
    parts = match["parts"].split(".")
    return Said("点".join(by_digit(part) if len(part) > 2 else cardinal(part) for part in parts))


def _letters(match: re.Match[str]) -> Token:
    digits = match["digits"]
    return Said(match["head"] + (code(digits) if len(digits) > 2 and "." not in digits else number(digits)))


def _ratio(match: re.Match[str]) -> Token:
    return Said("比".join(map(number, match[0].replace(" ", "").split(":"))))


def _between(match: re.Match[str]) -> Token:
    return Said(f"{number(match['first'])}{'比' if falls(match) else '到'}{number(match['last'])}")


def _sum(match: re.Match[str]) -> Token:
    return Said(_SIGNS[match["sign"]])


def _number(match: re.Match[str]) -> Token:
    scale = match["scale"] or ""
    return Said(sign(match["sign"] or "") + number(match["digits"], two="两" if scale else "二") + scale)


def _listed(match: re.Match[str]) -> Token:
    return Said(cardinal(figures_of(match["sign"])) + ("" if match["more"] is None else "、"))


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
    called_form(_called, "万亿元个块人次天月岁"),
    Form(
        "(?<![0-9.,¥$])(?:1[0-9]{2}|1[02][0-9]{3}|9[56][0-9]{3})(?![0-9.,%:-])(?! ?[万亿元个人块米件年公千])",
        _hotline,
    ),
    Form(f"(?<![0-9A-Za-z.])[0-9]{{3,4}}(?= ?(?:{_ROOM}))", _code),
    Form("(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])|(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _code),
    Form("(?<![0-9A-Za-z])(?:480|720|1080|1440|2160|4320)(?=[pPiI](?![A-Za-z]))", _code),
    version_form(_version),
    ratio_form(_ratio),
    letters_form(_letters),
)
_MINUS_AFTER: Final = f"(?<=[是为到至于达得了降减温度额润率])[{MINUS}]"
LAST: Final = (
    between_form(_between),
    Form("(?<=[0-9A-Za-z)）²³]) ?(?P<sign>[-−+×*÷=≈≠<>≤≥±]) ?(?=[0-9])", _sum),
    Form("(?P<sign>[≈≠<>≤≥=]) ?(?=[0-9])", _sum),
    Form(rf"(?P<sign>(?<![\w)）\]])[{MINUS}+±]|{_MINUS_AFTER})?(?P<digits>{NUMBER})(?: ?(?P<scale>{SCALE}))?", _number),
    Form("[0-9]+", lambda m: Said(by_digit(m[0]))),
    Form(ROMAN_SIGN, lambda m: Said(cardinal(figures_of(m[0])))),
    Form(
        f"(?<=第){_ROMANS}(?![A-Za-z])|(?<![A-Za-z0-9]){_ROMANS}(?=[型期级类世度])",
        lambda m: Said(cardinal(ROMAN[m[0]])),
    ),
    Form(f"(?P<sign>{LISTED})(?P<more>(?=[一-鿿]))?", _listed),
    Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said("的平方" if m[0] == "²" else "的立方")),
    Form("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", lambda _: Said("第")),
    Form("(?<=[0-9])#(?=[楼栋幢座机库床])", lambda _: Said("号")),
    Form("#(?=[0-9])|'(?=[0-9]{2}年)", lambda _: Said("")),
    Form("(?<=[0-9])[′″]", lambda m: Said("分" if m[0] == "′" else "秒")),
    Form(r"(?<=[0-9万亿])\+(?![0-9A-Za-z])", lambda _: Said("加")),
    Form("(?<![0-9A-Za-z一-鿿])~ ?(?=[0-9])", lambda _: Said("约")),
)
