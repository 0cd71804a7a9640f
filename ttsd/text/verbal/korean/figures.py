"""Korean numbers that are said figure by figure, and signs between numbers."""

import re
from functools import partial
from typing import Final

from ttsd.text.verbal.cjk_figures import Figures, mark_forms
from ttsd.text.verbal.cjk_forms import MINUS, NUMBER, TO, Around, after, between_form
from ttsd.text.verbal.korean.amounts import SCALE, scaled
from ttsd.text.verbal.korean.numerals import by_digit, cardinal, number
from ttsd.text.verbal.korean.words import CALLED, EMERGENCY, ENGLISH, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_FIGURES: Final = Figures(
    cardinal=cardinal,
    number=number,
    by_digit=partial(by_digit, zero="영"),
    dialled=by_digit,
    pause=", ",
    plus="플러스 ",
    point=" 점 ",
    to="에서 ",
    against=" 대 ",
    gap=" ",
)
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


def _emergency(match: re.Match[str]) -> Token | None:
    return Said(by_digit(match[0])) if after(match, EMERGENCY) else None


def _day_of_history(match: re.Match[str]) -> Token:
    return Said("".join(map(by_digit, re.split("[·./]", match[0]))))


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
    Form(_PHONE, _FIGURES.phone),
    _FIGURES.dialled_form(CALLED, "원명개회년"),
    Form("(?<![0-9.,])11[0-9](?![0-9.,%])", _emergency),
    Form("(?<![0-9.,])[0-9]{12,}(?![0-9.,])", _FIGURES.digits),
    Form("(?<![0-9.,])(?P<first>[0-9]{1,3}) ?대 ?(?P<last>[0-9]{1,3})(?![0-9.,])", _against),
    *_FIGURES.numbered_forms(),
    Form(
        "(?<![0-9-])(?P<first>[0-9]{1,4})-(?P<last>[0-9]{1,4})(?= ?번지)",
        lambda m: Said(f"{cardinal(m['first'])} 다시 {cardinal(m['last'])}"),
    ),
)
LAST: Final = (
    between_form(_FIGURES.between(Around(RESULT_BEFORE, RESULT_AFTER))),
    Form("(?<=[0-9)]) ?(?P<sign>[-−+×*÷=≈<>]) ?(?=[0-9])", lambda m: Said(_SIGNS[m["sign"]])),
    Form(
        rf"(?P<sign>(?<![\w)\]])[{MINUS}+±]|(?<=[은는이가을를의로도] )[{MINUS}])?(?P<digits>{NUMBER})"
        rf"(?: ?(?P<scale>{SCALE}))?",
        _number,
    ),
    Form("[0-9]+", _FIGURES.digits),
    *_FIGURES.sign_forms("가-힣", ""),
    *mark_forms({"²": " 제곱", "³": " 세제곱"}, "넘버 ", "분", "초"),
    Form("#(?=[0-9])|'(?=[0-9]{2}년)", lambda _: Said("")),
    Form(f"(?<![0-9A-Za-z가-힣)]){_WAVE} ?(?=[0-9])", lambda _: Said("약 ")),
)
