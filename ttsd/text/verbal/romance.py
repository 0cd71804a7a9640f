"""What French, Spanish, Italian and Portuguese share: agreement with the noun, decimals, dates, abbreviations."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ttsd.text.verbal.genders import Genders
from ttsd.text.verbal.lexis import Noun
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
    Said,
    Time,
    Token,
    Version,
    Year,
)
from ttsd.text.verbal.writing import EDGE, END, LETTER, Form

MASCULINE: Final = "m"
FEMININE: Final = "f"
CAPITAL: Final = "A-ZÀ-ÖØ-Þ"
"""For use inside `[...]`."""
GROUPED_DECIMALS: Final = 3
"""Up to so many decimals are said as one number, more of them one by one."""
ORDINALS_FROM: Final = 1
ORDINALS_TO: Final = 999

_NEXT_WORD: Final = re.compile(rf"[ \u00a0\u202f]([{LETTER}]+)")


def titles(words: Mapping[str, str]) -> list[Form]:
    """Forms of what is short for a title where a name follows: `D. Juan`, `M. le maire`."""
    return [_said(rf"{EDGE}{re.escape(key)}(?= ?[{CAPITAL}]| l[ea] [{LETTER}])", said) for key, said in words.items()]


def before_numbers(words: Mapping[str, str]) -> list[Form]:
    """Forms of what is short for a noun where a number follows: `p. 5`, `art. 3`, `n. 7`; also with a capital."""
    both = {key[0].upper() + key[1:]: said[0].upper() + said[1:] for key, said in words.items()} | dict(words)
    return [_said(rf"{EDGE}{re.escape(key)}(?= ?[0-9IVX])", said) for key, said in both.items()]


def decades(*nouns: str) -> list[Form]:
    """Forms of a decade after one of `nouns`: `años 90`, `anni '80`, `années 1980`."""
    return [
        Form(
            rf"(?<={noun} )['’‘]?(?P<year>(?:1[0-9]|20)?[1-9]0){END}(?! ?[€$£%])",
            lambda match: Decade(int(match["year"]), ""),
        )
        for noun in nouns
    ]


def ring_ordinal(genders: Genders) -> Form:
    """The form of an ordinal written with the sign of degrees: `3° piano`, where a noun follows."""
    return Form(
        rf"{EDGE}(?P<value>[0-9]{{1,3}})°(?= (?P<noun>[a-zà-ÿ]+))",
        lambda match: Ordinal(int(match["value"]), "°") if genders.of(match["noun"]) else None,
    )


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


DIVISION: Final = Form(
    rf"{EDGE}(?P<over>[0-9]{{1,4}})/(?P<under>[0-9]{{1,4}})(?!/){END}",
    lambda match: Fraction(int(match["over"]), int(match["under"])),
)
"""`18/20`, `24/7`: whatever two numbers a stroke parts."""


def times_sign(cardinal: Callable[[int], str], word: str) -> Form:
    """The form of `4x4`."""
    return Form(
        rf"{EDGE}(?P<first>[0-9]{{1,5}}) ?x ?(?P<last>[0-9]{{1,5}}){END}",
        lambda match: Said(f"{cardinal(int(match['first']))} {word} {cardinal(int(match['last']))}"),
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


class Romance(Reader):
    """Numbers agree with the noun that follows; a language gives its numerals and what it knows of genders."""

    spoken_point = ""
    """The decimal mark of `3.5`, where the language writes a comma."""
    between = "", ""
    """Before and between the ends of a range."""

    def gender_of(self, word: str) -> str:
        """`m` or `f` of a noun or an adjective in small letters; empty for a word that is not counted."""
        raise NotImplementedError

    def fraction_words(self, over: int, under: int, gender: str) -> str:
        """A fraction whose parts are small, `gender` that of the noun after it; empty: say it as a division."""
        raise NotImplementedError

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """An ordinal from 1 to 999."""
        raise NotImplementedError

    # --- numbers -----------------------------------------------------------------------------------

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
        match = _NEXT_WORD.match(around.after)
        return self.gender_of(match[1].lower()) if match else ""

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

    feminine_marks: tuple[str, ...] = ()
    """How what follows the digits of a feminine ordinal begins."""

    def fraction(self, token: Fraction, around: Around) -> str | None:
        """`1/2`, `2 ½`."""
        gender = self.gender_after(around)
        if token.whole is not None and token.denominator == 2:
            half = self.half[:-1] + "a" if gender == FEMININE and self.half.endswith("o") else self.half
            return f"{self.integer(token.whole, gender)} {self.lexis.signs['&']} {half}"
        proper = token.numerator < token.denominator
        said = self.fraction_words(token.numerator, token.denominator, "" if token.whole else gender) if proper else ""
        said = said or f"{self.integer(token.numerator)} {self.over} {self.integer(token.denominator)}"
        return said if token.whole is None else f"{self.integer(token.whole, gender)} {self.lexis.signs['&']} {said}"

    def phone(self, token: Phone, around: Around) -> str | None:
        """Figure by figure, in its groups; the country's code as a number."""
        country, groups = (token.groups[0], token.groups[1:]) if token.plus else ("", token.groups)
        said = ", ".join(map(self.phone_group, groups))
        return f"{self.lexis.plus} {self.integer(int(country))}, {said}" if country else said

    def phone_group(self, figures: str) -> str:
        """One group of a telephone number."""
        return self.digits(figures)

    over = ""
    """Between the numbers of a division."""
    half = ""
    """In `2 ½`."""

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

    date_joint = " "
    """Between day, month and year."""

    def day_words(self, day: int) -> str:
        """The day of a month."""
        return self.integer(day)

    def decade(self, token: Decade, around: Around) -> str | None:
        """`años 90`."""
        return self.year_words(token.value)

    def roman(self, token: Roman, around: Around) -> str | None:
        """A number in the series that the word before names."""
        return self.integer(token.value)

    def code_number(self, figures: str) -> str:
        """The number in a code: as a number up to three figures."""
        return (
            self.digits(figures) if len(figures) > 3 or figures[0] == "0" < figures[1:] else self.integer(int(figures))
        )

    def money(self, token: Money, around: Around) -> str | None:
        """`3 M€`, `12,50 €`; a thousand is no noun: `quinientos mil euros`."""
        if token.scale == 3:
            noun = self.lexis.currencies[token.currency]
            return f"{self.amount(token.amount, noun.gender)} {self.lexis.scales[3].plural} {noun.plural}"
        return super().money(token, around)

    def form(self, noun: Noun, amount: Amount) -> str:
        """The form of `noun` beside `amount`."""
        number = amount.last if isinstance(amount, Between) else amount
        return noun.one if self.is_singular(number) else noun.plural

    def is_singular(self, number: Number) -> bool:
        """Whether a noun beside `number` stands in the singular."""
        return number.is_one


def and_another(before: str, joint: str) -> str:
    """The pattern of words before a Roman numeral, and of such a word with a numeral and `joint`: `siglos XIX y `."""
    return rf"(?:{before})(?: [IVXLCDM]{{1,9}} {joint})?"


def head(before: str) -> str:
    """The last word, in small letters, of what `Roman.before` found, without a numeral that stands between."""
    return _SECOND.sub("", before).split()[-1].lower()


_SECOND: Final = re.compile(r" [IVXLCDM]+ [a-z]+$")
