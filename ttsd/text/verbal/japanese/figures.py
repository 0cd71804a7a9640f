"""Japanese numbers that are said figure by figure, and signs between numbers."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NUMBER, TO, after, before
from ttsd.text.verbal.japanese.amounts import SCALE
from ttsd.text.verbal.japanese.numerals import by_digit, cardinal, number, sign
from ttsd.text.verbal.japanese.words import CALLED, ENGLISH, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, one_of

_GROUP: Final = re.compile("[0-9]+")
_LATIN_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_SIGNS: Final = {
    "+": "足す", "-": "引く", "−": "引く", "×": "掛ける", "*": "掛ける", "÷": "割る", "=": "は", "≒": "ほぼ", "≈": "ほぼ", "≠": "ノットイコール",
    "±": "プラスマイナス", "<": "小なり", ">": "大なり", "≤": "以下", "≥": "以上", "≦": "以下", "≧": "以上",
}  # fmt: skip


def _phone(match: re.Match[str]) -> Token:
    groups = _GROUP.findall(match[0])
    if len(groups) == 1 and len(groups[0]) == 11:
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    return Said(("プラス" if match[0][0] == "+" else "") + "の".join(map(by_digit, groups)))


def _postcode(match: re.Match[str]) -> Token:
    return Said("郵便番号" + "の".join(by_digit(each) for each in _GROUP.findall(match[0])))


def _called(match: re.Match[str]) -> Token | None:
    return Said("の".join(map(by_digit, re.split("[- ]", match[0])))) if before(match, CALLED) else None


def _address(match: re.Match[str]) -> Token:
    return Said("の".join(map(cardinal, match[0].split("-"))))


def _version(match: re.Match[str]) -> Token:
    parts = match["parts"].split(".")
    return Said("点".join(by_digit(part) if len(part) > 2 else cardinal(part) for part in parts))


def _letters(match: re.Match[str]) -> Token:
    digits = match["digits"]
    said = by_digit(digits) if len(digits) > 2 and "." not in digits else number(digits)
    return Said(match["head"] + said)


def _ratio(match: re.Match[str]) -> Token:
    return Said("対".join(map(number, match[0].replace(" ", "").split(":"))))


def _between(match: re.Match[str]) -> Token:
    first, last = match["first"], match["last"]
    falls = float(first.replace(",", "")) >= float(last.replace(",", ""))
    against = "-" in match[0] and (falls or before(match, RESULT_BEFORE) or after(match, RESULT_AFTER))
    return Said(f"{number(first)}{'対' if against else 'から'}{number(last)}")


def _number(match: re.Match[str]) -> Token:
    return Said(sign(match["sign"] or "") + number(match["digits"]) + (match["scale"] or ""))


def _roman(match: re.Match[str]) -> Token:
    c = ord(match[0])
    return Said(cardinal(str(c - (0x215F if c < 0x2170 else 0x216F))))


def _circled(match: re.Match[str]) -> Token:
    c = ord(match[0])
    return Said(cardinal(str((c - 0x245F) if c < 0x2474 else (c - 0x2473 if c < 0x2488 else c - 0x321F))))


_COUNTED: Final = "日号年月時分秒円度階章条頁回人個本枚歳番万億点巻話"
BETWEEN: Final = (
    Form(
        rf"(?<=[0-9〇零一二三四五六七八九十半][{_COUNTED}])(?: ?{TO} ?)(?=[0-9第])|(?<=[0-9][%‰℃])(?: ?{TO} ?)(?=[0-9])"
        "|(?<=[一-鿿ぁ-ん])(?: ?[~〜～] ?)(?=[0-9])|(?<=[月火水木金土日])(?:[~〜～])(?=[月火水木金土日])",
        lambda _: Said("から"),
    ),
)
NUMBERED: Final = (
    Form(rf"(?<![0-9A-Za-z])(?:{one_of(ENGLISH)})(?![0-9A-Za-z])", lambda m: Said(ENGLISH[m[0]])),
    Form("〒 ?[0-9]{3}-?[0-9]{4}(?![0-9])", _postcode),
    Form(r"\+81[- ]?[0-9]{1,4}[- ]?[0-9]{2,4}[- ]?[0-9]{4}(?![0-9])|\+[0-9]{1,3}(?:[- ][0-9]{1,4}){2,4}(?![0-9])", _phone),
    Form(r"(?<![0-9])[(（]?0[0-9]{1,4}[)）]?[- ]?[0-9]{1,4}[- ][0-9]{3,4}(?![0-9-])|(?<![0-9])[(（]0[0-9]{1,4}[)）][0-9]{2,4}-[0-9]{4}", _phone),
    Form("(?<![0-9])0[5-9]0[0-9]{8}(?![0-9])", _phone),
    Form(r"(?<![0-9A-Za-z.])[0-9]{3,}(?:[- ][0-9]{2,})*(?![0-9.,%])(?! ?[円人個回年])", _called),
    Form("(?<![0-9.,])110(?= ?番(?![目線地台街]))", lambda _: Said("ひゃくとお")),
    Form("(?<![0-9.,])(?:104|117|171|177|188|189)(?= ?番(?![目線地台街]))", lambda m: Said(by_digit(m[0]))),
    Form("(?<![0-9A-Za-z.,])[1-9]0[0-9](?= ?号室)|(?<![0-9A-Za-z.,])[0-9]{3,4}(?= ?(?:号室|便(?!利)))", lambda m: Said(by_digit(m[0]))),
    Form("(?<![0-9.,])[0-9]{12,}(?![0-9.,])", lambda m: Said(by_digit(m[0]))),
    Form("(?<![0-9-])[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,4}(?![0-9-])", _address),
    Form(r"(?<![0-9A-Za-z.])(?:[Vv]\.? ?)?(?P<parts>[0-9]{1,5}(?:\.[0-9]{1,5}){2,6})(?![0-9])", _version),
    Form(rf"(?<![0-9:]){NUMBER} ?: ?{NUMBER}(?: ?: ?{NUMBER})?(?![0-9])", _ratio),
    Form(r"(?<![A-Za-z])(?P<head>[A-Za-z]{1,12})-?(?P<digits>[0-9]{1,9}(?:\.[0-9]{1,3})?)(?![0-9])", _letters),
    Form(rf"(?<![0-9A-Za-z.,-])(?P<first>[0-9]{{1,3}})-(?P<last>[0-9]{{1,3}})(?= ?(?:で|と(?:リード|なっ|した|して)|の(?:スコア|勝|大差)))", _between),
)
LAST: Final = (
    Form(rf"(?<![0-9A-Za-z.,-])(?P<first>{NUMBER}) ?{TO} ?(?P<last>{NUMBER})(?![0-9.,]| ?=)", _between),
    Form("(?<=[0-9)）]) ?(?P<sign>[-−+×*÷=≒≈≠<>±]) ?(?=[0-9])", lambda m: Said(_SIGNS[m["sign"]])),
    Form(
        rf"(?P<sign>(?<![\w)）\]])[{MINUS}±]|(?<=[はがをにへもで、])[{MINUS}])?(?P<digits>{NUMBER})(?: ?(?P<scale>{SCALE}))?",
        _number,
    ),
    Form("[0-9]+", lambda m: Said(by_digit(m[0]))),
    Form("[Ⅰ-Ⅻⅰ-ⅻ]", _roman),
    Form(f"(?<=第){one_of(_LATIN_ROMAN)}(?![A-Za-z])|(?<![A-Za-z0-9]){one_of(_LATIN_ROMAN)}(?=[型期級類世種度])", lambda m: Said(cardinal(str(_LATIN_ROMAN[m[0]])))),
    Form("[①-⒇㈠-㈩]|[⒈-⒛]", _circled),
    Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said("の二乗" if m[0] == "²" else "の三乗")),
    Form("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", lambda _: Said("ナンバー")),
    Form("(?<=[0-9])[′″]", lambda m: Said("分" if m[0] == "′" else "秒")),
    Form("(?<![0-9A-Za-zぁ-んァ-ヺ一-鿿])[~〜～] ?(?=[0-9])", lambda _: Said("約")),
)
