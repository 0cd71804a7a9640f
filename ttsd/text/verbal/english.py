"""English: American where the two differ, and British forms read as they are written."""

import re
from typing import Final

from ttsd.text.verbal.english_words import (
    BEFORE_SAINT,
    DAYS,
    LEXIS,
    MONTHS,
    NUMBERED,
    PLAIN_WORDS,
    REGNAL,
    SHORT,
    SHORT_MONTHS,
    TITLED,
)
from ttsd.text.verbal.english_years import is_year
from ttsd.text.verbal.lexis import Noun
from ttsd.text.verbal.numbers import spell
from ttsd.text.verbal.reader import Around, Reader
from ttsd.text.verbal.tokens import (
    Date,
    Decade,
    Digits,
    Fraction,
    Measure,
    Money,
    Number,
    Phone,
    Roman,
    Said,
    Time,
    Times,
    Token,
    Year,
)
from ttsd.text.verbal.writing import CURRENCIES, EDGE, END, Form, Writing, fixed, looked_up, one_of

_LAST_WORD: Final = re.compile(r"(?P<word>[\w'’]+)[ ]$")
_ADDRESS: Final = re.compile(r"[0-9]+[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z][\w'’]+ ){1,3}$")
_DATE_BEFORE: Final = re.compile(r"(?i:\b(?:on|by|until|till|since|before|after|from|dated?)) $")
_ARTICLE: Final = re.compile(r"(?i:\b(?:an?|the|this|that|every|each|per)) $")
_RUN: Final = re.compile(r"(?i:\b(?:an?|the|run|ran|running|first|charity)) $")
_IN_HOUSE: Final = re.compile(
    r"(?i:\b(?:apt\.|apartment|flat|room|suite|unit|gate|seat|row|block|building|section|class|no\.|number|type)) $"
)
_NOUN_FOLLOWS: Final = re.compile(" [a-z]")


def _street_or_saint(match: re.Match[str]) -> Token:
    before, after = match.string[max(0, match.start() - 40) : match.start()], match.string[match.end() :][:2]
    last = _LAST_WORD.search(before)
    word = last["word"] if last else ""
    named = after[:1] == " " and after[1:].isupper()
    if not word or (not word[0].isupper() and not word[0].isdigit()):
        return Said("Saint" if named else "Street")
    if named and (word.lower() in PLAIN_WORDS or word.lower() in BEFORE_SAINT):
        return Said("Saint")
    return Said("Street")


def _doctor_or_drive(match: re.Match[str]) -> Token:
    before, after = match.string[max(0, match.start() - 40) : match.start()], match.string[match.end() :][:2]
    named = after[:1] == " " and after[1:].isupper()
    last = _LAST_WORD.search(before)
    street = _ADDRESS.search(before) or (not named and last and last["word"][0].isupper())
    return Said("Drive" if street else "Doctor")


def _date_in_figures(match: re.Match[str]) -> Token | None:
    month, day = int(match["month"]), int(match["day"])
    if 1 <= month <= 12 and 1 <= day <= 31 and _DATE_BEFORE.search(match.string[: match.start()][-12:]):
        return Date(month, day, month_first=True)
    return None


def _scaled(match: re.Match[str]) -> Token | None:
    before, after = match.string[max(0, match.start() - 12) : match.start()], match.string[match.end() :][:2]
    if match["scale"] == "K" and (len(match["number"]) == 1 or _RUN.search(before)):
        return None  # the resolution of a screen, the length of a run
    if match["scale"] == "B" and (_IN_HOUSE.search(before) or after[1:].isupper()):
        return None  # a flat, a seat
    scale = {"K": "thousand", "k": "thousand", "M": "million", "B": "billion", "bn": "billion", "mn": "million"}
    whole, _, decimals = match["number"].replace(",", "").partition(".")
    return Said(f"{READER.number(Number(whole, decimals))} {scale[match['scale']]}")


def _military(match: re.Match[str]) -> Token:
    hour, minute = int(match["time"][:2]), int(match["time"][2:])
    words = [READER.digits("0") if match["time"][0] == "0" else "", READER.integer(hour)]
    words.append(READER.integer(minute) if minute >= 10 else f"oh {READER.integer(minute)}" if minute else "hundred")
    return Said(f"{' '.join(filter(None, words))} hours")


