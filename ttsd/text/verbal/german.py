"""German: ordinals and `ein` take the ending that the words around them ask for."""

import re
from typing import Final

from ttsd.text.verbal.forms_name import roman_value
from ttsd.text.verbal.german_words import (
    DAYS,
    FEMININE,
    FEMININE_ENDINGS,
    LEXIS,
    MONTHS,
    NEUTER,
    NEUTER_ENDINGS,
    NO_NOUNS,
    NUMBERED,
    QUEENS,
    SHORT,
    SHORT_MONTHS,
)
from ttsd.text.verbal.lexis import Noun
from ttsd.text.verbal.numbers import spell
from ttsd.text.verbal.reader import Around, Reader
from ttsd.text.verbal.tokens import (
    Cardinal,
    Date,
    Digits,
    Fraction,
    Money,
    Number,
    Ordinal,
    Percent,
    Roman,
    Said,
    Score,
    Time,
    Times,
    Token,
)
from ttsd.text.verbal.writing import CURRENCIES, EDGE, END, Form, Writing, fixed, looked_up, one_of

_BEFORE: Final = 40
"""Characters in which an article or a preposition is looked for."""
_ORDINALS: Final = re.compile(r"(?:[0-9]{1,3}\.(?:,| und| oder| bis)? )+$")
"""`1., 2. und ` before the ordinal in question."""
_WEAK_N: Final = re.compile(
    r"(?i:\b(?:am|im|zum|beim|vom|dem|den|des|zur|ins|ans|bis|ab|(?:k?ein|mein|dein|sein|ihr|unser|euer|eur|dies|jed|jen)"
    r"(?:em|en|es)) |\bam \w+, |\b(?:in|an|auf|aus|bei|mit|nach|von|zu|vor|unter|über|neben|seit|während|wegen|trotz)"
    r" (?:der|(?:k?ein|mein|dein|sein|ihr|unser|dies|jed|jen)er) )$|\w [A-ZÄÖÜ]\w+ der $"
)
"""Dative, accusative and genitive: `am dritten`, `in der dritten`, `der Beginn der dritten`."""
_WEAK_E: Final = re.compile(
    r"(?i:\b(?:der|die|das|dies(?:er|e|es)|jed(?:er|e|es)|jen(?:er|e|es)|welch(?:er|e|es)"
    r"|(?:k?ein|mein|dein|sein|ihr|unser|eur)e) )$"
)
_STRONG_M: Final = re.compile(r"(?i:\b(?:seit|nach|vor) )$")
_DETERMINED: Final = re.compile(r"(?i:\b(?:k?ein|mein|dein|sein|ihr|unser|euer) )$")
_NOUN: Final = re.compile(r" (?P<word>[A-ZÄÖÜ]\w+)")
_DATIVE: Final = re.compile(r"(?i:\b(?:von|mit|unter|bei|nach|zu|seit|vor|aus|gegenüber) (?:[A-ZÄÖÜ]\w+ )?)$")
_NAME: Final = re.compile(r"(?P<name>[A-ZÄÖÜ][a-zäöüß]+) $")
_KINDS: Final = re.compile("Kapitel|Teil|Band|Akt|Szene|Abschnitt|Artikel|Klasse|Stufe|Typ|Phase|Buch|Hartz")


def gender(noun: str) -> str:
    """Of a noun, as far as its ending tells; masculine where nothing does."""
    if noun in FEMININE or noun.endswith(FEMININE_ENDINGS):
        return "feminine"
    return "neuter" if noun in NEUTER or noun.lower().endswith(NEUTER_ENDINGS) else "masculine"


def ending(before: str, noun: str) -> str:
    """What follows `dritte` between `before` and `noun`: nothing, `n`, `r`, `s` or `m`."""
    before = _ORDINALS.sub("", before)
    if _WEAK_N.search(before):
        return "n"
    if _WEAK_E.search(before):
        return ""
    if _STRONG_M.search(before):
        return "m"
    return {"feminine": "", "neuter": "s", "masculine": "r"}[gender(noun)]


