"""The written forms of addresses, telephone numbers, abbreviations, Roman numerals and signs."""

import re
from typing import Final

from ttsd.text.verbal.tokens import Abbreviation, Email, Handle, Phone, Roman, Symbol, Token, Url
from ttsd.text.verbal.writing import EDGE, END, LETTER, Form, Writing, one_of

_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}"
_ENDINGS: Final = "com|org|net|edu|gov|io|dev|info|app|ai|eu|de|at|ch|fr|es|it|pt|br|ru|uk|us|jp|kr|cn|tw|hk|su|рф"
_PATH: Final = r"(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9\-._~:/?#@!$&'*+,;=%]{0,2000})?"
_LAST: Final = r"(?<![.,;:!?'])"
"""A full stop after an address is the sentence's."""
_ROMAN: Final = re.compile("M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def address_forms() -> list[Form]:
    """URLs, e-mail addresses, handles."""
    return [
        Form(
            rf"(?<![0-9{LETTER}_.+-])(?P<mail>[A-Za-z0-9._%+-]{{1,64}}@{_HOST}[A-Za-z]{{2,24}}){END}",
            lambda m: Email(m["mail"]),
        ),
        Form(
            rf"{EDGE}(?:(?:https?|ftp)://(?P<url>[A-Za-z0-9][A-Za-z0-9\-.]{{0,250}}{_PATH}){_LAST}"
            rf"|(?P<www>www\.{_HOST}[A-Za-z]{{2,24}}{_PATH}){_LAST}"
            rf"|(?P<bare>{_HOST}(?:{_ENDINGS}){END}{_PATH}){_LAST})",
            lambda m: Url(m["url"] or m["www"] or m["bare"]),
        ),
        Form(
            rf"(?<![\w&/])(?P<sign>[@#＃])(?P<name>[{LETTER}][\w]{{0,60}}(?:\.\w{{1,30}})?)",
            lambda m: Handle(m["sign"].replace("＃", "#"), m["name"]),
        ),
    ]


def phone_forms() -> list[Form]:
    """Numbers with a country's code, in brackets, or in groups that telephones, accounts and books have."""
    gap = r"[ \-./\u00a0]"
    pattern = (
        rf"(?<![\w+])(?:(?P<plus>\+)[1-9][0-9]{{0,3}}(?:{gap}?\(?[0-9]{{1,5}}\)?){{1,2}}(?:{gap}?[0-9]{{2,8}}){{1,6}}"
        rf"|\([0-9]{{2,5}}\) ?[0-9]{{2,8}}(?:{gap}[0-9]{{2,6}}){{0,4}}"
        rf"|0[0-9]{{1,5}}(?:/|-| / | - )[0-9]{{3,9}}(?:[ -][0-9]{{2,6}}){{0,3}}"
        rf"|0[0-9](?:[ .][0-9]{{2}}){{4}}"
        rf"|0[0-9]{{2,4}} [0-9]{{3,9}}(?: [0-9]{{2,6}}){{0,3}}"
        rf"|(?:1-)?[0-9]{{3}}-[0-9]{{3}}-[0-9]{{4}}"
        rf"|[0-9]{{3}}\.[0-9]{{3}}\.[0-9]{{4}}){END}(?![-/.][0-9])"
    )

    def phone(match: re.Match[str]) -> Token | None:
        groups = tuple(re.findall("[0-9]+", match.group()))
        return Phone(groups, bool(match["plus"])) if 7 <= sum(map(len, groups)) <= 17 else None

    dashed = rf"{EDGE}[0-9]{{1,8}}(?:[-‐‑][0-9]{{1,8}}){{2,6}}{END}"
    return [Form(pattern, phone), Form(dashed, lambda m: Phone(tuple(re.findall("[0-9]+", m.group()))))]


def word_forms(writing: Writing) -> list[Form]:
    """Abbreviations, Roman numerals, signs."""
    found: list[Form] = []
    if writing.abbreviations:
        pattern = rf"{EDGE}(?P<written>{one_of(writing.abbreviations)})(?:(?<=\.)|{END})"
        found.append(Form(pattern, lambda m: Abbreviation(m["written"])))
    found += _roman_forms(writing)
    found.append(Form(r"(?<![\w/~.])~(?=[$€£¥]? ?[0-9])", lambda _: Symbol("≈")))
    signs = re.escape(writing.symbols)
    found.append(Form(rf"(?P<sign>[{signs}])(?=[ 0-9{LETTER}(]|$)", lambda m: Symbol(m["sign"])))
    return found


def _roman_forms(writing: Writing) -> list[Form]:
    if not writing.roman_after:
        return []
    pattern = rf"(?<=[{LETTER}.] )(?P<numeral>[IVXLCDM]{{2,9}}|[IVX]){END}(?!['’]|(?<= [IVX])\. ?[{LETTER}])"
    known = re.compile(rf"(?:^|\W)(?P<word>{writing.roman_after})\.? $")

    def roman(match: re.Match[str]) -> Token | None:
        value = roman_value(match["numeral"])
        word = known.search(match.string[max(0, match.start() - 30) : match.start()])
        return Roman(value, word["word"]) if value and word else None

    return [Form(pattern, roman)]


def roman_value(numeral: str) -> int:
    """What `numeral` stands for; 0 when it is none."""
    if not numeral or not _ROMAN.fullmatch(numeral):
        return 0
    values = [_VALUES[letter] for letter in numeral]
    return sum(-now if now < after else now for now, after in zip(values, [*values[1:], 0], strict=True))