def _euros(match: re.Match[str]) -> Token:
    return Money(Number(match["whole"], match["cents"]), CURRENCIES[match["sign"]])


def _by(match: re.Match[str]) -> Token:
    sides = [READER.integer(int(match[side])) for side in ("left", "right")]
    return Said(" by ".join(sides))


_DATED: Final = rf",? (?:[0-9]|(?i:{'|'.join(MONTHS)}){END})"
_OWN: Final = (
    Form(rf"{EDGE}St\.", _street_or_saint),
    Form(rf"{EDGE}Dr\.", _doctor_or_drive),
    looked_up(rf"{EDGE}(?P<key>{one_of({title.capitalize(): 0 for title in TITLED})})\.(?= [A-Z])", TITLED),
    looked_up(rf"{EDGE}(?P<key>(?i:{one_of(NUMBERED)}))\.(?= ?[0-9#])", NUMBERED),
    looked_up(rf"{EDGE}(?P<key>{one_of({day.capitalize(): 0 for day in DAYS})})\.?(?={_DATED})", DAYS),
    looked_up(rf"{EDGE}(?P<key>{one_of({month.capitalize(): 0 for month in SHORT_MONTHS})})\.(?! [0-9])", SHORT_MONTHS),
    fixed(r"#(?=[0-9])", "number"),
    fixed(rf"{EDGE}WW ?(?:1|I){END}", "World War one"),
    fixed(rf"{EDGE}WW ?(?:2|II){END}", "World War two"),
    fixed(rf"{EDGE}IPv4{END}", "I P version four"),
    fixed(rf"{EDGE}IPv6{END}", "I P version six"),
    fixed(rf"{EDGE}24/7{END}", "twenty-four seven"),
    fixed(rf"{EDGE}9/11{END}", "nine eleven"),
    fixed(rf"{EDGE}C\+\+", "C plus plus"),
    Form(r"(?<![\w.])(?:[A-Z]\.){2,6}", lambda m: Said(" ".join(m.group().replace(".", "")))),
    Form(rf"{EDGE}(?P<time>(?:[01][0-9]|2[0-3])[0-5][0-9]) (?:hrs|hours){END}(?! of)", _military),
    Form(rf"(?<=[A-Z]{{2}} )(?P<zip>[0-9]{{5}}){END}(?![-,.][0-9])", lambda m: Digits(m["zip"])),
    Form(rf"{EDGE}(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})(?![/0-9])", _date_in_figures),
    Form(r"(?P<sign>€) ?(?P<whole>[0-9]{1,6}),(?P<cents>[0-9]{2})(?![0-9,.])", _euros),
    Form(rf"{EDGE}(?P<number>[0-9]{{1,3}}(?:\.[0-9]{{1,3}})?)(?P<scale>[KkMB]|bn|mn){END}(?!/)", _scaled),
    Form(rf"{EDGE}(?P<left>[0-9]{{1,5}}) ?x ?(?P<right>[0-9]{{1,5}}){END}", _by),
    Form(rf"{EDGE}(?P<n>[0-9]{{1,3}})[x×]{END}(?! ?[0-9])", lambda m: Said(f"{spell('en', int(m['n']))} times")),
    Form(rf"{EDGE}(?P<left>[0-9]{{3}})-(?P<right>[0-9]{{4}}){END}(?!-)", lambda m: Phone((m["left"], m["right"]))),
)

_WRITING: Final = Writing(
    decimal=".",
    groups=",",
    code_after=r"code|passcode|pin|otp|ext\.|extension|zip",
    months=MONTHS,
    date_order="mdy",
    day_mark="st|nd|rd|th|",
    of=" of | ",
    before_year=",? ",
    month_first=True,
    clock_mark=r"[ap]\.m\.|[ap]\.m|[ap]m|o['’]clock",
    clock_dot=True,
    ordinal="st|nd|rd|th",
    decade="s",
    scales={
        "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "k": 3, "K": 3, "m": 6, "M": 6, "mn": 6, "bn": 9,
        "b": 9, "B": 9, "tn": 12,
    },
    abbreviations=SHORT,
    symbols="&+=§×÷±≈≠≤≥−@",
    roman_after="[A-Z][a-z]+",
    own=_OWN,
    starts=r"(?:Mon|Tues?|Wed|Thu|Thurs?|Fri|Sat|Sun)(?=, )",
)  # fmt: skip


