"""French: `vingt et une pages`, `quatorze heures trente`, `douze euros cinquante`."""

from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.forms_name import roman_value
from ttsd.text.verbal.french_words import (
    ABBREVIATIONS,
    LEXIS,
    MONTHS,
    NUMBERED,
    SERIES,
    SHORT_MONTHS,
    TITLES,
)
from ttsd.text.verbal.genders import FRENCH
from ttsd.text.verbal.lexis import Noun
from ttsd.text.verbal.numerals.fr import cardinal, ordinal
from ttsd.text.verbal.reader import Around
from ttsd.text.verbal.romance import FEMININE, Romance, RomanceWriting
from ttsd.text.verbal.romance_forms import (
    CAPITAL,
    CLOCK,
    DIVISION,
    and_another,
    before_numbers,
    day_and_month,
    days,
    decades,
    times_sign,
    titles,
)
from ttsd.text.verbal.tables import months
from ttsd.text.verbal.tokens import Number, Ordinal, Said, Time
from ttsd.text.verbal.writing import EDGE, END, Form


def _after_zero(figures: str) -> str:
    return f"zéro {cardinal(int(figures))}" if figures[0] == "0" else cardinal(int(figures))


def _roman_ordinal(numeral: str, mark: str) -> Said | None:
    value = roman_value(numeral)
    if not value or (value == 1) != (mark in {"er", "re"}):
        return None
    return Said(ordinal(value, feminine=mark == "re"))


WRITING: Final = RomanceWriting(
    code_after=r"code|poste",
    months=months(MONTHS, SHORT_MONTHS),
    day_mark="(?:er)?",
    clock_mark="h(?:eures?)?",
    ordinal="ers?|[èe]res?|res?|[èe]mes?|es?|nde?s?",
    scales=MappingProxyType(
        {"M": 6, "million": 6, "millions": 6, "Md": 9, "Mds": 9, "milliard": 9, "milliards": 9, "k": 3}
    ),
    abbreviations=ABBREVIATIONS,
    roman_after=and_another(SERIES, "et"),
    starts="[IVX]{1,7}(?:er|re|è?me|e)|Me|Pr|Ste?",
    own=(
        *titles(TITLES),
        *before_numbers(NUMBERED),
        *decades("années", "Années", joint="et"),
        Form(
            rf"{EDGE}(?P<numeral>[IVX]{{1,7}})(?P<mark>er|re|è?me|e){END}",
            lambda match: _roman_ordinal(match["numeral"], match["mark"]),
        ),
        Form(rf"{EDGE}av\. (?!J)(?=(?:de la |de l'|de |du |des |d')?[{CAPITAL}])", lambda _: Said("avenue ")),
        CLOCK,
        days("lundi mardi mercredi jeudi vendredi samedi dimanche", "au"),
        day_and_month("le|du|au"),
        DIVISION,
        times_sign(cardinal, "par"),
        Form(
            rf"{EDGE}(?P<m>[0-9]) ?m ?(?P<rest>[0-9]{{2}}){END}",
            lambda match: Said(
                " ".join(
                    [cardinal(int(match["m"])), "mètres" if match["m"] > "1" else "mètre", _after_zero(match["rest"])]
                )
            ),
        ),
    ),
)


class French(Romance):
    """Feminine `une` before feminine nouns, hours in full, telephone numbers in pairs."""

    spoken_point = "point"
    between = "", "à"
    feminine_marks = ("re", "ère", "ere", "nde")
    half = "demi"
    over = "sur"
    fractions = MappingProxyType({2: "demi", 3: "tiers", 4: "quart"})
    first_day = "premier"

    def numeral(self, value: int, gender: str) -> str:
        """`vingt et un`, `vingt et une`."""
        return cardinal(value, gender == FEMININE)

    def is_singular(self, number: Number) -> bool:
        """The plural begins with two: `1,5 litre`."""
        return number.value < 2

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """`premier`, `deuxième`."""
        return ordinal(value, gender == FEMININE)

    def ordinal(self, token: Ordinal, around: Around) -> str | None:
        """`2nd` is `second`."""
        if token.mark.startswith("nd") and token.value == 2:
            return "seconde" if "e" in token.mark else "second"
        return super().ordinal(token, around)

    def fraction_words(self, over: int, under: int, gender: str) -> str:
        """`trois quarts`, `un demi`; beyond tenths a division."""
        name = self.part(under)
        plural = "" if over == 1 or name.endswith("s") else "s"
        return name and f"{cardinal(over, under == 2 and gender == FEMININE)} {name}{plural}"

    def year_words(self, value: int) -> str:
        """A year, an ordinal in meaning: `quatre-vingt` and `cent` have no s."""
        words = self.integer(value)
        return words.removesuffix("s") if words.endswith(("vingts", "cents")) else words

    def time(self, token: Time, around: Around) -> str | None:
        """`quatorze heures trente`."""
        hours, units = self.counted(Number(str(token.hour)), self.lexis.units["h"]), self.lexis.units
        if token.second is not None:
            minutes = self.counted(Number(str(token.minute or 0)), units["min"])
            return f"{hours} {minutes} {self.counted(Number(str(token.second)), units['s'])}"
        return f"{hours} {self.integer(token.minute, FEMININE)}" if token.minute else hours

    def of_noun(self, noun: str) -> str:
        """`de litre`, `d'euros`, `d'heure`."""
        return f"d'{noun}" if noun[0] in "aeiouh" else f"de {noun}"

    def cents(self, whole: Number, rest: Number, noun: Noun, cent: Noun) -> str:
        """`douze euros cinquante`, and below one `cinquante centimes`."""
        if not whole.value:
            return self.counted(rest, cent)
        return f"{self.counted(whole, noun)} {self.integer(rest.value)}"

    def phone_group(self, figures: str) -> str:
        """As a number, its zeros first."""
        return self.decimals(figures)


READER: Final = French("fr", WRITING, LEXIS, FRENCH)
