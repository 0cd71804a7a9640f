"""Spanish: `veintiuna páginas`, `doce euros con cincuenta céntimos`, `siglo veintiuno`."""

import re
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.forms_name import roman_value
from ttsd.text.verbal.genders import SPANISH
from ttsd.text.verbal.iberian import Iberian, IberianWriting, century
from ttsd.text.verbal.numerals.es import cardinal, ordinal
from ttsd.text.verbal.reader import Around
from ttsd.text.verbal.romance import FEMININE
from ttsd.text.verbal.romance_forms import (
    CLOCK,
    DIVISION,
    and_another,
    before_nouns,
    before_numbers,
    centuries,
    day_and_month,
    days,
    decades,
    dotted_clock,
    greatest_and_least,
    hectares,
    phones_after,
    ring_ordinal,
    times_sign,
    titles,
)
from ttsd.text.verbal.spanish_words import ABBREVIATIONS, LEXIS, MONTHS, NUMBERED, OTHER_MONTHS, RULERS, SERIES, TITLES
from ttsd.text.verbal.tables import listed, months
from ttsd.text.verbal.tokens import Cardinal, Money, Number, Phone, Said, Symbol, Time
from ttsd.text.verbal.writing import CURRENCIES, EDGE, END, LETTER, Form

_SOUND_I: Final = re.compile(r" ?(?i:h?i(?!e))")
_ONE: Final = {"": "uno", "m": "un", "f": "una"}


def _century(match: re.Match[str]) -> Said | None:
    value = roman_value(match["numeral"])
    return Said(f"siglo {century(ordinal, cardinal)(value)}") if value else None


WRITING: Final = IberianWriting(
    code_after=r"código|clave|pin|extensión",
    months=months(MONTHS, OTHER_MONTHS),
    before_year=" del? ",
    ordinal=r"\.?(?:ª|º|er(?:\.(?= [a-zà-ÿ]))?|os|as)|r[oa]|d[oa]|t[oa]|v[oa]|m[oa]|n[oa]|[ªº]s",
    scales=MappingProxyType(
        {
            "M": 6,
            "mill.": 6,
            "millón de": 6,
            "millones de": 6,
            "millón": 6,
            "millones": 6,
            "mil millones de": 9,
            "mil millones": 9,
            "mil": 3,
        }
    ),
    currencies=MappingProxyType(
        {**CURRENCIES, "US$": "USD", "U$S": "USD", "MX$": "MXN", "MXN": "MXN", "ARS": "ARS", "COP": "COP", "CLP": "CLP"}
    ),
    abbreviations=ABBREVIATIONS,
    roman_after=and_another(f"{RULERS}|{SERIES}", "y"),
    own=(
        CLOCK,
        dotted_clock("las", "la"),
        Form(
            rf"{EDGE}[6-9][0-9]{{1,2}} [0-9]{{2,3}} [0-9]{{2}} [0-9]{{2}}{END}",
            lambda match: Phone(tuple(match.group().split())),
        ),
        days("lunes martes miércoles jueves viernes sábado domingo", "a"),
        greatest_and_least(),
        Form(rf"{EDGE}s\. (?P<numeral>[IVX]{{1,7}}){END}", _century),
        centuries("siglos", century(ordinal, cardinal), "a"),
        before_nouns(
            "aniversario|congreso|concilio|festival|encuentro|certamen|premio|torneo|simposio|plan",
            "guerra mundial|república|cumbre|edición|feria|jornada|bienal|internacional|dinastía|copa",
            ordinal,
        ),
        hectares("hectárea", "de"),
        day_and_month("el|del|al|día"),
        times_sign(cardinal, "por"),
        ring_ordinal(SPANISH, "el|la|al|del"),
        Form(
            rf"(?<![{LETTER}])(?P<code>(?:US|MX)?\$) ?"
            r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<cents>[0-9]{2}))?(?![0-9,])",
            lambda match: Money(
                Number(match["whole"].replace(",", ""), match["cents"] or ""),
                "MXN" if match["code"] == "MX$" else "USD",
            ),
        ),
        DIVISION,
        *titles(TITLES),
        *before_numbers(NUMBERED),
        *decades("años", "Años", "década de los", joint="y"),
        phones_after(
            r"tel[.:]?|teléfono(?: es)?(?: el)?:?|tfno[.:]?|móvil:?|celular:?|ll[aá]m\w{1,4}(?: al?)?|fax:?|whatsapp:?"
            r"|número(?: es)?(?: el)?:?",
            9,
        ),
    ),
)


class Spanish(Iberian):
    """`un`, `una` and the hundreds agree; the article that belongs to a time is the writer's."""

    spoken_point = "punto"
    feminine_marks = ("ª", "a", "ra", "da", "ta", "va", "ma", "na")
    half = "medio"
    fractions = MappingProxyType({2: "medio", 3: "tercio", 4: "cuarto"})
    cents_joint = "con"
    centuries = "siglo"
    queens = frozenset(listed("isabel maría juana catalina margarita guerra copa edición cristina"))

    def numeral(self, value: int, gender: str) -> str:
        """`veintiuno`, `veintiún`, `veintiuna`."""
        return cardinal(value, _ONE[gender])

    def cardinal(self, token: Cardinal, around: Around) -> str | None:
        """`21`, agreeing with the noun, also after `mil`: `doscientas mil personas`."""
        amount = token.amount
        if isinstance(amount, Number) and not amount.decimals and around.after.startswith(" mil "):
            gender = self.gender_after(Around(around.before, around.after[4:]))
            return cardinal(amount.value * 1000, _ONE[gender]).removesuffix(" mil") if 1 < amount.value < 1000 else None
        return super().cardinal(token, around)

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """`primero`, and `primer` before a noun."""
        return ordinal(value, gender == FEMININE, short=noun_follows)

    def time(self, token: Time, around: Around) -> str | None:
        """`tres treinta`, `nueve`; from thirteen on, or marked, a full hour is so many `horas`."""
        if token.mark and token.minute and not around.before.lower().endswith(("la ", "las ")):
            return self.duration(token, " y ")
        hour = self.integer(token.hour, FEMININE)
        if token.minute:
            zero = "cero " if token.minute < 10 else ""
            seconds = f" y {self.counted(Number(str(token.second)), self.lexis.units['s'])}" if token.second else ""
            return f"{hour} {zero}{self.integer(token.minute)}{seconds}"
        return f"{hour} {'hora' if token.hour == 1 else 'horas'}" if token.mark or not 0 < token.hour <= 12 else hour

    def symbol(self, token: Symbol, around: Around) -> str | None:
        """`y` is `e` before the sound i."""
        return "e" if token.sign == "&" and _SOUND_I.match(around.after) else super().symbol(token, around)


READER: Final = Spanish("es", WRITING, LEXIS, SPANISH)
