"""Italian: `un'amica`, `quindici e trenta`, `ventesimo secolo`."""

import re
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.forms_name import roman_value
from ttsd.text.verbal.genders import ITALIAN
from ttsd.text.verbal.italian_words import (
    ABBREVIATIONS,
    FEMININE_SERIES,
    LEXIS,
    MONTHS,
    NUMBERED,
    RULERS,
    SERIES,
    SHORT_MONTHS,
    TITLES,
)
from ttsd.text.verbal.numerals.it import cardinal, ordinal
from ttsd.text.verbal.reader import Around
from ttsd.text.verbal.romance import FEMININE, Romance, RomanceWriting
from ttsd.text.verbal.romance_forms import (
    CLOCK,
    DIVISION,
    and_another,
    before_numbers,
    centuries,
    day_and_month,
    days,
    decades,
    dotted_clock,
    head,
    hectares,
    phones_after,
    ring_ordinal,
    times_sign,
    titles,
)
from ttsd.text.verbal.tables import months
from ttsd.text.verbal.tokens import Cardinal, Number, Roman, Said, Time
from ttsd.text.verbal.writing import EDGE, LETTER, Form

_UNO: Final = re.compile(r"\s*(?:s[^aeiouàèéìòùh]|z|gn|ps|pn|x|y|i[aeiou])")
"""Before these sounds `un` is `uno`."""
_VOWEL: Final = "aeiouàèéìòùAEIOUÀÈÉÌÒÙ"


def _elided(match: re.Match[str]) -> Said | None:
    """`1` before a feminine noun that begins with a vowel takes the space along: `un'amica`."""
    return Said("un'") if ITALIAN.of(match["noun"].lower()) == FEMININE else None


def _century(match: re.Match[str]) -> Said | None:
    value = roman_value(match["numeral"])
    return (
        Said(ordinal(value, feminine=match["noun"] not in {"secolo", "sec.", "capitolo", "millennio"}))
        if value
        else None
    )


WRITING: Final = RomanceWriting(
    code_after=r"codice|pin|interno|cap",
    months=months(MONTHS, SHORT_MONTHS),
    day_mark="[°º]?",
    clock_mark="h",
    ordinal="[ªº°ao]",
    scales=MappingProxyType(
        {"mila": 3, "mln": 6, "milioni di": 6, "milione di": 6, "milioni": 6, "mld": 9, "miliardi di": 9, "miliardi": 9}
    ),
    abbreviations=ABBREVIATIONS,
    roman_after=and_another(f"{RULERS}|{SERIES}", "e"),
    starts=r"(?:[Aa]d|[Pp]er)(?= es\.)",
    own=(
        CLOCK,
        days("lunedì martedì mercoledì giovedì venerdì sabato domenica", "a"),
        centuries(r"secoli|secc\.", ordinal, "e"),
        hectares("ettaro", "di"),
        day_and_month("il|del|al|dal|l'"),
        times_sign(cardinal, "per"),
        ring_ordinal(ITALIAN, "il|la|al|alla|del|della|dal|nel|sul"),
        DIVISION,
        *titles(TITLES),
        *before_numbers(NUMBERED),
        *decades("anni", "Anni", joint="e"),
        phones_after(
            r"tel[.:]?|telefono:?|cell[.:]?|cellulare:?|chiam\w{1,4}(?: al| il)?|numero:?|whatsapp:?|fax:?", 6
        ),
        Form(rf"{EDGE}1 (?=(?P<noun>[{_VOWEL}][{LETTER}]*))", _elided),
        Form(
            rf"{EDGE}(?P<numeral>[IVX]{{1,7}})(?= (?:[eo] [IVX]{{1,7}} )?"
            r"(?P<noun>secolo|sec\.|capitolo|millennio|edizione|guerra mondiale))",
            _century,
        ),
        dotted_clock("alle", "le", "ore", "dalle"),
    ),
)


class Italian(Romance):
    """Only one agrees; hours and minutes are joined, ordinals follow rulers and centuries."""

    spoken_point = "punto"
    between = "da ", "a"
    feminine_marks = ("ª", "a")
    half = "mezzo"
    over = "su"
    fractions = MappingProxyType({2: "mezzo", 3: "terzo", 4: "quarto"})
    of = "di"
    cents_joint = "e"
    first_day = "primo"

    def numeral(self, value: int, gender: str) -> str:
        """A whole number; one before a noun by its gender alone."""
        if value == 1 and gender:
            return "una" if gender == FEMININE else "un"
        return cardinal(value)

    def cardinal(self, token: Cardinal, around: Around) -> str | None:
        """`un libro`, `uno studente`, `una pagina`."""
        said = super().cardinal(token, around)
        return "uno" if said == "un" and _UNO.match(around.after.lower()) else said

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """`primo`, `ventitreesima`."""
        return ordinal(value, gender == FEMININE)

    def parts(self, name: str) -> str:
        """`quarti`."""
        return f"{name[:-1]}i"

    def time(self, token: Time, around: Around) -> str | None:
        """`quindici e trenta`, `nove`."""
        at_clock = around.before.lower().endswith(("alle ", "dalle ", "le ", "ore ", "delle ", "all'"))
        if token.mark and not at_clock:
            return self.duration(token, " e ").replace("una ora", "un'ora")
        parts = ["una" if token.hour == 1 else self.integer(token.hour)]
        parts += [self.integer(token.minute)] if token.minute else []
        parts += [self.counted(Number(str(token.second)), self.lexis.units["s"])] if token.second else []
        return " e ".join(parts)

    def roman(self, token: Roman, around: Around) -> str | None:
        """An ordinal: `Luigi quattordicesimo`, `capitolo quarto`."""
        return ordinal(token.value, head(token.before) in FEMININE_SERIES)


READER: Final = Italian("it", WRITING, LEXIS, ITALIAN)