def declined(value: int, end: str) -> str:
    """The ordinal `value` with that ending."""
    return spell("de", value, f"spellout-ordinal-{end}" if end else "spellout-ordinal")


def _left(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - _BEFORE) : match.start()]


def _ordinal(match: re.Match[str]) -> Token | None:
    """`3. ` is an ordinal beside a determiner, and where no new sentence begins after it."""
    before, after = _left(match), match.string[match.end() : match.end() + 40]
    noun = _NOUN.match(after)
    word = noun["word"] if noun else ""
    certain = any(each.search(before) for each in (_WEAK_N, _WEAK_E, _DETERMINED)) or after[:2].strip().islower()
    listed = re.match(r"(?:,| und| oder| bis| ?[-–]) ?[0-9]{1,3}\.", after)
    if not (certain or listed) and (not word or word in NO_NOUNS or len(match["value"]) > 2):
        return None
    return Said(declined(int(match["value"]), ending(before, word)))


def _short_date(match: re.Match[str]) -> Token | None:
    day, month, last = int(match["day"]), int(match["month"]), int(match["last"] or 0)
    if not (1 <= day <= 31 and 1 <= month <= 12 and last <= 31):
        return None
    return Date(month, day, int(match["year"]) if match["year"] else None, last or None)


def _monarch(match: re.Match[str]) -> Token | None:
    """`Heinrich VIII.`: the number agrees with the name."""
    before = _left(match)
    name, value = _NAME.search(before), roman_value(match["numeral"])
    if name is None or not value or name["name"] in NO_NOUNS or _KINDS.fullmatch(name["name"]):
        return None
    oblique = _DATIVE.search(before[: name.start()])
    if name["name"] in QUEENS:
        article, end = ("der", "n") if oblique else ("die", "")
    elif oblique:
        article, end = "dem", "n"
    elif name["name"].endswith("s") and name["name"] not in ("Thomas", "Johannes", "Nikolaus", "Julius", "Matthias"):
        article, end = "des", "n"
    else:
        article, end = "der", ""
    return Said(f"{article} {declined(value, end).capitalize()}")


def _scaled(match: re.Match[str]) -> Token | None:
    scale = {"Tsd": 3, "Mio": 6, "Mrd": 9, "Bio": 12}[match["scale"]]
    whole, _, decimals = match["number"].replace(".", "").partition(",")
    return Said(READER.counted(Number(whole, decimals), LEXIS.scales[scale]))


def _compound(match: re.Match[str]) -> Token:
    value = int(match["value"])
    stem = "ein" if value == 1 else READER.integer(value)
    return Said(f"{stem}{'mal' if match['tail'] in 'x×' else match['tail']}")


def _er(match: re.Match[str]) -> Token:
    value = int(match["value"])
    stem = READER.year_words(value) if value > 1000 else "eins" if value == 1 else READER.integer(value)
    return Said(stem + match["tail"])


def _round_price(match: re.Match[str]) -> Token:
    return Money(Number(match["whole"].replace(".", "")), "EUR")


def _euros(match: re.Match[str]) -> Token:
    """`5 Euro` in words: one of them is `ein`."""
    return Said(f"ein {match['noun']}")