class English(Reader):
    """Cardinals without `and`, years in pairs, ordinals in dates."""

    def year(self, token: Year, around: Around) -> str | None:
        if token.last is None and not is_year(token.value, around.before, around.after):
            return self.integer(token.value)
        return super().year(token, around)

    def year_words(self, value: int) -> str:
        return spell("en", value, "spellout-numbering-year").replace("oh-", "oh ")

    def decade(self, token: Decade, around: Around) -> str | None:
        words = self.year_words(token.value)
        return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"

    def date(self, token: Date, around: Around) -> str | None:
        month = self.lexis.months[token.month - 1]
        day = self._days(token)
        if day and (token.month_first or not token.named):
            month = f"{month} {day}"
        elif day:
            the = "" if around.before.lower().endswith("the ") else "the "
            month = f"{the}{day} of {month}"
        return f"{month}{', ' if day else ' '}{self.year_words(token.year)}" if token.year else month

    def _days(self, token: Date) -> str:
        return " to ".join(self.ordinal_word(day) for day in (token.day, token.last_day) if day is not None)

    def time(self, token: Time, around: Around) -> str | None:
        half = {"am": " A M", "pm": " P M"}.get(token.mark, "")
        hour = self.integer(token.hour)
        if not token.minute:
            exact = " o'clock" if 1 <= token.hour <= 12 else " hundred"
            words = hour + (half or (exact if token.minute == 0 or token.mark else ""))
        else:
            minute = self.integer(token.minute)
            words = f"{hour} {'oh ' if token.minute < 10 else ''}{minute}{half}"
        if token.second is None:
            return words
        return f"{words} and {self.counted(Number(str(token.second)), self.lexis.units['s'])}"

    def times(self, token: Times, around: Around) -> str | None:
        first = token.first
        words = self.integer(first.hour) if not first.minute else self.time(first, around)
        return f"{words} to {self.time(token.last, around)}"

    def cents(self, whole: Number, rest: Number, noun: Noun, cent: Noun) -> str:
        said = self.counted(rest, cent)
        return f"{self.counted(whole, noun)} and {said}" if whole.value else said

    def money(self, token: Money, around: Around) -> str | None:
        if (
            _ARTICLE.search(around.before)
            and isinstance(token.amount, Number)
            and not token.amount.decimals
            and around.after[:2].strip().isalpha()
        ):
            scale = f" {self.lexis.scales[token.scale].one}" if token.scale else ""
            return f"{self.amount(token.amount)}{scale} {self.lexis.currencies[token.currency].one}"
        return super().money(token, around)

    def measure(self, token: Measure, around: Around) -> str | None:
        if not token.per and _ARTICLE.search(around.before) and _NOUN_FOLLOWS.match(around.after):
            return f"{self.amount(token.amount)} {self.lexis.units[token.unit].one}"
        return super().measure(token, around)

    def fraction(self, token: Fraction, around: Around) -> str | None:
        over, under = token.numerator, token.denominator
        if token.whole is None and under in (10, 100) and not around.after.startswith(" of"):
            return f"{self.integer(over)} out of {self.integer(under)}"
        part = {2: "half", 4: "quarter"}.get(under) or self.ordinal_word(under)
        if over > 1:
            part = "halves" if under == 2 else f"{part}s"
        if token.whole is None:
            return f"{self.integer(over)} {part}"
        return f"{self.integer(token.whole)} and {'a' if over == 1 else self.integer(over)} {part}"

    def roman(self, token: Roman, around: Around) -> str | None:
        if token.before in REGNAL:
            certain = token.value > 1 or re.match(r"$|[,.;:)'’]| (?:of|and) ", around.after)
            return f"the {self.ordinal_word(token.value)}" if certain else None
        return self.integer(token.value)


READER: Final = English("en", _WRITING, LEXIS)
