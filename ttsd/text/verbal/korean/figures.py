"""Korean numbers that are said figure by figure, and signs between numbers."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import (
    LISTED,
    MINUS,
    NUMBER,
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
from ttsd.text.verbal.korean.amounts import SCALE, scaled
from ttsd.text.verbal.korean.numerals import by_digit, cardinal, number
from ttsd.text.verbal.korean.words import CALLED, EMERGENCY, ENGLISH, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_GROUP: Final = re.compile("[0-9]+")
_SIGNS: Final = {
    "+": " 더하기 ",
    "-": " 빼기 ",
    "−": " 빼기 ",
    "×": " 곱하기 ",
    "*": " 곱하기 ",
    "÷": " 나누기 ",
    "=": "는 ",
    "≈": " 약 ",
    "<": " 작다 ",
    ">": " 크다 ",
}


def _phone(match: re.Match[str]) -> Token:
    groups = _GROUP.findall(match[0])
    if len(groups) == 1 and len(groups[0]) == 11:
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    return Said(("플러스 " if match[0][0] == "+" else "") + ", ".join(map(by_digit, groups)))


def _called(match: re.Match[str]) -> Token | None:
    return Said(", ".join(map(by_digit, _GROUP.findall(match[0])))) if before(match, CALLED) else None


def _emergency(match: re.Match[str]) -> Token | None:
    return Said(by_digit(match[0])) if after(match, EMERGENCY) else None


def _day_of_history(match: re.Match[str]) -> Token:
    return Said("".join(map(by_digit, _GROUP.findall(match[0]))))


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
    is_result = falls(match) or before(match, RESULT_BEFORE) or after(match, RESULT_AFTER)
    to = " 대" if "-" in match[0] and is_result else "에서"
    return Said(f"{number(match['first'])}{to} {number(match['last'])}")


def _against(match: re.Match[str]) -> Token:
    return Said(f"{cardinal(match['first'])} 대 {cardinal(match['last'])}")


def _number(match: re.Match[str]) -> Token:
    return Said(scaled(match["sign"], match["digits"], match["scale"]))


_WAVE: Final = "[~∼〜～]"
_DAY: Final = "[월화수목금토일]"
BETWEEN: Final = (
    Form(rf"(?<=[0-9][일월년시분초원층명개살도장회호])(?: ?{TO} ?)(?=[0-9제오])", lambda _: Said("에서 ")),
    Form(rf"(?<=[0-9][%‰℃만])(?: ?{TO} ?)(?=[0-9])", lambda _: Said("에서 ")),
    Form(f"(?<=[가-힣)])(?: ?{_WAVE} ?)(?=[0-9])|(?<={_DAY}){_WAVE}(?={_DAY})", lambda _: Said("에서 ")),
)
_HISTORY: Final = "전쟁|사변|민주화|혁명|광복절|운동|절(?!반)|테러|선언|대책"
_PHONE: Final = (
    r"\+82[- ]?[0-9]{1,3}[- ]?[0-9]{3,4}[- ]?[0-9]{4}(?![0-9])|\+[0-9]{1,3}(?:[- ][0-9]{1,11}){1,4}(?![0-9])"
    r"|(?<![0-9])[(]?0[0-9]{1,2}[)]?[-. ]?[0-9]{3,4}[-. ][0-9]{4}(?![0-9])|(?<![0-9])01[016789][0-9]{7,8}(?![0-9])"
    "|(?<![0-9])1[568][0-9]{2}-[0-9]{4}(?![0-9])"
)
NUMBERED: Final = (
    Form(rf"(?<![0-9A-Za-z])(?:{one_of(ENGLISH)})(?![0-9A-Za-z])", lambda m: Said(ENGLISH[m[0]])),
    Form("(?<=코로나)[ -]?19(?![0-9])", lambda _: Said("일구")),
    Form(f"(?<![0-9])[0-9]{{1,2}}[·./][0-9]{{1,2}}(?= ?(?:{_HISTORY}))", _day_of_history),
    Form("(?<![0-9])[0-9]{1,2}·[0-9]{1,2}(?![0-9])", _day_of_history),
    Form(_PHONE, _phone),
    called_form(_called, "원명개회년"),
    Form("(?<![0-9.,])11[0-9](?![0-9.,%])", _emergency),
    Form("(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _digits),
    Form("(?<![0-9.,])(?P<first>[0-9]{1,3}) ?대 ?(?P<last>[0-9]{1,3})(?![0-9.,])", _against),
    version_form(_version),
    ratio_form(_ratio),
    letters_form(_letters),
    Form(
        "(?<![0-9-])(?P<first>[0-9]{1,4})-(?P<last>[0-9]{1,4})(?= ?번지)",
        lambda m: Said(f"{cardinal(m['first'])} 다시 {cardinal(m['last'])}"),
    ),
)
LAST: Final = (
    between_form(_between),
    Form("(?<=[0-9)]) ?(?P<sign>[-−+×*÷=≈<>]) ?(?=[0-9])", lambda m: Said(_SIGNS[m["sign"]])),
    Form(
        rf"(?P<sign>(?<![\w)\]])[{MINUS}+±]|(?<=[은는이가을를의로도] )[{MINUS}])?(?P<digits>{NUMBER})"
        rf"(?: ?(?P<scale>{SCALE}))?",
        _number,
    ),
    Form("[0-9]+", _digits),
    Form(ROMAN_SIGN, lambda m: Said(cardinal(figures_of(m[0])))),
    Form(f"(?P<sign>{LISTED})", lambda m: Said(cardinal(figures_of(m["sign"])))),
    Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said(" 제곱" if m[0] == "²" else " 세제곱")),
    Form("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", lambda _: Said("넘버 ")),
    Form("#(?=[0-9])|'(?=[0-9]{2}년)", lambda _: Said("")),
    Form("(?<=[0-9])[′″]", lambda m: Said("분" if m[0] == "′" else "초")),
    Form(f"(?<![0-9A-Za-z가-힣)]){_WAVE} ?(?=[0-9])", lambda _: Said("약 ")),
)
