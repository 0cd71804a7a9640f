"""Russian dates, years and decades: the day and the year are ordinals in the case that the text around asks for."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.numerals.ru import (
    ACCUSATIVE,
    DATIVE,
    GENITIVE,
    INSTRUMENTAL,
    LOCATIVE,
    NOMINATIVE,
    Case,
    ordinal,
)
from ttsd.text.verbal.russian_nouns import PREPOSITIONS, before, case_before, forms_by_case, place_case, word_before
from ttsd.text.verbal.russian_words import MONTHS
from ttsd.text.verbal.tokens import Said, Time, Token
from ttsd.text.verbal.writing import EDGE, END, Form

DASH: Final = " ?[-–—] ?"
WORD_END: Final = "(?![0-9А-Яа-яЁёA-Za-z])"
_MONTH: Final = f"(?P<month>{'|'.join(MONTHS)}){WORD_END}"
_YEAR: Final = "1[0-9]{3}|20[0-9]{2}"
_DAY: Final = "(?P<day>[0-3]?[0-9])(?:-?(?:го|е|му))?"
_YEARS: Final = forms_by_case("год года году год годом году")
_YEARS_PLURAL: Final = forms_by_case("годы годов годам годы годами годах")
_CASE_OF_FORM: Final[Mapping[str, Case]] = MappingProxyType(
    {word: case for table in (_YEARS_PLURAL, _YEARS) for case, word in table.items()}
    | {"годе": LOCATIVE, "году": LOCATIVE, "год": NOMINATIVE, "годы": NOMINATIVE}
)
_DAY_CASES: Final = MappingProxyType(
    {
        "к": DATIVE,
        "ко": DATIVE,
        "по": ACCUSATIVE,
        "на": ACCUSATIVE,
        "за": ACCUSATIVE,
        "под": ACCUSATIVE,
        "перед": INSTRUMENTAL,
    }
)
_IS: Final = re.compile(" [–—-] ")
"""`1 мая – праздник`: a dash for *is*."""
_YEAR_CASES: Final = MappingProxyType(
    {"в": LOCATIVE, "во": LOCATIVE, "к": DATIVE, "по": ACCUSATIVE, "между": INSTRUMENTAL}
    | dict.fromkeys(("с", "до", "от", "после", "около"), GENITIVE)
)


def date_forms() -> tuple[Form, ...]:
    """The forms, in the order in which they are tried."""
    month_later = rf"(?= (?:по|до|и|или) [0-3]?[0-9](?:-?(?:го|е))? {_MONTH})"
    of_the_year = rf"(?: ?(?:года|году|год|г\.?){WORD_END})?"
    alone = r"(?=[ ,.;:!?)]*$|[,.;:!?)] | (?:по|до|и|в|на|с|—|–|[А-ЯЁ]))(?! ?[€$₽%°])"
    return (
        Form(
            rf"{EDGE}{_DAY}(?:{DASH}(?P<last>[0-3]?[0-9]))? {_MONTH}(?: (?P<year>{_YEAR}){of_the_year}{END})?",
            _named_date,
        ),
        Form(rf"{EDGE}{_DAY}{month_later}", _first_day),
        Form(
            rf"{EDGE}(?P<day>[0-3]?[0-9])\.(?P<month>[01]?[0-9])\.(?P<year>{_YEAR}|[0-9]{{2}}){END}{of_the_year}",
            _figures_date,
        ),
        Form(rf"{EDGE}(?P<year>{_YEAR})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9]){END}", _figures_date),
        Form(
            rf"{EDGE}(?P<day>[0-3]?[0-9])\.(?P<month>[01][0-9])(?P<year>)(?=,? в [0-2]?[0-9][:.][0-5][0-9])",
            _figures_date,
        ),
        Form(
            rf"{EDGE}(?P<year>{_YEAR})(?:{DASH}(?P<last>{_YEAR}))? ?"
            rf"(?P<word>год(?:а|у|ом|е|ы|ов|ах|ам|ами)?{WORD_END}|гг?\.)",
            _years,
        ),
        Form(
            rf"{EDGE}(?P<year>[1-9][0-9]{{0,3}})(?P<last>)? "
            rf"(?P<word>год(?:а|у|ом)?{WORD_END}|г\.)(?= (?:до )?н\. ?э\.)",
            _years,
        ),
        Form(
            r"(?:(?<=\bв )|(?<=\bк )|(?<=\bс )|(?<=\bдо )|(?<=\bоколо ))"
            r"(?P<hour>[0-2]?[0-9])\.(?P<minute>[0-5][0-9])"
            r"(?![.,]?[0-9])(?! ?(?:[€$₽%а-яё]))",
            lambda match: Time(int(match["hour"]), int(match["minute"])) if int(match["hour"]) <= 24 else None,
        ),
        Form(rf"{EDGE}(?P<year>{_YEAR}){DASH}(?P<last>{_YEAR})(?![0-9]){END}", _span_of_years),
        Form(rf"{EDGE}(?P<year>{_YEAR})/(?P<last>{_YEAR}|[0-9]{{2}})(?= учебн| сезон|-)", _school_year),
        Form(rf"{EDGE}(?P<first>[1-9]0)(?:-?е)?[-–](?P<last>[1-9]0)-(?P<mark>е|х|м){WORD_END}", _decades),
        Form(rf"{EDGE}(?P<year>{_YEAR}){alone}", _bare_year),
    )


def _named_date(match: re.Match[str]) -> Token | None:
    """`3 марта 2024 года`: the day by the preposition, else in the genitive; the year always in it."""
    days = [int(match[key]) for key in ("day", "last") if match[key]]
    if not all(1 <= day <= 31 for day in days):
        return None
    case = _day_case(match)
    parts = [" – ".join(ordinal(day, "n", case) for day in days), match["month"]]
    parts += [ordinal(int(match["year"]), "m", GENITIVE), "года"] if match["year"] else []
    return Said(" ".join(parts))


def _day_case(match: re.Match[str]) -> Case:
    around = before(match)
    if not around.strip() and _IS.match(match.string, match.end()):
        return NOMINATIVE
    return _DAY_CASES.get(word_before(around), GENITIVE)


def _first_day(match: re.Match[str]) -> Token | None:
    """The day of `с 3 по 5 марта` and of `3 и 5 марта`, whose month comes later."""
    return Said(ordinal(int(match["day"]), "n", _day_case(match))) if 1 <= int(match["day"]) <= 31 else None


def _figures_date(match: re.Match[str]) -> Token | None:
    """`03.05.2024`; two figures of a year below 70 are of this century; `24.12` before a time has none."""
    day, month, year = int(match["day"]), int(match["month"]), int(match["year"] or 0)
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    said = f"{ordinal(day, 'n', _day_case(match))} {MONTHS[month - 1]}"
    if not match["year"]:
        return Said(said)
    if len(match["year"]) == 2:
        year += 2000 if year < 70 else 1900
    return Said(f"{said} {ordinal(year, 'm', GENITIVE)} года")


def _years(match: re.Match[str]) -> Token:
    """`в 2024 году`, `1941–1945 гг.`: the case by the noun's ending, of `г.` by the preposition."""
    word, around = match["word"], before(match)
    if word.endswith("."):
        word = word_before(around)
        # after any other word than a preposition it belongs to that: осенью 2024 г.
        case = place_case(around) if not word or word in PREPOSITIONS else GENITIVE
        word = (_YEARS_PLURAL if match["last"] else _YEARS)[case]
    elif word == "году" and case_before(around) == DATIVE:
        case = DATIVE
    else:
        case = _CASE_OF_FORM[word]
    years = [ordinal(int(match[key]), "m", case) for key in ("year", "last") if match[key]]
    return Said(f"{' – '.join(years)} {word}")


