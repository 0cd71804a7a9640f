"""What written forms there are: one small class for each, and what was read out of it."""

from typing import Literal

import msgspec


class Number(msgspec.Struct, frozen=True):
    """A number as it is written, without its separators."""

    digits: str
    """Of the whole part; a leading zero is kept."""
    decimals: str = ""
    sign: Literal["", "-", "+", "±"] = ""
    foreign: bool = False
    """Whether the decimals stand after the mark that the language does not use: `3.5` for `3,5`."""

    @property
    def value(self) -> int:
        """The whole part."""
        return int(self.digits)

    @property
    def is_one(self) -> bool:
        """Whether a noun beside it stands in the singular."""
        return not self.decimals and self.digits.lstrip("0") == "1"


class Between(msgspec.Struct, frozen=True):
    """From one number to another: `5-10`."""

    first: Number
    last: Number


Amount = Number | Between


class Cardinal(msgspec.Struct, frozen=True):
    """`1,234`, `3.5`, `-7`, `3–7`."""

    amount: Amount


class Percent(msgspec.Struct, frozen=True):
    """`3.5 %`, `10–15%`, `2 ‰`."""

    amount: Amount
    sign: str = "%"


class Money(msgspec.Struct, frozen=True):
    """`$3.50`, `£2m`, `5–10 €`."""

    amount: Amount
    currency: str
    """ISO 4217."""
    scale: int = 0
    """The power of ten that was written as a letter or a word: 6 in `£2m` and `$3 million`."""


class Measure(msgspec.Struct, frozen=True):
    """`5 kg`, `20 °C`, `100 km/h`, `5-10 kg`."""

    amount: Amount
    unit: str
    """As written: a key of the reader's units."""
    per: str = ""
    """The unit below the stroke, where `unit/per` is no unit of its own."""


class Feet(msgspec.Struct, frozen=True):
    """`5'11"`."""

    feet: int
    inches: int | None = None


class Ordinal(msgspec.Struct, frozen=True):
    """`2nd`, `3.`, `1er`, `2ª`."""

    value: int
    mark: str
    """What was written after the digits."""


class Fraction(msgspec.Struct, frozen=True):
    """`1/2`, `2 ½`, `1/2 l`."""

    numerator: int
    denominator: int
    whole: int | None = None
    unit: str = ""
    """As written: a key of the reader's units."""


class Date(msgspec.Struct, frozen=True):
    """A day, a month of a year, or a run of days in one month."""

    month: int
    day: int | None = None
    year: int | None = None
    last_day: int | None = None
    """Of a run of days: `3–7 October`."""
    named: bool = False
    """Whether the month is written as a word."""
    month_first: bool = False
    """Whether the month is written before the day."""


class Time(msgspec.Struct, frozen=True):
    """A time of day, on whichever clock it is written."""

    hour: int
    minute: int | None = None
    second: int | None = None
    mark: str = ""
    """What was written after it, in small letters without dots and spaces: `pm`, `uhr`, `h`."""


class Times(msgspec.Struct, frozen=True):
    """`9–17 Uhr`, `3-5 p.m.`, `9:00–17:30`."""

    first: Time
    last: Time


class Year(msgspec.Struct, frozen=True):
    """Four digits that are most likely a year; `1990–95` with the year it goes to."""

    value: int
    last: int | None = None


class Decade(msgspec.Struct, frozen=True):
    """`1990s`, `'90s`, `90er`."""

    value: int
    """1990; 90 when written without a century."""
    mark: str


class Phone(msgspec.Struct, frozen=True):
    """A telephone number in the groups it is written in."""

    groups: tuple[str, ...]
    plus: bool = False


class Digits(msgspec.Struct, frozen=True):
    """Figures said one by one: leading zeros, long numbers of accounts."""

    digits: str


class Version(msgspec.Struct, frozen=True):
    """`v2.0.1`, `192.168.0.1`."""

    parts: tuple[str, ...]
    marked: bool = False
    """Whether a `v` is before it."""


class Score(msgspec.Struct, frozen=True):
    """`3:1`, a result or a proportion."""

    first: int
    last: int


class Code(msgspec.Struct, frozen=True):
    """Letters and digits in one word: `COVID-19`, `IPv6`, `A4`, `MP3`."""

    parts: tuple[str, ...]
    """Runs of letters and numbers by turns; a number may have decimals (`PM2.5`)."""


class Url(msgspec.Struct, frozen=True):
    """A web address without its scheme."""

    text: str


class Email(msgspec.Struct, frozen=True):
    """An e-mail address."""

    text: str


class Handle(msgspec.Struct, frozen=True):
    """`@name`, `#topic`."""

    sign: str
    name: str


class Abbreviation(msgspec.Struct, frozen=True):
    """A key of the language's abbreviations."""

    written: str


class Roman(msgspec.Struct, frozen=True):
    """A Roman numeral that the word before it makes certain: `Henry VIII`, `Chapter IV`."""

    value: int
    before: str
    """That word."""


class Symbol(msgspec.Struct, frozen=True):
    """A sign that is said: `&`, `§`, `×`."""

    sign: str


class Said(msgspec.Struct, frozen=True):
    """What a form of one language alone has put into words already."""

    words: str


Quantity = Cardinal | Percent | Money | Measure | Feet | Ordinal | Fraction
Moment = Date | Time | Times | Year | Decade
Figures = Phone | Digits | Version | Score | Code
Name = Url | Email | Handle | Abbreviation | Roman | Symbol | Said
Token = Quantity | Moment | Figures | Name
