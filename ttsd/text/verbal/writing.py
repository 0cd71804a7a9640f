"""How a language writes numbers, dates, times and money: the parameters of the shared forms."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, cast

import msgspec

from ttsd.text.verbal.tokens import Number, Said, Token

LETTER: Final = "A-Za-zÀ-ÖØ-öø-ɏЀ-ӿ"
"""For use inside `[...]`: letters that a word's number must not touch; CJK characters do."""
EDGE: Final = rf"(?<![0-9{LETTER}])"
END: Final = rf"(?![0-9{LETTER}])"
DASH: Final = r" ?[-‐‑‒–—~〜～] ?"
"""Between the ends of a range."""
WIDE_LETTERS: Final = MappingProxyType({ord(c) + 0xFEE0: c for c in map(chr, range(0x21, 0x7F)) if c.isalnum()})
"""Letters and digits of full width, to those of ASCII."""
CURRENCIES: Final = MappingProxyType(
    {
        "$": "USD",
        "US$": "USD",
        "€": "EUR",
        "£": "GBP",
        "¥": "JPY",
        "\uffe5": "JPY",
        "₩": "KRW",
        "₽": "RUB",
        "₹": "INR",
        "R$": "BRL",
        "Fr.": "CHF",
        **{code: code for code in ("USD", "EUR", "GBP", "JPY", "CNY", "KRW", "RUB", "INR", "BRL", "CHF")},
    }
)
"""Signs and codes to codes; a language gives its own readings of `$` or `¥` in `Writing.currencies`."""


class Form(msgspec.Struct, frozen=True):
    """One way to write something."""

    pattern: str
    """A regular expression, with quantifiers that are bounded or cannot fail late; groups are named."""
    build: Callable[[re.Match[str]], Token | None]
    """What it means; `None` when it is not that after all, and the next form is tried."""


def fixed(pattern: str, words: str) -> Form:
    """A form that is always said with the same `words`."""
    return Form(pattern, lambda _: Said(words))


def looked_up(pattern: str, words: Mapping[str, str]) -> Form:
    """A form whose group `key`, in small letters, says which of `words` it is."""
    return Form(pattern, lambda match: Said(words[match["key"].lower()]))


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from language to language."""

    decimal: Literal[".", ","]
    groups: str
    """Signs between groups of three digits, as they stand inside `[...]`; spaces twice or more are always right."""
    point_too: bool = False
    """Whether `3.5` and `1,234.5` are written as well, in a language with a decimal comma."""
    months: Mapping[str, int]
    """Names and abbreviations in small letters, without full stops."""
    date_order: Literal["dmy", "mdy", "ymd"] = "dmy"
    date_marks: str = "/.-"
    """Between the figures of a date."""
    day_mark: str = ""
    """Pattern of what may stand after the day before a month's name: `\\.` in `3. Oktober`."""
    of: str = " "
    """Pattern between the day and the month's name."""
    before_year: str = " "
    """Pattern between the month's name and the year."""
    month_first: bool = False
    """Whether `October 3` is written too."""
    clock_mark: str = ""
    """Pattern of what is written after a time: `Uhr`, `p\\.m\\.`."""
    clock_dot: bool = False
    """Whether `12.30` before such a mark is a time."""
    clock_h: bool = False
    """Whether `14h30` is a time."""
    ordinal: str = ""
    """Pattern after the digits of an ordinal: `st|nd|rd|th`."""
    decade: str = ""
    """Pattern after the digits of a decade: `s` in `1990s`."""
    scales: Mapping[str, int] = MappingProxyType({})
    """Powers of ten by how they are written after an amount: `m`, `Mio.`, `million`."""
    currencies: Mapping[str, str] = CURRENCIES
    abbreviations: Mapping[str, str] = MappingProxyType({})
    """Always read so, in whatever context; with their full stop."""
    roman_after: str = ""
    """Pattern of a word after which Roman numerals are numbers, whichever they are."""
    code_after: str = ""
    """Pattern of words after which four figures and more are said one by one: `code`, `PIN`."""
    symbols: str = "&+=§×÷±≈≠≤≥−"
    """Signs that are said where they stand alone or between numbers."""
    spaced: bool = True
    """Whether words are parted by spaces."""
    own: tuple[Form, ...] = ()
    """Forms of this language alone; they are tried first."""
    late: tuple[Form, ...] = ()
    """The same, tried after dates, times, money and measures, and before years and plain numbers."""
    starts: str = ""
    """Pattern of words with which forms in `own` begin and which `scan.py` would pass over: small letters, a space,
    and no figure after it."""

    def all_starts(self) -> str:
        """`starts`, and of each abbreviation what the scanner is to stop at: itself, or its first word, where no full
        stop follows that."""
        return "|".join(filter(None, [self.starts, *map(_start, self.abbreviations)]))


def _start(abbreviation: str) -> str:
    first, space, rest = abbreviation.partition(" ")
    if not first.isalpha():
        return ""
    return rf"{first}(?= {re.escape(rest)})" if space else first


def one_of(keys: Mapping[str, object]) -> str:
    """A pattern of any of `keys`, the longest first."""
    return "(?:" + "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True)) + ")"


def number_pattern(writing: Writing) -> str:
    """A number with its separators and its sign."""
    decimal = re.escape(writing.decimal)
    whole = (
        rf"[0-9]{{1,3}}(?:[{writing.groups}][0-9]{{3}})+(?![0-9])|[0-9]{{1,3}}(?:[ '][0-9]{{3}}){{2,}}(?![0-9])|[0-9]+"
    )
    usual = rf"(?:{whole})(?:{decimal}[0-9]+)?|(?<![\w.,]){decimal}[0-9]+"
    return rf"(?:(?<![\w)\]%€°])[-−+±])?(?:{_foreign(writing) + '|' if writing.point_too else ''}{usual})"


def _foreign(writing: Writing) -> str:
    """A number with a decimal point, in a language with a comma; where full stops part groups, not `1.234`."""
    thousands = r"(?![0-9]{3}(?![0-9]))" if "." in writing.groups else ""
    return (
        r"(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){2,}(?!,)"
        rf"|[0-9]{{1,9}}\.{thousands}[0-9]{{1,9}})(?![.,]?[0-9])"
    )


def number(written: str, writing: Writing) -> Number:
    """What `number_pattern` matched."""
    sign = {"-": "-", "−": "-", "+": "+", "±": "±"}.get(written[0], "")
    plain = written.lstrip("-−+±")
    foreign = writing.point_too and re.fullmatch(_foreign(writing), plain) is not None
    whole, _, decimals = plain.partition("." if foreign else writing.decimal)
    digits = re.sub("[^0-9]", "", whole) or "0"
    return Number(digits, decimals, cast("Literal['', '-', '+', '±']", sign), foreign)