def _span_of_years(match: re.Match[str]) -> Token | None:
    """`1941–1945` without the word for years."""
    case = _YEAR_CASES.get(word_before(before(match)), NOMINATIVE)
    if int(match["last"]) <= int(match["year"]):
        return None
    return Said(" – ".join(ordinal(int(match[key]), "m", case) for key in ("year", "last")))


def _school_year(match: re.Match[str]) -> Token:
    """`в 2024/2025 учебном году`."""
    year = int(match["year"])
    last = int(match["last"]) if len(match["last"]) > 2 else year - year % 100 + int(match["last"])
    case = _YEAR_CASES.get(word_before(before(match)), NOMINATIVE)
    return Said(f"{ordinal(year, 'm', case)} – {ordinal(last, 'm', case)}")


def _decades(match: re.Match[str]) -> Token:
    """`60-70-е годы`."""
    case = {"е": NOMINATIVE, "х": GENITIVE, "м": DATIVE}[match["mark"]]
    return Said(" – ".join(ordinal(int(match[key]), "pl", case) for key in ("first", "last")))


def _bare_year(match: re.Match[str]) -> Token | None:
    """A year without its noun, where a preposition and what follows make it one."""
    case = _YEAR_CASES.get(word_before(before(match)))
    return None if case is None else Said(ordinal(int(match["year"]), "m", case))
