"""What only Russian writes: ordinals and compounds with figures, centuries, rulers, nouns cut short."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.forms_name import roman_value
from ttsd.text.verbal.numerals.ru import (
    ACCUSATIVE,
    DATIVE,
    GENITIVE,
    INSTRUMENTAL,
    LOCATIVE,
    NOMINATIVE,
    Case,
    Gender,
    cardinal,
    ordinal,
)
from ttsd.text.verbal.russian_dates import DASH, WORD_END, date_forms
from ttsd.text.verbal.russian_nouns import Agreement, after, agreement, before, forms_by_case, place_case, word_before
from ttsd.text.verbal.russian_words import NAMED, NUMBERED
from ttsd.text.verbal.tables import listed
from ttsd.text.verbal.tokens import Cardinal, Measure, Number, Phone, Said, Token, Version
from ttsd.text.verbal.writing import EDGE, Form

_ROMAN: Final = "[IVXХ]{1,7}"
"""With the Cyrillic Х that is often typed for the Latin one."""
_CENTURY: Final = rf"(?:век(?:а|у|ом|е|ов|ах|ам|ами)?|столети(?:[яеюй]|ем)|тысячелети(?:[яеюй]|ем)){WORD_END}|вв?\."
_AGES: Final = forms_by_case("век века веку век веком веке")
_AGES_PLURAL: Final = forms_by_case("века веков векам века веками веках")
_NEUTER_ENDINGS: Final = MappingProxyType(
    {"е": NOMINATIVE, "я": GENITIVE, "ю": DATIVE, "м": INSTRUMENTAL, "й": GENITIVE}
)


def _marks(table: str) -> Mapping[str, Agreement]:
    """A line: gender, case, endings."""
    found: dict[str, Agreement] = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        gender, case, *endings = line.split()
        found |= dict.fromkeys(endings, Agreement(_GENDERS[gender], int(case)))
    return MappingProxyType(found)


_GENDERS: Final[Mapping[str, Gender]] = MappingProxyType({"m": "m", "f": "f", "n": "n", "pl": "pl"})
_ENDINGS: Final = _marks("""
    m 0 й ый ий
    f 0 я ая ья
    n 0 е ое ье
    m 1 го ого его
    m 2 му ому ему
    f 3 ю ую ью
    f 1 ой ей
    m 5 м ом ем
    m 4 ым им
    pl 1 х ых их
    pl 0 ые ие
    pl 4 ми ыми
""")
"""What the ending after a hyphen says, where nothing around it says more."""
_ADJECTIVES: Final = (
    (("ая", "яя"), Agreement("f", NOMINATIVE)),
    (("ую", "юю"), Agreement("f", ACCUSATIVE)),
    (("ой", "ей"), Agreement("f", GENITIVE)),
    (("ый", "ий"), Agreement("m", NOMINATIVE)),
    (("ого", "его"), Agreement("m", GENITIVE)),
    (("ому", "ему"), Agreement("m", DATIVE)),
    (("ые", "ие"), Agreement("pl", NOMINATIVE)),
    (("ых", "их"), Agreement("pl", GENITIVE)),
    (("ыми", "ими"), Agreement("pl", INSTRUMENTAL)),
)
_RULERS: Final = listed("""
    Пётр Петр Екатерин Александр Никола Павел Павл Иван Васили Елизавет Людовик Генрих Карл Филипп Георг Вильгельм
    Фридрих Наполеон Рамзес Птолеме Иоанн Бенедикт Климент Григори Лев Льв Пий Пия Пию Урбан Фёдор Эдуард Яков Ричард
