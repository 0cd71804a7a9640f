"""Written forms that French, Spanish, Italian and Portuguese share: titles, days, hours, centuries, telephones."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ttsd.text.verbal.forms_name import roman_value
from ttsd.text.verbal.genders import Genders
from ttsd.text.verbal.tokens import Date, Decade, Fraction, Measure, Number, Ordinal, Phone, Said, Time, Token
from ttsd.text.verbal.writing import EDGE, END, LETTER, Form

CAPITAL: Final = "A-ZÀ-ÖØ-Þ"
"""For use inside `[...]`."""
_SECOND: Final = re.compile(r" [IVXLCDM]+ [a-z]+$")


def titles(words: Mapping[str, str]) -> list[Form]:
    """Forms of what is short for a title where a name follows: `D. Juan`, `M. le maire`."""
    return [_said(rf"{EDGE}{re.escape(key)}(?= ?[{CAPITAL}]| l[ea] [{LETTER}])", said) for key, said in words.items()]


def before_numbers(words: Mapping[str, str]) -> list[Form]:
    """Forms of what is short for a noun where a number follows: `p. 5`, `art. 3`, `n. 7`; also with a capital."""
    both = {key[0].upper() + key[1:]: said[0].upper() + said[1:] for key, said in words.items()} | dict(words)
    return [_said(rf"{EDGE}{re.escape(key)}(?= ?[0-9IVX])", said) for key, said in both.items()]


def decades(*nouns: str, joint: str) -> list[Form]:
    """Forms of a decade after one of `nouns`: `años 90`, `anni '80 e '90`, `années 1980`."""
    return [
        Form(
            rf"(?<={noun} )['’‘]?(?P<year>(?:1[0-9]|20)?[1-9]0){END}(?! ?[€$£%])",
            lambda match: Decade(int(match["year"]), ""),
        )
        for noun in nouns
    ] + [Form(rf"(?<=0 {joint} )['’‘](?P<year>[1-9]0){END}", lambda match: Decade(int(match["year"]), ""))]


def ring_ordinal(genders: Genders, articles: str) -> Form:
    """The form of an ordinal written with the sign of degrees, after one of `articles` or before a noun: `3° piano`."""
    after = re.compile(rf"(?:^|[^{LETTER}])(?i:{articles}) $")

    def ordinal(match: re.Match[str]) -> Token | None:
        noun = match["noun"] and genders.of(match["noun"])
        return Ordinal(int(match["value"]), "°") if noun or after.search(match.string[: match.start()][-8:]) else None

    return Form(rf"{EDGE}(?P<value>[0-9]{{1,3}})°(?= (?P<noun>[a-zà-ÿ]+)|[^{LETTER}]|$)", ordinal)


def centuries(nouns: str, spoken: Callable[[int], str], joint: str) -> Form:
    """The form of `XV-XVI` after one of `nouns`, a pattern of plurals."""
    after = re.compile(rf"(?:^|[^{LETTER}])(?i:{nouns}) $")

    def both(match: re.Match[str]) -> Token | None:
        values = [roman_value(match[key]) for key in ("first", "last")]
        if not all(values) or not after.search(match.string[: match.start()][-12:]):
            return None
        return Said(f" {joint} ".join(map(spoken, values)))

    return Form(rf"{EDGE}(?P<first>[IVX]{{1,7}}) ?[-–] ?(?P<last>[IVX]{{1,7}}){END}", both)


def before_nouns(masculine: str, feminine: str, ordinal: Callable[[int, bool], str]) -> Form:
    """The form of a Roman numeral before a noun that it counts: `II Guerra Mundial`, `XXV aniversario`."""

    def said(match: re.Match[str]) -> Token | None:
        value = roman_value(match["numeral"])
        return Said(ordinal(value, match["feminine"] is not None)) if value else None

    return Form(rf"{EDGE}(?P<numeral>[IVX]{{1,7}})(?= (?:(?P<feminine>(?i:{feminine}))|(?i:{masculine})){END})", said)


def day_and_month(articles: str) -> Form:
    """The form of a date without a year: `25/12`, and `3/5` after one of `articles`, a pattern."""
    after = re.compile(rf"(?:^|[^{LETTER}])(?i:{articles}) $")

    def date(match: re.Match[str]) -> Token | None:
        day, month = match["day"], match["month"]
        if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
            return None
        sure = day[0] == "0" or month[0] == "0" or (len(month) == 2 and int(day) > int(month))
        return Date(int(month), int(day)) if sure or after.search(match.string[: match.start()][-12:]) else None

    return Form(rf"{EDGE}(?P<day>[0-3]?[0-9])/(?P<month>[01]?[0-9])(?![0-9/]){END}", date)


def _division(match: re.Match[str]) -> Token | None:
    over, under = int(match["over"].replace(".", "")), int(match["under"])
    return None if 0 < over < under < 1000 else Fraction(over, under)


DIVISION: Final = Form(
    rf"{EDGE}(?P<over>[0-9]{{1,3}}\.[0-9]{{3}}|[0-9]{{1,4}})/(?P<under>[0-9]{{1,4}})(?!/){END}", _division
)
"""`24/7`, `241/1990`: whatever two numbers a stroke parts and are no fraction."""


def times_sign(cardinal: Callable[[int], str], word: str) -> Form:
    """The form of `4x4`."""
    return Form(
        rf"{EDGE}(?P<first>[0-9]{{1,5}}) ?x ?(?P<last>[0-9]{{1,5}}){END}",
        lambda match: Said(f"{cardinal(int(match['first']))} {word} {cardinal(int(match['last']))}"),
    )


def days(names: str, to: str) -> Form:
    """The form of a run of days cut short, `lun. a vie.`, `seg–sex`; `names` has the seven, Monday first."""
    spoken = {name[:3]: name for name in names.split()}
    day = rf"(?i:{'|'.join(spoken)})"
    return Form(
        rf"{EDGE}(?P<first>{day})(?:\. (?:{to}) |\.? ?[-–] ?)(?P<last>{day})(?:\.|{END})",
        lambda match: Said(f"{spoken[match['first'].lower()]} {to} {spoken[match['last'].lower()]}"),
    )


def greatest_and_least() -> Form:
    """The form of `máx.` and `mín.` after a feminine noun, in Spanish and Portuguese."""
    nouns = "|".join(f"(?<={ending} )" for ending in ("a", "ad", "ade", "ción", "ção"))
    return Form(rf"(?:{nouns})m(?P<word>áx|ín)\.", lambda match: Said(f"m{match['word']}ima"))


def dotted_clock(*before: str) -> Form:
    """The form of a time with a full stop after one of the words `before`: `alle 15.30`."""
    after = "|".join(f"(?<={word} )" for word in before)
    return Form(
        rf"(?:{after})(?P<hour>[0-2]?[0-9])[.,](?P<minute>[0-5][0-9])(?![.,]?[0-9]){END}(?! ?[€$£%])",
        lambda match: Time(int(match["hour"]), int(match["minute"])) if int(match["hour"]) <= 24 else None,
    )


def hectares(key: str, after: str) -> Form:
    """The form of `50 ha`, in languages where `ha` is a verb as well: only where the pattern `after` follows."""
    return Form(
        rf"{EDGE}(?P<digits>[0-9]{{1,9}})(?:,(?P<decimals>[0-9]{{1,3}}))? ha(?= {after}|[.,;:!?)]|$)",
        lambda match: Measure(Number(match["digits"], match["decimals"] or ""), key),
    )


CLOCK: Final = Form(
    rf"{EDGE}(?P<hour>[0-2]?[0-9]) ?h ?(?P<minute>[0-5][0-9])(?: ?min)?{END}",
    lambda match: Time(int(match["hour"]), int(match["minute"]), mark="h") if int(match["hour"]) <= 24 else None,
)
"""`14h30`, `14 h 30`."""


def phones_after(words: str, at_least: int) -> Form:
    """The form of a telephone number in groups after one of `words`, a pattern; it has `at_least` so many figures."""
    after = re.compile(rf"(?:^|[^{LETTER}])(?i:{words}) ?$")

    def phone(match: re.Match[str]) -> Token | None:
        groups = tuple(re.findall("[0-9]+", match.group()))
        if not at_least <= sum(map(len, groups)) <= 15 or not after.search(match.string[: match.start()][-24:]):
            return None
        return Phone(groups)

    return Form(rf"{EDGE}[0-9]{{2,9}}(?:[ .\-/][0-9]{{2,8}}){{0,5}}{END}", phone)


def _said(pattern: str, words: str) -> Form:
    return Form(pattern, lambda _: Said(words))


def and_another(before: str, joint: str) -> str:
    """The pattern of words before a Roman numeral, and of such a word with a numeral and `joint`: `siglos XIX y `."""
    return rf"(?:{before})(?: [IVXLCDM]{{1,9}} {joint})?"


def head(before: str) -> str:
    """The last word, in small letters, of what `Roman.before` found, without a numeral that stands between."""
    return _SECOND.sub("", before).split()[-1].lower()
