"""Chinese numbers that are said figure by figure, and signs between numbers: telephones, rooms, versions, scores."""

import re
from typing import Final

from ttsd.text.verbal.chinese.amounts import SCALE
from ttsd.text.verbal.chinese.numerals import by_digit, cardinal, code, number, sign
from ttsd.text.verbal.chinese.words import CALLED, CALLING, HELP, NICKNAMES
from ttsd.text.verbal.cjk import MINUS, NUMBER, TO, after, before
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_HOTLINES: Final = re.compile("10086|10010|12306|12315|12348|12333|12369|12388|12345|95[0-9]{3}|96110")
_GROUPED: Final = re.compile(r"[0-9]+")
_ROMAN: Final = {0x2160 + place: str(place + 1) for place in range(12)} | {0x2170 + place: str(place + 1) for place in range(12)}
_LATIN_ROMAN: Final = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9", "X": "10"}
_ROMANS: Final = one_of(_LATIN_ROMAN)
_SIGNS: Final = {
    "+": "加", "-": "减", "−": "减", "×": "乘", "*": "乘", "÷": "除以", "=": "等于", "≈": "约等于", "≠": "不等于", "<": "小于",
    ">": "大于", "≤": "小于等于", "≥": "大于等于", "±": "正负",
}  # fmt: skip


def _phone(match: re.Match[str]) -> Token:
    written = match[0]
    plus = "加" if "+" in written else ""
    groups = _GROUPED.findall(written)
    if len(groups[-1]) == 11:
        groups[-1:] = [groups[-1][:3], groups[-1][3:7], groups[-1][7:]]
    return Said(plus + "，".join(map(code, groups)))


def _called(match: re.Match[str]) -> Token | None:
    if not before(match, CALLED):
        return None
    return Said("，".join(code(each) for each in re.split("[- ]", match[0])))


def _hotline(match: re.Match[str]) -> Token | None:
    known = len(match[0]) == 5 and _HOTLINES.fullmatch(match[0])
    if before(match, CALLING) or after(match, HELP) or (known and match[0] != "12345"):
        return Said(code(match[0]))
    return None


def _long(match: re.Match[str]) -> Token:
    return Said(code(match[0]))


def _version(match: re.Match[str]) -> Token:
    parts = match["parts"].split(".")
    return Said("点".join(by_digit(part) if len(part) > 2 else cardinal(part) for part in parts))


def _letters(match: re.Match[str]) -> Token:
    digits = match["digits"]
    whole = digits.partition(".")[0]
    said = code(digits) if len(whole) > 2 and "." not in digits else number(digits)
    return Said(match["head"] + said)


def _ratio(match: re.Match[str]) -> Token:
    return Said("比".join(map(number, match[0].replace(" ", "").split(":"))))


def _between(match: re.Match[str]) -> Token:
    first, last = match["first"], match["last"]
    is_range = float(first.replace(",", "")) < float(last.replace(",", ""))
    return Said(f"{number(first)}{'到' if is_range else '比'}{number(last)}")


def _sum(match: re.Match[str]) -> Token:
    return Said(_SIGNS[match["sign"]])


def _number(match: re.Match[str]) -> Token:
    scale = match["scale"] or ""
    return Said(sign(match["sign"] or "") + number(match["digits"], two="两" if scale else "二") + scale)


def _roman(match: re.Match[str]) -> Token:
    return Said("".join(cardinal(_ROMAN[ord(c)]) for c in match[0]))


def _circled(match: re.Match[str]) -> Token:
    c = ord(match[0])
    return Said(cardinal(str((c - 0x245F) if c < 0x2474 else (c - 0x2473 if c < 0x2488 else c - 0x321F))))


