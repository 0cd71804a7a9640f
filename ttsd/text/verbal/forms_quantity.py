"""The written forms of numbers and of what is counted with them."""

import re
from collections.abc import Mapping
from typing import Final

from ttsd.text.verbal.tokens import (
    Amount,
    Between,
    Cardinal,
    Code,
    Digits,
    Feet,
    Fraction,
    Measure,
    Money,
    Ordinal,
    Percent,
    Score,
    Token,
    Version,
)
from ttsd.text.verbal.writing import DASH, EDGE, END, LETTER, Form, Writing, number, number_pattern, one_of

VULGAR: Final = dict(
    zip(
        "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞",
        (
            (1, 2),
            (1, 3),
            (2, 3),
            (1, 4),
            (3, 4),
            (1, 5),
            (2, 5),
            (3, 5),
            (4, 5),
            (1, 6),
            (5, 6),
            (1, 8),
            (3, 8),
            (5, 8),
            (7, 8),
        ),
        strict=True,
    )
)
"""Fractions that are one character."""
SPELLED_FROM: Final = 10
"""Digits without a separator from which a number is an account's, and is said figure by figure."""


def counted_forms(writing: Writing, units: Mapping[str, object]) -> list[Form]:
    """Money, measures and per cent."""
    amount = _amount_pattern(writing)
    code = one_of(writing.currencies)
    unit = one_of(units) if units else r"(?!)"
    scale = rf"(?: ?(?P<scale>{one_of(writing.scales)}){END})?" if writing.scales else ""
    per = rf"(?P<unit>{unit})(?:/(?P<per>{unit}))?(?![0-9{LETTER}/]|['’][{LETTER}])"

    def amount_of(match: re.Match[str]) -> Amount:
        return _amount(match["amount"], match["last"], writing)

    def money(match: re.Match[str]) -> Token:
        found = match.groupdict()
        return Money(
            amount_of(match), writing.currencies[match["code"]], writing.scales.get(found.get("scale") or "", 0)
        )

    return [
        Form(rf"(?<![{LETTER}])(?P<code>{code}) ?{amount}{scale}(?![0-9])", money),
        Form(rf"{EDGE}{amount}{scale} ?(?P<code>{code})(?![{LETTER}])", money),
        Form(rf"{EDGE}{amount} ?(?P<sign>[%‰％])", lambda m: Percent(amount_of(m), m["sign"].replace("％", "%"))),
        Form(
            rf"{EDGE}(?P<feet>[0-9])['′](?P<inches>[0-9]{{1,2}})(?:[\"″]|'')",
            lambda m: Feet(int(m["feet"]), int(m["inches"])),
        ),
        Form(rf"{EDGE}{amount}[ -]?{per}", lambda m: Measure(amount_of(m), m["unit"], m["per"] or "")),
    ]


def figure_forms(writing: Writing) -> list[Form]:
    """What is told from a plain number by its shape: versions, fractions, ordinals, codes."""
    vulgar = "".join(VULGAR)

    def version(match: re.Match[str]) -> Token | None:
        parts = tuple(re.findall("[0-9]+", match.group()))
        if not match["mark"] and "." in writing.groups and _grouped(parts):
            return None
        return Version(parts, bool(match["mark"]))

    marked = r"(?P<mark>[vV]\.? ?)[0-9]{1,4}(?:\.[0-9]{1,6}){1,4}"
    forms = [
        Form(
            rf"{EDGE}(?:{marked}|[0-9]{{1,6}}(?:\.[0-9]{{1,6}}){{2,4}}){END}",
            version,
        ),
        Form(
            rf"{EDGE}(?:(?P<whole>[0-9]{{1,4}})[ ⁄]?)?(?P<sign>[{vulgar}])",
            lambda m: Fraction(*VULGAR[m["sign"]], whole=int(m["whole"]) if m["whole"] else None),
        ),
        Form(
            rf"{EDGE}(?:(?P<whole>[0-9]{{1,3}}) )?(?P<over>[0-9]{{1,3}})[/⁄](?P<under>[0-9]{{1,3}})(?!/){END}",
            lambda m: (
                Fraction(int(m["over"]), int(m["under"]), int(m["whole"]) if m["whole"] else None)
                if 0 < int(m["over"]) < int(m["under"]) and m["under"][0] != "0"
                else None
            ),
        ),
        Form(
            rf"{EDGE}(?P<first>[0-9]{{1,3}}):(?P<last>[0-9]{{1,3}})(?![:0-9]){END}",
            lambda m: Score(int(m["first"]), int(m["last"])),
        ),
    ]
    if writing.ordinal:
        ordinal = rf"{EDGE}(?P<value>[0-9]{{1,9}})-?(?P<mark>{writing.ordinal})(?![{LETTER}])"
        forms.append(Form(ordinal, lambda m: Ordinal(int(m["value"]), m["mark"])))
    letters = rf"[{LETTER}]{{1,20}}"
    more = rf"(?:[-–]?{letters}[0-9]{{0,12}})"
    decimals = r"(?:\.[0-9]{1,3}(?![.0-9]))?"
    mixed = rf"{letters}[-–]?[0-9]{{1,12}}{decimals}{more}{{0,6}}|[0-9]{{1,12}}{more}{{1,6}}"
    runs = re.compile(rf"[{LETTER}]+|[0-9]+(?:\.[0-9]+)?")
    return [*forms, Form(rf"{EDGE}(?:{mixed})", lambda m: Code(tuple(runs.findall(m.group()))))]


def _grouped(parts: tuple[str, ...]) -> bool:
    """Whether they are the thousands of one number; four of them below 256 are an address in a network."""
    in_threes = len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
    return in_threes and not (len(parts) == 4 and all(int(part) < 256 for part in parts))


def number_forms(writing: Writing) -> list[Form]:
    """Plain numbers and ranges of them; whatever digit no other form takes is taken here."""

    def plain(match: re.Match[str]) -> Token:
        digits = match["amount"]
        if (
            match["last"] is None
            and digits.isdigit()
            and (len(digits) >= SPELLED_FROM or digits[0] == "0" < digits[1:])
        ):
            return Digits(digits)
        return Cardinal(_amount(match["amount"], match["last"], writing))

    return [Form(_amount_pattern(writing), plain)]


def _amount_pattern(writing: Writing) -> str:
    one = number_pattern(writing)
    return rf"(?P<amount>{one})(?:{DASH}(?P<last>{one})(?![-–]?[0-9]))?"


def _amount(first: str, last: str | None, writing: Writing) -> Amount:
    if last is None:
        return number(first, writing)
    return Between(number(first, writing), number(last, writing))
