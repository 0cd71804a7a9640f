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
_AFTER_UNIT: Final = rf"(?![0-9{LETTER}/]|['’][{LETTER}])"
_CODE_FROM: Final = 4
_CODE_WITHIN: Final = 24
SPELLED_FROM: Final = 10
"""Digits without a separator from which a number is an account's, and is said figure by figure."""


def counted_forms(writing: Writing, units: Mapping[str, object]) -> list[Form]:
    """Money, measures and per cent."""
    amount = _amount_pattern(writing)
    code = one_of(writing.currencies)
    unit = _unit_pattern(units)
    scale = rf"(?: ?(?P<scale>{one_of(writing.scales)}){END})?" if writing.scales else ""
    per = rf"(?P<unit>{unit})(?:/(?P<per>{unit}))?{_AFTER_UNIT}"

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


def figure_forms(writing: Writing, units: Mapping[str, object]) -> list[Form]:
    """What is told from a plain number by its shape: versions, fractions, ordinals, codes."""

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
        *_fraction_forms(units),
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


def _fraction_forms(units: Mapping[str, object]) -> list[Form]:
    of_unit = rf"(?: ?(?P<unit>{_unit_pattern(units)}){_AFTER_UNIT})?"

    def sign(match: re.Match[str]) -> Token:
        return Fraction(*VULGAR[match["sign"]], _whole(match), match["unit"] or "")

    def stroke(match: re.Match[str]) -> Token | None:
        over, under = int(match["over"]), int(match["under"])
        proper = 0 < over < under and match["under"][0] != "0"
        return Fraction(over, under, _whole(match), match["unit"] or "") if proper else None

    return [
        Form(rf"{EDGE}(?:(?P<whole>[0-9]{{1,4}})[ ⁄]?)?(?P<sign>[{''.join(VULGAR)}]){of_unit}", sign),
        Form(
            rf"{EDGE}(?:(?P<whole>[0-9]{{1,3}}) )?(?P<over>[0-9]{{1,3}})[/⁄](?P<under>[0-9]{{1,3}})(?!/){END}{of_unit}",
            stroke,
        ),
    ]


def _whole(match: re.Match[str]) -> int | None:
    return int(match["whole"]) if match["whole"] else None


def _unit_pattern(units: Mapping[str, object]) -> str:
    return one_of(units) if units else r"(?!)"


def _grouped(parts: tuple[str, ...]) -> bool:
    """Whether they are the thousands of one number; four of them below 256 are an address in a network."""
    in_threes = len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
    return in_threes and not (len(parts) == 4 and all(int(part) < 256 for part in parts))


def number_forms(writing: Writing) -> list[Form]:
    """Plain numbers and ranges of them; whatever digit no other form takes is taken here."""

    code = re.compile(rf"\b(?i:{writing.code_after})\W{{1,2}}(?:\w{{2,5}}\W{{1,2}})?$") if writing.code_after else None

    def is_code(match: re.Match[str]) -> bool:
        left = match.string[max(0, match.start() - _CODE_WITHIN) : match.start()]
        return code is not None and len(match["amount"]) >= _CODE_FROM and code.search(left) is not None

    def plain(match: re.Match[str]) -> Token:
        digits = match["amount"]
        spelled = len(digits) >= SPELLED_FROM or digits[0] == "0" < digits[1:] or is_code(match)
        if match["last"] is None and digits.isdigit() and spelled:
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
