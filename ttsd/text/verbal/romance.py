"""What French, Spanish, Italian and Portuguese share: agreement with the noun, decimals, dates, telephone numbers."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from ttsd.text.verbal.genders import Genders
from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.numerals import LIMIT
from ttsd.text.verbal.reader import Around, Reader
from ttsd.text.verbal.tokens import (
    Amount,
    Between,
    Cardinal,
    Date,
    Decade,
    Fraction,
    Money,
    Number,
    Ordinal,
    Phone,
    Roman,
    Time,
    Version,
    Year,
)
from ttsd.text.verbal.writing import LETTER, Writing

MASCULINE: Final = "m"
FEMININE: Final = "f"
GROUPED_DECIMALS: Final = 3
"""Up to so many decimals are said as one number, more of them one by one."""
ORDINALS_FROM: Final = 1
ORDINALS_TO: Final = 999
FRACTIONS_TO: Final = 10
"""Up to tenths parts have a name, smaller ones are said as a division."""

_NOUN: Final = re.compile(
    rf"(?:[ \u00a0\u202f](?:o|u|ou|y|e|et|a|à|al) [0-9.]{{1,9}})?"
    rf"[ \u00a0\u202f](?P<word>[{LETTER}]+)(?: (?P<next>[{LETTER}]+))?"
)
"""The word after a number, also after `21 o 22`, and the one after it."""


class RomanceWriting(Writing, frozen=True, kw_only=True):
    """Decimal commas, groups parted by spaces or full stops, and `14h30`; decimal points are read too."""

    decimal: Literal[".", ","] = ","
    groups: str = " .\u00a0\u202f\u2009"
    point_too: bool = True
    clock_h: bool = True


class Romance(Reader):
    """Numbers agree with the noun that follows; a language gives its numerals and what it knows of genders."""

    spoken_point = ""
    """The decimal mark of `3.5`, where the language writes a comma."""
    between = "", ""
    """Before and between the ends of a range."""
    date_joint = " "
    """Between day, month and year."""
    over = ""
    """Between the numbers of a division."""
    half = ""
    """In `2 ½`, and of a noun: `medio litro`."""
    fractions: Mapping[int, str] = MappingProxyType({})
    """Names of parts that are no ordinals: `medio`, `tercio`."""
    of = "de"
    """Between a million and a currency."""
    cents_joint = ""
    """Between the whole and the hundredths of an amount of money."""
    first_day = ""
    """The first of a month, where it is no plain number."""
    feminine_marks: tuple[str, ...] = ()
    """How what follows the digits of a feminine ordinal begins."""

    def __init__(self, language: str, writing: Writing, lexis: Lexis, genders: Genders) -> None:
        super().__init__(language, writing, lexis)
        self.genders = genders

    def numeral(self, value: int, gender: str) -> str:
        """A whole number from 0 to below `LIMIT`."""
        raise NotImplementedError

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """An ordinal from 1 to 999."""
        raise NotImplementedError

    # --- numbers -----------------------------------------------------------------------------------

    def integer(self, value: int, gender: str = "") -> str:
        """A whole number from 0."""
        return self.numeral(value, gender) if value < LIMIT else self.digits(str(value))

    def digits(self, figures: str) -> str:
        """Figure by figure."""
        return " ".join(self.integer(int(figure)) for figure in figures)

    def decimals(self, figures: str) -> str:
        """Zeros at the front one by one, then a number, or the figures when they are many."""
        rest = figures.lstrip("0")
        if not rest or len(figures) > GROUPED_DECIMALS:
            return self.digits(figures)
        zeros = "0" * (len(figures) - len(rest))
        return " ".join(filter(None, [self.digits(zeros), self.integer(int(rest))]))

    def number(self, number: Number, gender: str = "") -> str:
        """A number with its sign and decimals; a full stop before the decimals is said as one."""
        said = super().number(number, gender)
        return said.replace(f" {self.lexis.point} ", f" {self.spoken_point} ") if number.foreign else said

    def amount(self, amount: Amount, gender: str = "") -> str:
        """A number, or from one to another."""
        if not isinstance(amount, Between):
            return self.number(amount, gender)
        start, middle = self.between
        if amount.first.value > amount.last.value:
            start = ""
        return f"{start}{self.number(amount.first, gender)} {middle} {self.number(amount.last, gender)}"

    def counted(self, amount: Amount, noun: Noun) -> str:
        """`amount` and what is counted; after whole millions with `de` or the like."""
        number = amount.last if isinstance(amount, Between) else amount
        if number.value and number.value % 10**6 == 0 and not number.decimals:
            return f"{self.amount(amount, noun.gender)} {self.of_scale(noun)}"
        return super().counted(amount, noun)

    def gender_after(self, around: Around) -> str:
        """The gender of the noun that a number counts; empty where none follows."""
        match = _NOUN.match(around.after)
        return self.genders.of(match["word"].lower(), (match["next"] or "").lower()) if match else ""

    # --- tokens ------------------------------------------------------------------------------------

    def cardinal(self, token: Cardinal, around: Around) -> str | None:
        """`21`, agreeing with the noun."""
        return self.amount(token.amount, self.gender_after(around))

    def year(self, token: Year, around: Around) -> str | None:
        """A year, or after all a number of things."""
        gender = self.gender_after(around)
        if token.last is None and gender:
            return self.integer(token.value, gender)
        first = self.year_words(token.value)
        return first if token.last is None else f"{first} {self.lexis.to} {self.year_words(token.last)}"

    def ordinal(self, token: Ordinal, around: Around) -> str | None:
        """`2ª`, `1er`; a number out of the ordinals' range is said as a plain one."""
        noun_follows = bool(self.gender_after(around))
        gender = FEMININE if token.mark.lower().lstrip(".-").startswith(self.feminine_marks) else MASCULINE
        if not ORDINALS_FROM <= token.value <= ORDINALS_TO:
            return self.integer(token.value)
        return self.ordinal_of(token.value, gender, noun_follows=noun_follows)

    def fraction(self, token: Fraction, around: Around) -> str | None:
        """`1/2`, `2 ½`."""
        gender = self.gender_after(around)
        if token.whole is not None and token.denominator == 2:
            return f"{self.integer(token.whole, gender)} {self.lexis.signs['&']} {self.half_of(gender)}"
        proper = token.numerator < token.denominator
        said = self.fraction_words(token.numerator, token.denominator, "" if token.whole else gender) if proper else ""
        said = said or f"{self.integer(token.numerator)} {self.over} {self.integer(token.denominator)}"
        return said if token.whole is None else f"{self.integer(token.whole, gender)} {self.lexis.signs['&']} {said}"

    def part_of(self, token: Fraction, around: Around) -> str | None:
        """`medio litro`, `un litro y medio`, `tres cuartos de litro`."""
        unit, half = self.lexis.units[token.unit], token.denominator == 2
        counted = Around(around.before, f" {unit.one}")
        part = self.fraction(Fraction(token.numerator, token.denominator), counted)
        if token.whole is not None:
            whole = self.counted(Number(str(token.whole)), unit)
            return f"{whole} {self.lexis.signs['&']} {self.half_of(unit.gender) if half else part}"
        return f"{part} {unit.one if half else self.of_noun(unit.one)}"

    def fraction_words(self, over: int, under: int, gender: str) -> str:
        """`medio litro`, `tres cuartos`, `gender` that of the noun after it; empty: say it as a division."""
        if (over, under) == (1, 2) and gender:
            return self.half_of(gender)
        name = self.part(under)
        return name and f"{self.integer(over, MASCULINE)} {name if over == 1 else self.parts(name)}"

    def half_of(self, gender: str) -> str:
        """Half of something."""
        return self.half[:-1] + "a" if gender == FEMININE and self.half.endswith("o") else self.half

    def part(self, under: int) -> str:
        """The name of one part of `under`; empty where there is none."""
        if not 2 <= under <= FRACTIONS_TO:
            return ""
        return self.fractions.get(under) or self.ordinal_of(under, MASCULINE, noun_follows=False)

    def parts(self, name: str) -> str:
        """The plural of the name of a part."""
        return f"{name}s"

    def phone(self, token: Phone, around: Around) -> str | None:
        """Figure by figure, in its groups; the country's code as a number."""
        country, groups = (token.groups[0], token.groups[1:]) if token.plus else ("", token.groups)
        said = ", ".join(map(self.phone_group, groups))
        return f"{self.lexis.plus} {self.integer(int(country))}, {said}" if country else said

    def phone_group(self, figures: str) -> str:
        """One group of a telephone number."""
        return self.digits(figures)

    def version(self, token: Version, around: Around) -> str | None:
        """`2.0.1`, with the word for a full stop."""
        said = super().version(token, around)
        return said and said.replace(f" {self.lexis.point} ", f" {self.spoken_point} ")

    def date(self, token: Date, around: Around) -> str | None:
        """`3 de mayo de 2024`: the joints are the language's."""
        joint = self.date_joint
        if token.day is None:
            days = ""
        elif token.last_day is None:
            days = self.day_words(token.day)
        else:
            start, middle = self.between
            days = f"{start}{self.day_words(token.day)} {middle} {self.day_words(token.last_day)}"
        parts = [days, self.lexis.months[token.month - 1], self.year_words(token.year) if token.year else ""]
        return joint.join(filter(None, parts))

    def duration(self, token: Time, joint: str) -> str:
        """Hours and minutes as an amount of time: `2 h 45 min`."""
        parts = [(token.hour, "h"), (token.minute or 0, "min"), (token.second or 0, "s")]
        said = [self.counted(Number(str(count)), self.lexis.units[unit]) for count, unit in parts if count]
        return joint.join(said or [self.counted(Number("0"), self.lexis.units["h"])])

    def day_words(self, day: int) -> str:
        """The day of a month."""
        return self.first_day if day == 1 and self.first_day else self.integer(day)

    def decade(self, token: Decade, around: Around) -> str | None:
        """`años 90`."""
        return self.year_words(token.value)

    def roman(self, token: Roman, around: Around) -> str | None:
        """A number in the series that the word before names."""
        return self.integer(token.value)

    def code_number(self, figures: str) -> str:
        """The number in a code: as a number up to three figures."""
        one_by_one = len(figures) > 3 or figures[0] == "0" < figures[1:]
        return self.digits(figures) if one_by_one else self.integer(int(figures))

    def money(self, token: Money, around: Around) -> str | None:
        """`3 M€`, `12,50 €`; a thousand is no noun: `quinientos mil euros`."""
        if token.scale == 3:
            noun = self.lexis.currencies[token.currency]
            return f"{self.amount(token.amount, noun.gender)} {self.lexis.scales[3].plural} {noun.plural}"
        return super().money(token, around)

    def of_scale(self, noun: Noun) -> str:
        """A currency after a million."""
        return self.of_noun(noun.plural)

    def of_noun(self, noun: str) -> str:
        """`de litro`."""
        return f"{self.of} {noun}"

    def cents(self, whole: Number, rest: Number, noun: Noun, cent: Noun) -> str:
        """`doce euros con cincuenta céntimos`."""
        said = self.counted(rest, cent)
        return f"{self.counted(whole, noun)} {self.cents_joint} {said}" if whole.value else said

    def form(self, noun: Noun, amount: Amount) -> str:
        """The form of `noun` beside `amount`."""
        number = amount.last if isinstance(amount, Between) else amount
        return noun.one if self.is_singular(number) else noun.plural

    def is_singular(self, number: Number) -> bool:
        """Whether a noun beside `number` stands in the singular."""
        return number.is_one
