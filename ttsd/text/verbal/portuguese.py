"""Portuguese: `vinte e uma páginas`, `três reais e cinquenta centavos`, `século vinte`."""

from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.genders import PORTUGUESE
from ttsd.text.verbal.lexis import Noun
from ttsd.text.verbal.numerals import LIMIT
from ttsd.text.verbal.numerals.pt import cardinal, ordinal
from ttsd.text.verbal.portuguese_words import (
    ABBREVIATIONS,
    LEXIS,
    MONTHS,
    NUMBERED,
    RULERS,
    SERIES,
    SHORT_MONTHS,
    TITLES,
)
from ttsd.text.verbal.reader import Around
from ttsd.text.verbal.romance import FEMININE, Romance
from ttsd.text.verbal.romance_forms import (
    CAPITAL,
    CLOCK,
    DIVISION,
    and_another,
    before_nouns,
    before_numbers,
    centuries,
    day_and_month,
    decades,
    dotted_clock,
    head,
    phones_after,
    ring_ordinal,
    times_sign,
    titles,
)
from ttsd.text.verbal.tables import listed
from ttsd.text.verbal.tokens import Number, Roman, Said, Time
from ttsd.text.verbal.writing import CURRENCIES, EDGE, END, LETTER, Form, Writing

_FRACTIONS: Final = {2: "meio", 3: "terço", 4: "quarto"}
_QUEENS: Final = frozenset(listed("isabel elizabeth maria catarina margarida margarete guerra copa edição"))


def _century(value: int) -> str:
    """The ordinal up to ten, then the plain number."""
    return ordinal(value) if value <= 10 else cardinal(value)


WRITING: Final = Writing(
    decimal=",",
    groups=" .\u00a0\u202f\u2009",
    point_too=True,
    months=MappingProxyType({**{name: n for n, name in enumerate(MONTHS, 1)}, **SHORT_MONTHS}),
    of=" de ",
    before_year=" de ",
    clock_mark="h(?:oras?|rs?|s)?",
    clock_h=True,
    ordinal=r"\.?[ªº°]s?|[ao]s?",
    scales=MappingProxyType(
        {
            "mil": 3,
            "mi": 6,
            "milhão de": 6,
            "milhões de": 6,
            "milhão": 6,
            "milhões": 6,
            "bi": 9,
            "bilhão de": 9,
            "bilhões de": 9,
            "bilhão": 9,
            "bilhões": 9,
            "trilhão de": 12,
            "trilhões de": 12,
            "trilhão": 12,
            "trilhões": 12,
        }
    ),
    currencies=MappingProxyType({**CURRENCIES, "US$": "USD"}),
    abbreviations=ABBREVIATIONS,
    roman_after=and_another(f"{RULERS}|{SERIES}", "e"),
    own=(
        CLOCK,
        dotted_clock("às", "as", "à"),
        centuries(r"séculos|sécs\.", _century, "a"),
        before_nouns(
            "aniversário|congresso|concílio|festival|encontro|prêmio|torneio|simpósio|plano|reich",
            "guerra mundial|república|cúpula|edição|feira|jornada|bienal|internacional|dinastia|copa",
            ordinal,
        ),
        day_and_month("em|dia|no|ao|do|de|a"),
        times_sign(cardinal, "por"),
        ring_ordinal(PORTUGUESE, "o|a|ao|do|da|no|na"),
        DIVISION,
        Form(rf"{EDGE}D\.(?= [{CAPITAL}][{LETTER}]*a(?![{LETTER}]))", lambda _: Said("dona")),
        Form(rf"{EDGE}S\.(?= (?:Paulo|Pedro|João|José|Jorge|Miguel|Bento|Luís|Francisco){END})", lambda _: Said("São")),
        *titles(TITLES),
        *before_numbers(NUMBERED),
        *decades("anos", "Anos", "década de", joint="e"),
        phones_after("tel[.:]?|telefone:?|telem[óo]vel:?|cel[.:]?|celular:?|ligue(?: para)?|whatsapp:?|fax:?", 8),
    ),
)


class Portuguese(Romance):
    """`um`, `dois` and the hundreds agree; hours are said in full."""

    spoken_point = "ponto"
    between = "", "a"
    feminine_marks = ("ª", "a")
    date_joint = " de "
    half = "meio"
    over = "sobre"

    def integer(self, value: int, gender: str = "") -> str:
        """A whole number from 0."""
        return cardinal(value, gender == FEMININE) if value < LIMIT else self.digits(str(value))

    def is_singular(self, number: Number) -> bool:
        """The plural begins with two: `1,5 litro`."""
        return number.value < 2 and bool(number.value or number.decimals)

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """`primeiro`, `vigésima primeira`."""
        return ordinal(value, gender == FEMININE)

    def fraction_words(self, over: int, under: int, gender: str) -> str:
        """`meio litro`, `meia xícara`, `três quartos`; beyond tenths a division."""
        if (over, under) == (1, 2) and gender:
            return "meia" if gender == FEMININE else "meio"
        if not 2 <= under <= 10:
            return ""
        name = _FRACTIONS.get(under) or ordinal(under)
        return f"{cardinal(over)} {name}{'' if over == 1 else 's'}"

    def time(self, token: Time, around: Around) -> str | None:
        """`catorze horas e trinta minutos`."""
        parts = [(token.hour, "h"), (token.minute, "min"), (token.second, "s")]
        said = [self.counted(Number(str(n)), self.lexis.units[unit]) for n, unit in parts if n or unit == "h"]
        return " e ".join(said)

    def of_scale(self, noun: Noun) -> str:
        """A currency after a million."""
        return f"de {noun.plural}"

    def cents(self, whole: Number, rest: Number, noun: Noun, cent: Noun) -> str:
        """`três reais e cinquenta centavos`."""
        said = self.counted(rest, cent)
        return f"{self.counted(whole, noun)} e {said}" if whole.value else said

    def roman(self, token: Roman, around: Around) -> str | None:
        """Rulers and centuries are ordinals up to ten, chapters and the like plain numbers."""
        before = head(token.before)
        if token.value > 10 or not (token.before[0].isupper() or before.startswith("séc")):
            return self.integer(token.value)
        return ordinal(token.value, before in _QUEENS)


READER: Final = Portuguese("pt", WRITING, LEXIS, PORTUGUESE)
