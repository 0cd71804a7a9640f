"""Korean numbers that are said figure by figure, and signs between numbers."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NUMBER, TO, after, before
from ttsd.text.verbal.korean.amounts import SCALE, scaled
from ttsd.text.verbal.korean.numerals import by_digit, cardinal, number
from ttsd.text.verbal.korean.words import CALLED, EMERGENCY, ENGLISH, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_GROUP: Final = re.compile("[0-9]+")
_SIGNS: Final = {
    "+": "더하기", "-": "빼기", "−": "빼기", "×": "곱하기", "*": "곱하기", "÷": "나누기", "=": "는", "≈": "약", "≠": "같지 않다",
    "<": "작다", ">": "크다",
}  # fmt: skip


def _phone(match: re.Match[str]) -> Token:
    groups = _GROUP.findall(match[0])
    if len(groups) == 1 and len(groups[0]) == 11:
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    return Said(("플러스 " if match[0][0] == "+" else "") + ", ".join(map(by_digit, groups)))


def _called(match: re.Match[str]) -> Token | None:
    return Said(", ".join(map(by_digit, re.split("[- ]", match[0])))) if before(match, CALLED) else None


def _emergency(match: re.Match[str]) -> Token | None:
    return Said(by_digit(match[0])) if after(match, EMERGENCY) else None


def _digits(match: re.Match[str]) -> Token:
    return Said(by_digit(match[0]))


def _version(match: re.Match[str]) -> Token:
    parts = match["parts"].split(".")
    return Said(" 점 ".join(by_digit(part, zero="영") if len(part) > 2 else cardinal(part) for part in parts))


def _letters(match: re.Match[str]) -> Token:
    digits = match["digits"]
    said = by_digit(digits) if len(digits) > 2 and "." not in digits else number(digits)
    return Said(f"{match['head']} {said}")


def _ratio(match: re.Match[str]) -> Token:
    return Said(" 대 ".join(map(number, match[0].replace(" ", "").split(":"))))


def _between(match: re.Match[str]) -> Token:
    first, last = match["first"], match["last"]
    falls = float(first.replace(",", "")) >= float(last.replace(",", ""))
    against = "-" in match[0] and (falls or before(match, RESULT_BEFORE) or after(match, RESULT_AFTER))
    return Said(f"{number(first)}{' 대' if against else '에서'} {number(last)}")


def _address(match: re.Match[str]) -> Token:
    return Said("다시 ".join(f"{cardinal(each)} " for each in match[0].split("-")).rstrip())


def _number(match: re.Match[str]) -> Token:
    return Said(scaled(match["sign"], match["digits"], match["scale"]))


def _sum(match: re.Match[str]) -> Token:
    return Said(f" {_SIGNS[match['sign']]} " if match["sign"] != "=" else "는 ")


def _roman(match: re.Match[str]) -> Token:
    c = ord(match[0])
    return Said(cardinal(str(c - (0x215F if c < 0x2170 else 0x216F))))


def _circled(match: re.Match[str]) -> Token:
    c = ord(match[0])
    return Said(cardinal(str((c - 0x245F) if c < 0x2474 else (c - 0x2473))))


BETWEEN: Final = (
    Form(
        rf"(?<=[0-9][일월년시분초원층명개살도장회호])(?: ?{TO} ?)(?=[0-9제오])|(?<=[0-9][%‰℃])(?: ?{TO} ?)(?=[0-9])|(?<=[0-9]만)(?: ?{TO} ?)(?=[0-9])"
        "|(?<=[0-9]시간)(?: ?[~∼〜～] ?)(?=[0-9])|(?<=[가-힣)])(?: ?[~∼〜～] ?)(?=[0-9])|(?<=[월화수목금토일])(?:[~∼〜～])(?=[월화수목금토일])",
        lambda _: Said("에서 "),
    ),
)
NUMBERED: Final = (
    Form(rf"(?<![0-9A-Za-z])(?:{one_of(ENGLISH)})(?![0-9A-Za-z])", lambda m: Said(ENGLISH[m[0]])),
    Form("(?<=코로나)-?19(?![0-9])", lambda _: Said("일구")),
    Form("(?<![0-9])[0-9]{1,2}[·.](?:[0-9]{1,2})(?= ?(?:전쟁|사변|민주화|혁명|광복절|운동|절(?!반)|테러|선언|대책))", lambda m: Said(by_digit(re.sub("[·.]", "", m[0])))),
    Form("(?<![0-9])[0-9]{1,2}·[0-9]{1,2}(?![0-9])", lambda m: Said(by_digit(m[0].replace("·", "")))),
    Form(r"\+82[- ]?[0-9]{1,3}[- ]?[0-9]{3,4}[- ]?[0-9]{4}(?![0-9])|\+[0-9]{1,3}(?:[- ][0-9]{1,4}){2,4}(?![0-9])", _phone),
    Form(r"(?<![0-9])[(]?0[0-9]{1,2}[)]?[-. ]?[0-9]{3,4}[-. ][0-9]{4}(?![0-9])", _phone),
    Form("(?<![0-9])01[016789][0-9]{7,8}(?![0-9])", _phone),
    Form("(?<![0-9])1[568][0-9]{2}-[0-9]{4}(?![0-9])", _phone),
    Form(r"(?<![0-9A-Za-z.])[0-9]{3,}(?:[- ][0-9]{2,})*(?![0-9.,%])(?! ?[원명개회년])", _called),
    Form("(?<![0-9.,])11[0-9](?![0-9.,%])", _emergency),
    Form("(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _digits),
    Form(r"(?<![0-9A-Za-z.])(?:[Vv]\.? ?)?(?P<parts>[0-9]{1,5}(?:\.[0-9]{1,5}){2,6})(?![0-9])", _version),
    Form(rf"(?<![0-9:]){NUMBER} ?: ?{NUMBER}(?: ?: ?{NUMBER})?(?![0-9])", _ratio),
    Form(r"(?<![A-Za-z])(?P<head>[A-Za-z]{1,12})-?(?P<digits>[0-9]{1,9}(?:\.[0-9]{1,3})?)(?![0-9])", _letters),
    Form("(?<![0-9-])[0-9]{1,4}-[0-9]{1,4}(?= ?번지)", _address),
)
LAST: Final = (
    Form(rf"(?<![0-9A-Za-z.,-])(?P<first>{NUMBER}) ?{TO} ?(?P<last>{NUMBER})(?![0-9.,]| ?=)", _between),
    Form("(?<=[0-9)]) ?(?P<sign>[-−+×*÷=≈≠<>]) ?(?=[0-9])", _sum),
    Form(rf"(?P<sign>(?<![\w)\]])[{MINUS}+±]|(?<=[은는이가을를의로도])[{MINUS}])?(?P<digits>{NUMBER})(?: ?(?P<scale>{SCALE}))?", _number),
    Form("[0-9]+", _digits),
    Form("[Ⅰ-Ⅻⅰ-ⅻ]", _roman),
    Form("[①-⒇]", _circled),
    Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said(" 제곱" if m[0] == "²" else " 세제곱")),
    Form("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", lambda _: Said("넘버 ")),
    Form("(?<=[0-9])[′″]", lambda m: Said("분" if m[0] == "′" else "초")),
    Form("(?<![0-9A-Za-z가-힣)])[~∼〜～] ?(?=[0-9])", lambda _: Said("약 ")),
)
