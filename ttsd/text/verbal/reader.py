"""How tokens are put into words: what most languages share; each overrides where it differs."""

import re
from typing import Final, NamedTuple, assert_never

from ttsd.text.verbal.addresses import spelled
from ttsd.text.verbal.counting import Counting
from ttsd.text.verbal.forms_name import address_forms, phone_forms, word_forms
from ttsd.text.verbal.forms_quantity import counted_forms, figure_forms, number_forms
from ttsd.text.verbal.forms_time import date_forms, decade_forms, time_forms, year_forms
from ttsd.text.verbal.joints import joint, parted, with_stop
from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.scan import Found, Scanner
from ttsd.text.verbal.tokens import (
    Abbreviation,
    Between,
    Cardinal,
    Code,
    Date,
    Decade,
    Digits,
    Email,
    Feet,
    Figures,
    Fraction,
    Handle,
    Measure,
    Moment,
    Money,
    Name,
    Number,
    Ordinal,
    Percent,
    Phone,
    Quantity,
    Roman,
    Said,
    Score,
    Symbol,
    Time,
    Times,
    Token,
    Url,
    Version,
    Year,
)
from ttsd.text.verbal.writing import WIDE_LETTERS, Writing

_CONTEXT: Final = 48
"""Characters on each side of a token that a reading may depend on."""
_WIDE: Final = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_SCORED_TO: Final = 199
"""Of two numbers downwards, a larger first one is no score."""
_VOWEL: Final = re.compile("[AEIOUYÀ-ÆÈ-ÏÒ-ÖÙ-ÝАЕЁИОУЫЭЮЯ]")
_CAMEL: Final = re.compile(r"(?<=[a-zà-ÿа-я])(?=[A-ZÀ-ÞА-Я])|_")


class Around(NamedTuple):
    """The text on both sides of a token, as far as a reading may depend on it."""

    before: str
    after: str