""")
_QUEENS: Final = ("Екатерин", "Елизавет")
_PARTS: Final = listed(
    "глав част стать сцен фаз том акт раздел пункт параграф класс уровен уровн тип этап съезд созыв квартал"
)
_FEMININE_PARTS: Final = ("глав", "част", "стать", "сцен", "фаз")
_CASES_MASCULINE: Final = MappingProxyType(
    {"а": GENITIVE, "я": GENITIVE, "у": DATIVE, "ю": DATIVE, "м": INSTRUMENTAL, "е": LOCATIVE}
)
_CASES_FEMININE: Final = MappingProxyType(
    {"ы": GENITIVE, "и": GENITIVE, "е": DATIVE, "у": ACCUSATIVE, "й": INSTRUMENTAL}
)
_LAST_WORD: Final = re.compile(r"([А-Яа-яЁё]+)\.? $")
_CONNECTIVES: Final = MappingProxyType({1: "одно", 90: "девяносто", 100: "сто", 1000: "тысяче"})

_DAYS: Final = MappingProxyType(
    {
        "пн": "понедельник",
        "вт": "вторник",
        "ср": "среда",
        "чт": "четверг",
        "пт": "пятница",
        "сб": "суббота",
        "вс": "воскресенье",
    }
)
_DAY: Final = f"(?i:{'|'.join(_DAYS)})"


def forms() -> tuple[Form, ...]:
    """The forms, in the order in which they are tried."""
    return (
        Form(r"(?<![\w+])(?:\+7|8)[ -]?\(?[0-9]{3,5}\)?[ -]?[0-9]{1,3}[ -][0-9]{2}[ -][0-9]{2}(?![0-9])", _phone),
        Form(r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{2}(?![0-9-])", _phone),
        *date_forms(),
        Form(
            rf"{EDGE}[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}}){{2,4}}(?![0-9])",
            lambda match: Cardinal(Number(match.group().replace(".", ""))),
        ),
        Form(
            r"(?:(?<=[Вв]ерсия )|(?<=[Вв]ерсии )|(?<=[Вв]ерсию ))[0-9]{1,4}(?:\.[0-9]{1,6}){1,3}(?![0-9])",
            lambda match: Version(tuple(match.group().split("."))),
        ),
        Form(rf"{EDGE}(?P<value>[0-9]{{1,6}})-(?P<mark>[а-яё]{{1,3}}){WORD_END}", _marked),
        Form(rf"{EDGE}(?P<value>[0-9]{{1,4}})-(?P<rest>[а-яё]{{4,40}})", _compound),
        Form(
            rf"{EDGE}(?P<numeral>{_ROMAN})(?:(?P<joint>{DASH}| и )(?P<last>{_ROMAN}))? (?P<word>{_CENTURY})", _century
        ),
        Form(rf"{EDGE}(?P<value>[1-9][0-9]?) (?P<word>{_CENTURY})", _figures_century),
        Form(rf"(?<=[А-Яа-яЁё.] )(?P<numeral>{_ROMAN}){WORD_END}", _roman_after),
        Form(rf"{EDGE}(?P<numeral>{_ROMAN}) (?=(?P<noun>[а-яё]{{3,}}))", _roman_before),
        Form(rf"{EDGE}(?<![0-9] )(?P<written>[Сс])м\. (?=[а-яА-Я№0-9])", lambda match: Said(f"{match[1]}мотри ")),
        Form(
            rf"{EDGE}(?P<seconds>[0-9]{{1,3}})(?:,(?P<part>[0-9]{{1,3}}))? с(?=$|[,.;:!?)])",
            lambda match: Measure(Number(match["seconds"], match["part"] or ""), "сек"),
        ),
        Form(rf"{EDGE}(?P<over>[0-9]{{1,4}})/(?P<under>[0-9]{{1,4}})(?!/){WORD_END}", _division),
        Form(
            rf"{EDGE}(?P<first>{_DAY})\.? ?[-–—] ?(?P<last>{_DAY})(?:\.|{WORD_END})",
            lambda match: Said(f"{_DAYS[match['first'].lower()]} – {_DAYS[match['last'].lower()]}"),
        ),
        _nouns(NUMBERED, "[0-9IVX]"),
        _nouns(NAMED, "[А-ЯЁ]"),
    )


def _division(match: re.Match[str]) -> Token | None:
    """`24/7`, `дом 5/12`: what is no proper fraction."""
    over, under = int(match["over"]), int(match["under"])
    return Said(f"{cardinal(over)} дробь {cardinal(under)}") if over >= under or under > 100 else None


def _phone(match: re.Match[str]) -> Token:
    return Phone(tuple(re.findall("[0-9]+", match.group())), match.group().startswith("+"))


def _marked(match: re.Match[str]) -> Token | None:
    """`5-го`, `2-я`, `90-е`, `3-х`: the ending that is written, told apart by what stands around."""
    value, mark = int(match["value"]), match["mark"]
    if mark in {"ти", "мя", "ух", "ёх", "ех"} or (mark == "х" and value in {2, 3, 4}):
        return Said(cardinal(value, "m", INSTRUMENTAL if mark == "мя" else GENITIVE))
    if mark not in _ENDINGS:
        return None
    noun = re.match(r" ([а-яё]+)", after(match))
    found = _told_apart(value, mark, noun[1] if noun else "", word_before(before(match)))
    return Said(ordinal(value, found.gender, found.case))


def _told_apart(value: int, mark: str, noun: str, word: str) -> Agreement:
    gender, case = _ENDINGS[mark]
    if mark == "й" and noun.endswith(("ы", "и", "е", "ой")):
        return Agreement("f", GENITIVE)
    if mark == "е" and value % 10 == 0 and value >= 20 and (value >= 1000 or not noun or noun.startswith("год")):
        return Agreement("pl", NOMINATIVE)
    if gender == "pl" and (noun.endswith(("ах", "ях")) or (not noun and word in {"в", "на", "о"})):
        return Agreement("pl", LOCATIVE)
    if mark == "м" and word not in {"в", "во", "на", "о", "об", "при"}:
        return Agreement("m", INSTRUMENTAL)
    return Agreement(gender, case)


def _compound(match: re.Match[str]) -> Token:
    """`5-летний`, `2-комнатная`: one word that begins with the genitive."""
    value = int(match["value"])
    words = [value] if value in _CONNECTIVES else [value // 100 * 100, value % 100]
    prefix = "".join(_CONNECTIVES.get(part) or cardinal(part, "m", GENITIVE) for part in words if part)
    return Said(prefix.replace(" ", "") + match["rest"])


def _century(match: re.Match[str]) -> Token | None:
    """`XX век`, `в XIX в.`, `XIX–XX вв.`, `XIX и XX века`."""
    values = [_roman(match[key]) for key in ("numeral", "last") if match[key]]
    if not all(values):
        return None
    joint = " и " if match["joint"] == " и " else " – "
    gender, case, word = _century_agreement(match["word"], before(match), len(values) > 1)
    return Said(f"{joint.join(ordinal(value, gender, case) for value in values)} {word}")


def _figures_century(match: re.Match[str]) -> Token | None:
    """`в 21 веке`, `19 век`: but `2 века` and `5 веков` are counted."""
    value, word = int(match["value"]), match["word"]
    if (
        word in {"вв.", "в."}
        or (value < 5 and word in {"века", "столетия", "тысячелетия"})
        or word.endswith(("ов", "й"))
    ):
        return None
    gender, case, word = _century_agreement(word, before(match), False)
    return Said(f"{ordinal(value, gender, case)} {word}")


def _century_agreement(word: str, around: str, several: bool) -> tuple[Gender, Case, str]:
    if word.endswith("."):
        case = place_case(around)
        return "m", case, (_AGES_PLURAL if several else _AGES)[case]
    if not word.startswith("век"):
        case = _NEUTER_ENDINGS[word[-1]]
        return "n", LOCATIVE if word[-1] == "и" else case, word
    for table in (_AGES_PLURAL, _AGES) if several else (_AGES, _AGES_PLURAL):
        for case, form in table.items():
            if form == word:
                return "m", case, word
    return "m", NOMINATIVE, word


def _roman_before(match: re.Match[str]) -> Token | None:
    """`II мировая война`, `XXII съезд`: an ordinal that agrees with the word after it."""
    value, noun = _roman(match["numeral"]), match["noun"]
    if not value:
        return None
    found = next((found for endings, found in _ADJECTIVES if noun.endswith(endings)), None)
    gender, case = found or agreement(1, before(match), [noun])
    return Said(ordinal(value, gender, case) + " ")


def _roman_after(match: re.Match[str]) -> Token | None:
    """`Пётр I`, `Екатерины II`, `главе IV`: an ordinal in the case of the word before it."""
    value, found = _roman(match["numeral"]), _LAST_WORD.search(before(match))
    if not value or not found:
        return None
    word = found[1]
    if word[0].isupper() and word.startswith(_RULERS):
        feminine = word.startswith(_QUEENS)
    elif word.lower().startswith(_PARTS):
        feminine = word.lower().startswith(_FEMININE_PARTS)
    else:
        return None
    cases = _CASES_FEMININE if feminine else _CASES_MASCULINE
    case = NOMINATIVE if word.lower() == "том" else cases.get(word[-1], NOMINATIVE)
    return Said(ordinal(value, "f" if feminine else "m", case))


def _roman(numeral: str) -> int:
    return roman_value(numeral.replace("Х", "X"))


def _nouns(table: Mapping[str, str], follows: str) -> Form:
    """The form of nouns cut short, in the case that the words before ask for, where the pattern `follows` does."""
    keys = "|".join(re.escape(key) for key in sorted(table, key=len, reverse=True))

    def noun(match: re.Match[str]) -> Token:
        around = before(match)
        if re.search(r"(?:[Сс]м\.|[Сс]мотри) $", around):
            case = ACCUSATIVE
        else:
            case = GENITIVE if re.search("[0-9] $", around) else place_case(around)
        return Said(table[match["written"]].split()[case])

    return Form(rf"{EDGE}(?P<written>{keys})(?= ?{follows})", noun)