_COUNTED: Final = "日号年月时点分秒元度米斤章节条页万亿个天"
BETWEEN: Final = (
    Form(
        rf"(?<=[0-9〇零一二三四五六七八九十半][{_COUNTED}])(?: ?{TO} ?)(?=[0-9第])|(?<=[0-9][%‰℃])(?: ?{TO} ?)(?=[0-9])"
        rf"|(?<=周[一二三四五六日])(?: ?{TO} ?)(?=周)|(?<=[一-鿿])(?: ?[~～〜] ?)(?=[0-9])",
        lambda _: Said("到"),
    ),
)
NUMBERED: Final = (
    Form(rf"(?<![0-9.])(?:{NICKNAMES})", lambda m: Said(code(m[0].replace(".", "")))),
    Form("(?<![0-9])[0-9]{1,2}·[0-9]{1,2}(?![0-9])", lambda m: Said(by_digit(m[0].replace("·", "")))),
    Form(r"(?:\+?86[- ]?)?(?<![0-9])1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])|\+86[- ]?1[3-9][0-9]{9}(?![0-9])", _phone),
    Form(r"(?<![0-9])(?:\+86[- ]?)?[(（]?0[0-9]{2,3}[)）]?[- ]?[0-9]{3,4}[- ]?[0-9]{4}(?![0-9])", _phone),
    Form(r"(?<![0-9])[48]00[- ]?(?:[0-9]{3}[- ]?[0-9]{4}|[0-9]{4}[- ]?[0-9]{3})(?![0-9])", _phone),
    Form(r"\+[0-9]{1,3}(?:[- ][0-9]{1,4}){2,4}(?![0-9])", _phone),
    Form(r"(?<![0-9])09[0-9]{2}-[0-9]{3}-[0-9]{3}(?![0-9])|(?<![0-9])[2-9][0-9]{3}-[0-9]{4}(?![0-9])", _phone),
    Form(r"(?<![0-9A-Za-z.])[0-9]{3,}(?:[- ][0-9]{2,})*(?![0-9.,%])", _called),
    Form(r"(?<![0-9.,¥$])(?:1[0-9]{2}|1[02][0-9]{3}|9[56][0-9]{3})(?![0-9.,%:-])(?! ?[万亿元个人块米件年公千])", _hotline),
    Form("(?<![0-9A-Za-z.])[0-9]{3,4}(?= ?(?:室|会议室|房间|房(?!价|屋)|路(?!程|段)|医院|国道|省道|航班|次列车))", _long),
    Form("(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])|(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _long),
    Form("(?<![0-9A-Za-z])(?:480|720|1080|1440|2160|4320)(?=[pPiI](?![A-Za-z]))", _long),
    Form(r"(?<![0-9A-Za-z.])(?:[Vv]\.? ?)?(?P<parts>[0-9]{1,5}(?:\.[0-9]{1,5}){2,6})(?![0-9])", _version),
    Form(rf"(?<![0-9:]){NUMBER} ?: ?{NUMBER}(?: ?: ?{NUMBER})?(?![0-9])", _ratio),
    Form(r"(?<![A-Za-z])(?P<head>[A-Za-z]{1,12})-?(?P<digits>[0-9]{1,9}(?:\.[0-9]{1,3})?)(?![0-9])", _letters),
)
LAST: Final = (
    Form(rf"(?<![0-9A-Za-z.,-])(?P<first>{NUMBER}) ?{TO} ?(?P<last>{NUMBER})(?![0-9.,]| ?[=＝])", _between),
    Form(rf"(?<=[0-9A-Za-z)）²³]) ?(?P<sign>[-−+×*÷=≈≠<>≤≥±]) ?(?=[0-9])", _sum),
    Form("(?P<sign>[≈≠<>≤≥=]) ?(?=[0-9])", _sum),
    Form(
        rf"(?P<sign>(?<![\w)）\]])[{MINUS}±]|(?<=[是为到至于达得了降减])[{MINUS}])?(?P<digits>{NUMBER})(?: ?(?P<scale>{SCALE}))?",
        _number,
    ),
    Form("[0-9]+", lambda m: Said(by_digit(m[0]))),
    Form("[Ⅰ-Ⅻⅰ-ⅻ]", _roman),
    Form(
        f"(?<=第){_ROMANS}(?![A-Za-z])|(?<![A-Za-z0-9]){_ROMANS}(?=[型期级类世度])",
        lambda m: Said(cardinal(_LATIN_ROMAN[m[0]])),
    ),
    Form("[①-⒇㈠-㈩]|[⒈-⒛]", _circled),
    Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said("的平方" if m[0] == "²" else "的立方")),
    Form("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", lambda _: Said("第")),
    Form("(?<=[0-9])#(?=[楼栋幢座机库床])", lambda _: Said("号")),
    Form("#(?=[0-9])", lambda _: Said("")),
    Form("(?<=[0-9])[′″]", lambda m: Said("分" if m[0] == "′" else "秒")),
    Form(r"(?<=[0-9万亿])\+(?![0-9A-Za-z])", lambda _: Said("加")),
    Form("(?<![0-9A-Za-z一-鿿])~ ?(?=[0-9])", lambda _: Said("约")),
)