class Reader(Counting):
    """Says written forms in one language; owns its scanner. Its methods are pure.

    A language is a subclass with its `Writing` and `Lexis`. It overrides the methods named after tokens where
    it says them differently; each answers with words, or with `None` to leave what is written as it is.
    """

    def __init__(self, language: str, writing: Writing, lexis: Lexis) -> None:
        super().__init__(language, lexis)
        self.writing = writing
        self._scanner = Scanner(
            [
                *writing.own,
                *address_forms(),
                *date_forms(writing),
                *time_forms(writing),
                *phone_forms(),
                *decade_forms(writing),
                *counted_forms(writing, lexis.units),
                *writing.late,
                *year_forms(),
                *figure_forms(writing, lexis.units),
                *number_forms(writing),
                *word_forms(writing),
            ],
            writing.all_starts(),
        )

    def read(self, text: str) -> str:
        """`text` with its written forms in words; `text` itself when it has none."""
        if not text.isascii() and _WIDE.search(text):
            text = text.translate(WIDE_LETTERS)
        parts: list[str] = []
        at = 0
        last: Token | None = None
        for found in self._scanner.find(text):
            words = self.say(found.token, self._around(text, found))
            if words is not None:
                parts += joint(last, text[at : found.start], found.token, self.lexis), self._parted(words, text, found)
                at, last = found.end, found.token
        if not parts:
            return text
        return "".join(parts) + text[at:]

    def _around(self, text: str, found: Found) -> Around:
        return Around(text[max(0, found.start - _CONTEXT) : found.start], text[found.end : found.end + _CONTEXT])

    def _parted(self, words: str, text: str, found: Found) -> str:
        words = with_stop(words, text, found)
        return parted(words, text, found) if self.writing.spaced and words else words

    # --- what a token is ---------------------------------------------------------------------------

    def say(self, token: Token, around: Around) -> str | None:
        """`token` in words; `None` when it is best left as it is written."""
        match token:
            case Cardinal() | Percent() | Money() | Measure() | Feet() | Ordinal() | Fraction():
                return self._say_quantity(token, around)
            case Date() | Time() | Times() | Year() | Decade():
                return self._say_moment(token, around)
            case Phone() | Digits() | Version() | Score() | Code():
                return self._say_figures(token, around)
            case _:
                return self._say_name(token, around)

    def _say_quantity(self, token: Quantity, around: Around) -> str | None:  # noqa: PLR0911 — one line a token
        match token:
            case Cardinal():
                return self.cardinal(token, around)
            case Percent():
                return self.percent(token, around)
            case Money():
                return self.money(token, around)
            case Measure():
                return self.measure(token, around)
            case Feet():
                return self.feet(token, around)
            case Ordinal():
                return self.ordinal(token, around)
            case Fraction():
                return self.part_of(token, around) if token.unit else self.fraction(token, around)
            case _:
                assert_never(token)

    def _say_moment(self, token: Moment, around: Around) -> str | None:
        match token:
            case Date():
                return self.date(token, around)
            case Time():
                return self.time(token, around)
            case Times():
                return self.times(token, around)
            case Year():
                return self.year(token, around)
            case Decade():
                return self.decade(token, around)
            case _:
                assert_never(token)

    def _say_figures(self, token: Figures, around: Around) -> str | None:
        match token:
            case Phone():
                return self.phone(token, around)
            case Digits():
                return self.digits(token.digits)
            case Version():
                return self.version(token, around)
            case Score():
                return self.score(token, around)
            case Code():
                return self.code(token, around)
            case _:
                assert_never(token)

    def _say_name(self, token: Name, around: Around) -> str | None:
        match token:
            case Url() | Email():
                return self.address(token.text)
            case Handle():
                return self.handle(token, around)
            case Abbreviation():
                return self.abbreviation(token, around)
            case Roman():
                return self.roman(token, around)
            case Symbol():
                return self.symbol(token, around)
            case Said():
                return token.words
            case _:
                assert_never(token)

    # --- tokens, for a language to override --------------------------------------------------------

    def cardinal(self, token: Cardinal, around: Around) -> str | None:
        """`1,234`; a hyphen before an equals sign is a minus, and downwards it is a score, or a minus too."""
        amount = token.amount
        if not isinstance(amount, Between):
            return self.amount(amount)
        first, last = amount.first, amount.last
        if around.after.lstrip().startswith("=") or first.value > max(last.value, _SCORED_TO):
            return f"{self.number(first)} {self.lexis.minus} {self.number(last)}"
        if first.value > last.value and not first.decimals + last.decimals:
            return self.score(Score(first.value, last.value), around)
        return self.amount(amount)

    def percent(self, token: Percent, around: Around) -> str | None:
        """`5 %`."""
        return f"{self.amount(token.amount)} {self.lexis.per_mille if token.sign == '‰' else self.lexis.percent}"

    def money(self, token: Money, around: Around) -> str | None:
        """`$3.50`: the hundredths as such, if the currency has them."""
        noun, amount = self.lexis.currencies[token.currency], token.amount
        if token.scale:
            return f"{self.counted(amount, self.lexis.scales[token.scale])} {self.of_scale(noun)}"
        cent = self.lexis.cents.get(token.currency)
        if cent is None or isinstance(amount, Between) or len(amount.decimals) != 2:
            return self.counted(amount, noun)
        whole, rest = Number(amount.digits, sign=amount.sign), Number(amount.decimals)
        if not rest.value:
            return self.counted(whole, noun)
        return self.cents(whole, rest, noun, cent)

    def of_scale(self, noun: Noun) -> str:
        """A currency after a million."""
        return noun.plural

    def cents(self, whole: Number, rest: Number, noun: Noun, cent: Noun) -> str:
        """An amount of money with hundredths."""
        said = self.counted(rest, cent)
        return f"{self.counted(whole, noun)} {said}" if whole.value else said

    def measure(self, token: Measure, around: Around) -> str | None:
        """`5 kg`, `3 l/min`."""
        said = self.counted(token.amount, self.lexis.units[token.unit])
        return f"{said} {self.lexis.per} {self.lexis.units[token.per].one}" if token.per else said

    def feet(self, token: Feet, around: Around) -> str | None:
        """`5'11"`."""
        parts = [(token.feet, "ft"), (token.inches, "″")]
        return " ".join(self.counted(Number(str(n)), self.lexis.units[unit]) for n, unit in parts if n is not None)

    def ordinal(self, token: Ordinal, around: Around) -> str | None:
        """`2nd`."""
        return self.ordinal_word(token.value)

    def fraction(self, token: Fraction, around: Around) -> str | None:
        """`1/2`."""
        parts = [] if token.whole is None else [self.integer(token.whole)]
        return " ".join([*parts, self.integer(token.numerator), self.lexis.signs["/"], self.integer(token.denominator)])

    def part_of(self, token: Fraction, around: Around) -> str | None:
        """`1/2 l`, `1 1/2 l`."""
        unit = self.lexis.units[token.unit]
        return f"{self.fraction(token, around)} {unit.one if token.whole is None else unit.plural}"

    def date(self, token: Date, around: Around) -> str | None:
        """Day, month, year, in this order; days as plain numbers."""
        days = [self.integer(day) for day in (token.day, token.last_day) if day is not None]
        parts = [f" {self.lexis.to} ".join(days), self.lexis.months[token.month - 1]]
        return " ".join([*filter(None, parts), *([self.year_words(token.year)] if token.year else [])])

    def time(self, token: Time, around: Around) -> str | None:
        """Hour and minute as plain numbers."""
        return " ".join(self.integer(part) for part in (token.hour, token.minute, token.second) if part)

    def times(self, token: Times, around: Around) -> str | None:
        """From one time to another."""
        return f"{self.time(token.first, around)} {self.lexis.to} {self.time(token.last, around)}"

    def year(self, token: Year, around: Around) -> str | None:
        """`1990`, `1990–95`."""
        first = self.year_words(token.value)
        return first if token.last is None else f"{first} {self.lexis.to} {self.year_words(token.last)}"

    def year_words(self, value: int) -> str:
        """A year."""
        return self.integer(value)

    def decade(self, token: Decade, around: Around) -> str | None:
        """`1990s`."""
        return self.year_words(token.value)

    def phone(self, token: Phone, around: Around) -> str | None:
        """Figure by figure, with a pause between groups."""
        groups = ", ".join(self.digits(group) for group in token.groups)
        return f"{self.lexis.plus} {groups}" if token.plus else groups

    def version(self, token: Version, around: Around) -> str | None:
        """`v2.0.1`."""
        parts = [
            self.integer(int(part)) if part == "0" or part[0] != "0" else self.digits(part) for part in token.parts
        ]
        said = f" {self.lexis.version_point or self.lexis.point} ".join(parts)
        marked = token.marked and not around.before.rstrip().lower().endswith(self.lexis.version.lower())
        return f"{self.lexis.version} {said}" if marked else said

    def score(self, token: Score, around: Around) -> str | None:
        """`3:1`."""
        return f"{self.integer(token.first)} {self.lexis.to} {self.integer(token.last)}"

    def code(self, token: Code, around: Around) -> str | None:
        """`COVID-19`: short numbers as numbers, longer ones figure by figure."""
        return " ".join(map(self._code_part, token.parts))

    def _code_part(self, part: str) -> str:
        whole, point, decimals = part.partition(".")
        if not whole.isdigit():
            return self.code_letters(part)
        said = self.code_number(whole)
        return f"{said} {self.lexis.version_point or self.lexis.point} {self.digits(decimals)}" if point else said

    def code_letters(self, letters: str) -> str:
        """The letters in a code: capitals one by one where they make no word."""
        spelled_out = letters.isupper() and (len(letters) <= 2 or not _VOWEL.search(letters))
        return " ".join(letters) if spelled_out else letters

    def code_number(self, figures: str) -> str:
        """The number in a code."""
        return self.digits(figures) if len(figures) > 2 or figures[0] == "0" else self.integer(int(figures))

    def address(self, text: str) -> str | None:
        """A web or e-mail address: words as they are, signs by name, figures one by one."""
        return spelled(text, self.lexis.signs, self.digits)

    def handle(self, token: Handle, around: Around) -> str | None:
        """`@name`, `#topic`: its words apart where capitals show them."""
        sign = self.lexis.hashtag if token.sign == "#" else self.lexis.signs["@"]
        return f"{sign} {self.address(_CAMEL.sub(' ', token.name))}"

    def abbreviation(self, token: Abbreviation, around: Around) -> str | None:
        """What it is short for."""
        return self.writing.abbreviations[token.written]

    def roman(self, token: Roman, around: Around) -> str | None:
        """`Chapter IV`."""
        return self.integer(token.value)

    def symbol(self, token: Symbol, around: Around) -> str | None:
        """`&`, `=`: by name, where it has one."""
        return self.lexis.signs.get(token.sign)
