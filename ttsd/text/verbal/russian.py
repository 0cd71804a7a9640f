"""Russian: `две книги`, `в две тысячи двадцать четвёртом году`, `три целых пять десятых процента`."""

import re
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.numerals import LIMIT
from ttsd.text.verbal.numerals.ru import (
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
from ttsd.text.verbal.reader import Around, Reader
from ttsd.text.verbal.russian_forms import forms
from ttsd.text.verbal.russian_nouns import MASCULINE_GENITIVE, Agreement, Counted, agreement, case_before, place_case
from ttsd.text.verbal.russian_words import (
    ABBREVIATIONS,
    CENTS,
    CURRENCIES,
    LEXIS,
    MONTHS,
    PER_MILLE,
    PERCENT,
    SCALED,
    SCALES,
    THOUSANDS,
    UNITS,
    WRITTEN_CURRENCIES,
)
from ttsd.text.verbal.tables import listed
from ttsd.text.verbal.tokens import (
    Amount,
    Between,
    Cardinal,
    Feet,
    Fraction,
    Measure,
    Money,
    Number,
    Percent,
    Phone,
    Time,
    Times,
    Version,
    Year,
)
from ttsd.text.verbal.writing import Writing

_WORDS: Final = re.compile(r"[ \u00a0\u202f]([а-яё]+)(?: ([а-яё]+))?")
_UNCOUNTED: Final = frozenset(
    listed("""
        и или а но да не ни из в на по с со к ко о об от до для за без под над при про через между раз это
        как что где был была было были будет будут стало стал больше меньше более менее же ли бы не если то
        из-за уже ещё целых плюс минус запятая
    """)
)
_FEMININE_PLACES: Final = ("глав", "част", "сери", "страниц", "смен", "квартир", "палат", "комнат", "строк", "позици")
_PLACES: Final = (
    *_FEMININE_PLACES,
    *listed("""
        этаж класс мест курс том канал уровн ряд дом подъезд кабинет раунд тур этап раздел пункт абзац ваго путе
        сектор сезон акт
    """),
)
_NUMBERS: Final = {"число": NOMINATIVE, "числа": GENITIVE, "числу": DATIVE, "числом": INSTRUMENTAL}
"""`12 числа` is a day of the month."""
_VERB_END: Final = ("тся", "лся", "лась", "лось", "лись")
_PARTS: Final = ("десятая", "сотая", "тысячная")
_NAMED_PARTS: Final = {(1, 3): "одна треть", (2, 3): "две трети", (1, 4): "одна четверть", (3, 4): "три четверти"}

WRITING: Final = Writing(
    decimal=",",
    groups=" \u00a0\u202f\u2009",
    point_too=True,
    code_after=r"код|кода|кодом|коду|пароль|пин|пин-код",
    months=MappingProxyType({name: n for n, name in enumerate(MONTHS, 1)}),
    date_marks=".",
    scales=SCALES,
    currencies=WRITTEN_CURRENCIES,
    abbreviations=ABBREVIATIONS,
    starts=r"и(?= (?:др|пр)\.)",
    own=forms(),
)


class Russian(Reader):
    """Numbers stand in the gender and case of their noun, nouns that were cut short in the form of their number."""

    def integer(self, value: int, gender: str = "") -> str:
        """A whole number from 0; `gender` is a gender and the number of a case: `m0`, `f1`."""
        if value >= LIMIT:
            return self.digits(str(value))
        return cardinal(value, _gender(gender), _case(gender))

    def digits(self, figures: str) -> str:
        """Figure by figure."""
        return " ".join(cardinal(int(figure)) for figure in figures)

    def number(self, number: Number, gender: str = "") -> str:
        """A number with its sign; decimals as tenths, hundredths, thousandths, beyond them one by one."""
        if not number.decimals:
            return super().number(number, gender)
        sign = {"-": "минус ", "+": "плюс ", "±": "плюс-минус "}.get(number.sign, "")
        if len(number.decimals) > len(_PARTS):
            return f"{sign}{self.integer(number.value)} {self.lexis.point} {self.digits(number.decimals)}"
        part, value = int(number.decimals), number.value
        if number.foreign and number.decimals == "000":
            return f"{sign}{self.integer(value * 1000, gender)}"
        if number.foreign and not part:
            return f"{sign}{self.integer(value)} точка {self.digits(number.decimals)}"
        case = GENITIVE if _case(gender) == GENITIVE else NOMINATIVE
        whole = ("целая" if case == NOMINATIVE else "целой") if _is_one(value) else "целых"
        tenths = ordinal(
            10 ** len(number.decimals), "f" if _is_one(part) else "pl", case if _is_one(part) else GENITIVE
        )
        return f"{sign}{self.integer(value, f'f{case}')} {whole} {self.integer(part, f'f{case}')} {tenths}"

    def amount(self, amount: Amount, gender: str = "") -> str:
        """A number, or from one to another."""
        if isinstance(amount, Between):
            return f"{self.number(amount.first, gender)} – {self.number(amount.last, gender)}"
        return self.number(amount, gender)

    def _with(self, amount: Amount, noun: Counted, case: Case = NOMINATIVE) -> str:
        number = amount.last if isinstance(amount, Between) else amount
        if number.decimals:
            return f"{self.amount(amount, f'f{case}')} {noun.of_part()}"
        return f"{self.amount(amount, f'{noun.gender}{case}')} {noun.after(number.value, case)}"

    # --- tokens ------------------------------------------------------------------------------------

    def cardinal(self, token: Cardinal, around: Around) -> str | None:
        """`2 книги`, `из 5 книг`, `на 5 этаже`."""
        amount = token.amount
        if isinstance(amount, Number) and not amount.decimals and (place := self._place(amount.value, around)):
            return place
        found = self._agreement(amount, around)
        said, noun = self.amount(amount, _code(found)), _WORDS.match(around.after)
        if found == Agreement() and noun and noun[1] in MASCULINE_GENITIVE and said.endswith("один"):
            return f"{said.removesuffix('один')}одного"
        return said

    def _place(self, value: int, around: Around) -> str:
        """The ordinal of `на 5 этаже`, `в 11 классе`: a place is in the singular, and one of many; else nothing."""
        match = _WORDS.match(around.after)
        if not match or value >= 10**6:
            return ""
        noun = match[1]
        if noun in _NUMBERS:
            return ordinal(value, "n", _NUMBERS[noun])
        if place_case(around.before) != LOCATIVE:
            return ""
        feminine = noun.startswith(_FEMININE_PLACES)
        if not (noun.endswith("е") or (feminine and noun.endswith("и"))) or not noun.startswith(_PLACES):
            return ""
        return ordinal(value, "f" if feminine else "m", LOCATIVE)

    def _agreement(self, amount: Amount, around: Around) -> Agreement:
        number = amount.last if isinstance(amount, Between) else amount
        match = _WORDS.match(around.after)
        words = [word for word in match.groups() if word] if match else []
        counts = not words or (words[0] not in _UNCOUNTED and not words[0].endswith(_VERB_END))
        in_series = around.before.endswith(("№ ", "№", "омер "))
        return agreement(number.value, "" if in_series else around.before, words if counts and not in_series else [])

    def percent(self, token: Percent, around: Around) -> str | None:
        """`5 %`."""
        return self._with(token.amount, PER_MILLE if token.sign == "‰" else PERCENT, case_before(around.before))

    def measure(self, token: Measure, around: Around) -> str | None:
        """`5 кг`, `до 20 км`, `2 млн`."""
        case = case_before(around.before)
        if token.unit in SCALED:
            scale, unit = SCALED[token.unit]
            return f"{self._with(token.amount, THOUSANDS[SCALES[scale]], case)} {UNITS[unit].of_many()}"
        if token.unit in SCALES:
            return self._with(token.amount, THOUSANDS[SCALES[token.unit]], case)
        said = self._with(token.amount, UNITS[token.unit], case)
        return f"{said} {self.lexis.per} {UNITS[token.per].after(1, 3)}" if token.per and token.per in UNITS else said

    def feet(self, token: Feet, around: Around) -> str | None:
        """`5'11"`."""
        parts = [(token.feet, "ft"), (token.inches, "″")]
        return " ".join(self._with(Number(str(n)), UNITS[unit]) for n, unit in parts if n is not None)

    def money(self, token: Money, around: Around) -> str | None:
        """`5 руб.`, `12,50 ₽`, `2 млн руб.`."""
        noun, amount, case = CURRENCIES[token.currency], token.amount, case_before(around.before)
        if token.scale:
            return f"{self._with(amount, THOUSANDS[token.scale], case)} {noun.of_many()}"
        cent = CENTS.get(token.currency)
        if cent is None or isinstance(amount, Between) or len(amount.decimals) != 2:
            return self._with(amount, noun, case)
        whole, rest = Number(amount.digits, sign=amount.sign), Number(amount.decimals)
        parts = [(whole, noun)] if whole.value or not rest.value else []
        parts += [(rest, cent)] if rest.value else []
        return " ".join(self._with(number, each, case) for number, each in parts)

    def fraction(self, token: Fraction, around: Around) -> str | None:
        """`1/2`, `2 ½`."""
        over, under = token.numerator, token.denominator
        if token.whole is not None and under == 2:
            return f"{self.integer(token.whole)} с половиной"
        one = _is_one(over)
        name = ordinal(under, "f" if one else "pl", NOMINATIVE if one else GENITIVE)
        part = _NAMED_PARTS.get((over, under)) or f"{self.integer(over, 'f0')} {name}"
        if token.whole is None:
            return part
        return f"{self.integer(token.whole, 'f0')} {'целая' if _is_one(token.whole) else 'целых'} {part}"

    def part_of(self, token: Fraction, around: Around) -> str | None:
        """`половина литра`, `полтора литра`, `два с половиной литра`."""
        unit = UNITS.get(token.unit)
        said = self.fraction(token, around)
        if unit is None:
            return f"{said} {token.unit}"
        if token.denominator == 2 and token.whole in {None, 1}:
            said = "половина" if token.whole is None else "полторы" if unit.gender == "f" else "полтора"
        return f"{said} {unit.of_part()}"

    def time(self, token: Time, around: Around) -> str | None:
        """`пятнадцать тридцать`, `девять ноль пять`, `пятнадцать ноль-ноль`."""
        hour = self.integer(token.hour, f"m{case_before(around.before)}")
        return " ".join([hour, *(_minute(part) for part in (token.minute, token.second) if part is not None)])

    def times(self, token: Times, around: Around) -> str | None:
        """From one time to another."""
        return f"{self.time(token.first, around)} – {self.time(token.last, around)}"

    def year(self, token: Year, around: Around) -> str | None:
        """Four figures without the word for a year: a number."""
        amount = (
            Number(str(token.value))
            if token.last is None
            else Between(Number(str(token.value)), Number(str(token.last)))
        )
        return self.cardinal(Cardinal(amount), around)

    def phone(self, token: Phone, around: Around) -> str | None:
        """Groups as numbers, their zeros first."""
        groups = ", ".join(map(self._group, token.groups))
        return f"{self.lexis.plus} {groups}" if token.plus else groups

    def _group(self, figures: str) -> str:
        rest = figures.lstrip("0")
        if len(figures) > 3 or not rest:
            return self.digits(figures)
        return " ".join(filter(None, [self.digits("0" * (len(figures) - len(rest))), self.integer(int(rest))]))

    def version(self, token: Version, around: Around) -> str | None:
        """`2.0.1`."""
        said = super().version(token, around)
        return said and said.replace(f" {self.lexis.point} ", " точка ")

    def code_number(self, figures: str) -> str:
        """The number in a code: as a number up to three figures."""
        return (
            self.digits(figures) if len(figures) > 3 or figures[0] == "0" < figures[1:] else self.integer(int(figures))
        )


def _is_one(value: int) -> bool:
    return value % 10 == 1 and value % 100 != 11


def _code(found: Agreement) -> str:
    return f"{found.gender}{found.case}"


def _gender(code: str) -> Gender:
    return "f" if code.startswith("f") else "n" if code.startswith("n") else "m"


def _case(code: str) -> Case:
    cases: dict[str, Case] = {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
    return cases.get(code[-1:], NOMINATIVE)


def _minute(value: int) -> str:
    if value == 0:
        return "ноль-ноль"
    return f"ноль {cardinal(value)}" if value < 10 else cardinal(value)


READER: Final = Russian("ru", WRITING, LEXIS)