_HALVES: Final = {"masculine": "ein halber", "neuter": "ein halbes", "feminine": "eine halbe"}
_TAILS: Final = (
    r"(?:jährig|fach|malig|mal|stündig|minütig|tägig|wöchig|monatig|prozentig|köpfig|stellig|seitig|teilig|stöckig)"
    r"(?:e[nmrs]?)?"
)
_DAY: Final = one_of({day.capitalize(): 0 for day in DAYS})
_OWN: Final = (
    Form(
        rf"{EDGE}(?P<day>[0-9]{{1,2}})\.(?:[-–](?P<last>[0-9]{{1,2}})\.)? ?(?P<month>[01]?[0-9])\."
        rf"(?: ?(?P<year>(?:1[0-9]|20)[0-9]{{2}}))?(?![0-9]|\.[0-9])",
        _short_date,
    ),
    Form(
        rf"{EDGE}(?P<number>[0-9]{{1,3}}(?:\.[0-9]{{3}}){{0,3}}(?:,[0-9]{{1,3}})?) ?"
        rf"(?P<scale>Tsd|Mio|Mrd|Bio)(?:\.|{END}(?!\.))(?! ?{one_of(CURRENCIES)})",
        _scaled,
    ),
    Form(rf"{EDGE}1 (?P<noun>Euro|Dollar|Cent|Pfund|Franken|Yen|Rubel){END}", _euros),
    Form(rf"{EDGE}(?P<value>[0-9]{{1,4}})-?(?P<tail>{_TAILS}|[x×](?! ?[0-9])){END}", _compound),
    Form(rf"{EDGE}['’]?(?P<value>[0-9]{{1,4}})-?(?P<tail>ern?){END}", _er),
    Form(r"(?<=[a-zäöüß] )(?P<numeral>[IVX]{1,6})\.", _monarch),
    Form(rf"{EDGE}(?P<word>[A-ZÄÖÜ][a-zäöüß]{{1,30}})str\.", lambda m: Said(f"{m['word']}straße")),
    Form(
        rf"{EDGE}(?P<first>{_DAY})\.? ?[-–] ?(?P<last>{_DAY})(?:\.|{END})",
        lambda m: Said(f"{DAYS[m['first'].lower()]} bis {DAYS[m['last'].lower()]}"),
    ),
    Form(
        rf"{EDGE}(?P<first>{_DAY})\.? bis (?P<last>{_DAY})(?:\.|{END})",
        lambda m: Said(f"{DAYS[m['first'].lower()]} bis {DAYS[m['last'].lower()]}"),
    ),
    looked_up(rf"{EDGE}(?P<key>{_DAY})\.(?=,? ?(?:den |dem |um |ab )?[0-9])", DAYS),
    Form(rf"{EDGE}(?P<word>[A-ZÄÖÜ][a-zäöüß]{{1,30}})nr\.", lambda m: Said(f"{m['word']}nummer")),
    Form(
        rf"{EDGE}(?P<whole>[0-9]{{1,3}}(?:\.[0-9]{{3}}){{1,2}}|[0-9]{{1,6}}),(?:--?|[–—])(?: ?(?:€|EUR|Euro{END}))?",
        _round_price,
    ),
    Form(r"(?<=[0-9] )ff?\.", lambda _: Said("folgende")),
    Form(r"(?<=, )(?P<code>[0-9]{5})(?= [A-ZÄÖÜ][a-zäöüß]+(?: |[.,;)]|$))", lambda m: Digits(m["code"])),
    looked_up(rf"{EDGE}(?P<key>(?i:{one_of(NUMBERED)}))\.(?= ?[0-9#])", NUMBERED),
    looked_up(rf"{EDGE}(?P<key>{one_of({month.capitalize(): 0 for month in SHORT_MONTHS})})\.", SHORT_MONTHS),
    fixed(r"#(?=[0-9])", "Nummer"),
    fixed("§§", "Paragrafen"),
    fixed(rf"{EDGE}24/7{END}", "vierundzwanzig sieben"),
    fixed(rf"{EDGE}C\+\+", "C plus plus"),
    fixed(rf"{EDGE}IPv4{END}", "I P Version vier"),
    fixed(rf"{EDGE}IPv6{END}", "I P Version sechs"),
)
_LATE: Final = Form(rf"{EDGE}(?P<value>[0-9]{{1,4}})\.(?=[ ,]|[-–][0-9])", _ordinal)
"""Ordinals: dates with the month's name are found before it."""

