"""Russian nouns: their forms, and what the form that a writer chose says of the number before it."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from ttsd.text.verbal.numerals.ru import (
    ACCUSATIVE,
    DATIVE,
    GENITIVE,
    INSTRUMENTAL,
    LOCATIVE,
    NOMINATIVE,
    Case,
    Gender,
    counted,
)
from ttsd.text.verbal.tables import listed

_ENDINGS: Final = {
    "m": ("- а у - ом е", "ы ов ам ы ами ах"),
    "m0": ("- а у - ом е", "ы - ам ы ами ах"),
    "mk": ("- а у - ом е", "и ов ам и ами ах"),
    "ль": ("ь я ю ь ём е", "и ей ям и ями ях"),
    "f": ("а ы е у ой е", "ы - ам ы ами ах"),
    "га": ("а и е у ой е", "и - ам и ами ах"),
    "ча": ("а и е у ей е", "и - ам и ами ах"),
    "ия": ("ия ии ии ию ией ии", "ии ий иям ии иями иях"),
    "0": ("- - - - - -", "- - - - - -"),
}
"""By kind of declension; `-` is no ending. `m0` has no ending in the genitive plural (`пять ватт`)."""
_ADJECTIVE: Final = listed("ый ого ому ый ым ом")
_ADJECTIVE_PLURAL: Final = listed("ые ых ым ые ыми ых")


class Counted(NamedTuple):
    """A noun that stands for a unit or a currency, with the words that always go with it."""

    stem: str
    kind: str
    adjective: str = ""
    """The stem of a masculine adjective before it."""
    tail: str = ""
    """What follows and does not change: `в час`."""
    many: str = ""
    """The genitive plural where it is not as in its kind: `лет`."""

    @property
    def gender(self) -> Gender:
        """Masculine or feminine."""
        return "f" if self.kind in {"f", "га", "ча", "ия"} else "m"

    def forms(self) -> tuple[str, str]:
        """Six cases of the singular, six of the plural."""
        singular, plural = (
            [self.stem + ending.replace("-", "") for ending in row.split()] for row in _ENDINGS[self.kind]
        )
        if self.many:
            plural[GENITIVE] = self.many
        return " ".join(singular), " ".join(plural)

    def after(self, count: int, case: Case) -> str:
        """The noun after a whole number."""
        return self._full(counted(count, self.forms(), case), _adjective_ending(count, case))

    def of_part(self) -> str:
        """The noun after decimals: genitive singular."""
        return self._full(self.forms()[0].split()[GENITIVE], "ого")

    def of_many(self) -> str:
        """The noun after a thousand or a million: genitive plural."""
        return self._full(self.forms()[1].split()[GENITIVE], "ых")

    def _full(self, noun: str, ending: str) -> str:
        # after k the vowel is another one: кубический, кубических
        after_k = ending.replace("ы", "и", 1) if self.adjective.endswith("к") else ending
        adjective = self.adjective + after_k if self.adjective else ""
        return " ".join(filter(None, [adjective, noun, self.tail]))


def _adjective_ending(count: int, case: Case) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return _ADJECTIVE[case]
    return "ых" if case in {NOMINATIVE, ACCUSATIVE} else _ADJECTIVE_PLURAL[case]


def forms_by_case(forms: str) -> Mapping[Case, str]:
    """Six forms by their case."""
    return MappingProxyType(dict(enumerate(forms.split())))


def before(match: re.Match[str]) -> str:
    """The text before a match, as far as a reading may depend on it."""
    return match.string[max(0, match.start() - _CONTEXT) : match.start()]


def after(match: re.Match[str]) -> str:
    """The text after a match, likewise."""
    return match.string[match.end() : match.end() + _CONTEXT]


def word_before(text: str) -> str:
    """The last word of `text` in small letters, where a space ends it; else nothing."""
    match = _BEFORE.search(text[-30:])
    return match[1].lower() if match else ""


class Agreement(NamedTuple):
    """What a number takes from its noun."""

    gender: Gender = "m"
    case: Case = NOMINATIVE


_CONTEXT: Final = 48
_BEFORE: Final = re.compile(r"(?:^|[^а-яё])([а-яё]+)(?:(?<=ок)\.)?[ \u00a0][«\"(]*$", re.IGNORECASE)
_GENITIVE_BEFORE: Final = frozenset(
    listed("""
        из от до без для около у после кроме свыше более менее больше меньше порядка ок ниже выше среди против
        ради вместо с со изо течение старше младше возрасте начиная заканчивая окончания начала
    """)
)
_DATIVE_BEFORE: Final = frozenset(["к", "ко", "благодаря", "вопреки"])
_INSTRUMENTAL_BEFORE: Final = frozenset(["между", "над", "перед"])
_LOCATIVE_BEFORE: Final = frozenset(listed("в во на о об при"))
PREPOSITIONS: Final = frozenset(
    {
        *_GENITIVE_BEFORE,
        *_DATIVE_BEFORE,
        *_INSTRUMENTAL_BEFORE,
        *_LOCATIVE_BEFORE,
        "по",
        "за",
        "под",
        "через",
        "про",
        "и",
    }
)
_BETWEEN: Final = re.compile(r"между [0-9 ]+ и $", re.IGNORECASE)
_FEMININE_SOFT: Final = frozenset(
    listed("""
        ночь дочь тетрадь площадь часть область степень скорость дверь кровать печь мышь вещь речь роль соль
        цель модель боль постель мысль сеть смерть жизнь осень очередь помощь лошадь морковь церковь кость
        новость вдоль прибыль ткань ветвь ступень пристань повесть должность возможность мелочь крепость
        песнь связь цепь нефть медаль сталь мебель карусель параллель метель ладонь печать грань сажень
        запись подпись рукопись кисть горсть смесь весь ось
    """)
)
_MASCULINE_PLURAL_I: Final = frozenset(["пути"])
MASCULINE_GENITIVE: Final = frozenset(
    listed("""
        врача ученика студента человека солдата друга брата ребёнка учителя участника пассажира игрока сотрудника
        гражданина мальчика сына отца кандидата депутата жителя дня года рубля часа месяца метра процента
    """)
)
"""After a number that ends in one: its genitive, or its accusative when they live."""
_FALSE_CASES: Final = frozenset(listed("дам рам драм мам реклам ям программ драхм сам там нам вам рубах"))
_ADJECTIVE_END: Final = re.compile(r"(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ых|их|ую|юю|ого|его|ому|ему|ыми|ими|ым|им)$")
_OBLIQUE_PLURAL: Final = ((("ами", "ями", "ьми"), INSTRUMENTAL), (("ам", "ям"), DATIVE), (("ах", "ях"), LOCATIVE))


def case_before(text: str) -> Case:
    """The case that the words before a number ask for; the accusative counts as nominative."""
    word = word_before(text)
    if word in _GENITIVE_BEFORE or (word.endswith(("ых", "их")) and word not in {"их", "них"}):
        return GENITIVE
    if word in _DATIVE_BEFORE:
        return DATIVE
    if word in _INSTRUMENTAL_BEFORE or _BETWEEN.search(text):
        return INSTRUMENTAL
    return NOMINATIVE


def place_case(text: str) -> Case:
    """As `case_before`, for places and times, which stand in the locative after `в` and `на`."""
    word = word_before(text)
    return LOCATIVE if word in _LOCATIVE_BEFORE else DATIVE if word == "по" else case_before(text)


def agreement(count: int, text: str, words: list[str]) -> Agreement:
    """Gender and case of `count` by the `text` before it and the one or two `words` after it, in small letters."""
    noun = _noun(words)
    case = case_before(text)
    if not noun:
        return Agreement("m", case)
    if count % 10 == 1 and count % 100 != 11:
        return _with_singular(noun, case, place_case(text))
    for endings, oblique in _OBLIQUE_PLURAL:
        if noun.endswith(endings) and noun not in _FALSE_CASES:
            return Agreement("m", oblique)
    if case not in (NOMINATIVE, GENITIVE):
        case = NOMINATIVE
    if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14}:
        feminine = noun.endswith(("ы", "и")) and not noun.endswith("мени") and noun not in _MASCULINE_PLURAL_I
        is_genitive_plural = noun.endswith(("ов", "ев", "ей")) or not noun.endswith(tuple("аяыи"))
        return Agreement("f" if feminine else "m", GENITIVE if is_genitive_plural and case == GENITIVE else NOMINATIVE)
    return Agreement("m", case)


def _noun(words: list[str]) -> str:
    if len(words) > 1 and _ADJECTIVE_END.search(words[0]) and not words[0].endswith(("ей", "лей")):
        return words[1]
    return words[0] if words else ""


def _with_singular(noun: str, case: Case, place: Case) -> Agreement:  # noqa: PLR0911 — one line an ending
    if noun.endswith("мя"):
        return Agreement("n", case if case == GENITIVE else NOMINATIVE)
    if noun.endswith(("а", "я")):
        masculine = case == GENITIVE or noun in MASCULINE_GENITIVE
        return Agreement("m", case) if masculine else Agreement("f", NOMINATIVE)
    if noun.endswith(("у", "ю")):
        return Agreement("m", DATIVE) if DATIVE in {case, place} else Agreement("f", ACCUSATIVE)
    if noun.endswith(("ы", "и")):
        return Agreement("f", GENITIVE if case == GENITIVE else LOCATIVE)
    if noun.endswith(("ой", "ью")):
        return Agreement("f", INSTRUMENTAL)
    if noun.endswith(("ом", "ем", "ём")):
        return Agreement("m", INSTRUMENTAL)
    if noun.endswith(("е", "о")):
        return Agreement("m", LOCATIVE) if place == LOCATIVE and noun.endswith("е") else Agreement("n", NOMINATIVE)
    soft = noun in _FEMININE_SOFT or noun.endswith(("ость", "есть", "знь"))
    return Agreement("f" if soft else "m", NOMINATIVE)