_WRITING: Final = Writing(
    decimal=",",
    groups=".",
    code_after=r"code|pin|tan|plz|durchwahl|dw",
    months=MONTHS,
    day_mark=r"\.",
    of=" ?",
    clock_mark="Uhr",
    clock_dot=True,
    scales={
        "Tausend": 3, "Tsd.": 3, "Million": 6, "Millionen": 6, "Mio.": 6, "Mio": 6, "Milliarde": 9, "Milliarden": 9,
        "Mrd.": 9, "Mrd": 9, "Billion": 12, "Billionen": 12, "Bio.": 12,
    },
    abbreviations=SHORT,
    roman_after=r"[A-ZÄÖÜ]\w+",
    own=_OWN,
    late=(_LATE,),
)  # fmt: skip


class German(Reader):
    """Decimals after `Komma`, hours with `Uhr`, and endings by what stands around."""

    def year_words(self, value: int) -> str:
        return spell("de", value, "spellout-numbering-year") if 1100 <= value < 2000 else self.integer(value)

    def cardinal(self, token: Cardinal, around: Around) -> str | None:
        amount, noun = token.amount, _NOUN.match(around.after)
        if isinstance(amount, Number) and amount.is_one and noun and noun["word"] not in NO_NOUNS:
            return self.number(amount, gender(noun["word"]))
        return super().cardinal(token, around)

    def percent(self, token: Percent, around: Around) -> str | None:
        word = self.lexis.per_mille if token.sign == "‰" else self.lexis.percent
        return self.counted(token.amount, Noun(word, gender="neuter"))

    def cents(self, whole: Number, rest: Number, noun: Noun, cent: Noun) -> str:
        if not whole.value:
            return self.counted(rest, cent)
        return f"{self.counted(whole, noun)} {self.integer(rest.value)}"

    def ordinal(self, token: Ordinal, around: Around) -> str | None:
        return declined(token.value, ending(around.before, ""))

    def fraction(self, token: Fraction, around: Around) -> str | None:
        over, under = token.numerator, token.denominator
        if (over, under) == (1, 2):
            return "ein halb" if token.whole is None else self._and_a_half(token.whole)
        name = "Hundertstel" if under == 100 else f"{declined(under, '')}l".capitalize()
        name = {2: "Halbe"}.get(under, name)
        part = f"{self.integer(over, 'neuter')} {name}"
        return part if token.whole is None else f"{self.integer(token.whole)} {part}"

    def part_of(self, token: Fraction, around: Around) -> str | None:
        """`ein halber Liter`, `eineinhalb Liter`."""
        unit = self.lexis.units[token.unit]
        if token.whole is None and token.denominator == 2:
            return f"{_HALVES[unit.gender or 'masculine']} {unit.one}"
        return super().part_of(token, around)

    def _and_a_half(self, whole: int) -> str:
        return f"{'ein' if whole == 1 else self.integer(whole)}einhalb"

    def date(self, token: Date, around: Around) -> str | None:
        month = self.lexis.months[token.month - 1]
        end = ending(around.before, month)
        days = [declined(day, end) for day in (token.day, token.last_day) if day is not None]
        parts = [" bis ".join(days), month, self.year_words(token.year) if token.year else ""]
        return " ".join(filter(None, parts))

    def time(self, token: Time, around: Around) -> str | None:
        parts = [self.integer(token.hour, "neuter"), "Uhr"]
        if token.minute:
            parts.append(self.integer(token.minute))
        if token.second:
            parts += "und", self.counted(Number(str(token.second)), self.lexis.units["s"])
        return " ".join(parts)

    def times(self, token: Times, around: Around) -> str | None:
        first, last = token.first, self.time(token.last, around)
        start = (
            self.time(first, around) if first.minute else self.integer(first.hour, "neuter" if first.hour != 1 else "")
        )
        return f"{start} bis {last}"

    def score(self, token: Score, around: Around) -> str | None:
        return f"{self.integer(token.first)} zu {self.integer(token.last)}"

    def roman(self, token: Roman, around: Around) -> str | None:
        certain = token.value not in (1, 5, 10, 50, 100, 500, 1000) or _KINDS.fullmatch(token.before)
        return self.integer(token.value) if certain else None


READER: Final = German("de", _WRITING, LEXIS)
