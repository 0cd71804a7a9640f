"""Portuguese: `vinte e uma páginas`, `três reais e cinquenta centavos`, `século vinte`."""

import re
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.genders import PORTUGUESE
from ttsd.text.verbal.iberian import Iberian, IberianWriting, century
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
from ttsd.text.verbal.romance import FEMININE
from ttsd.text.verbal.romance_forms import (
    CAPITAL,
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
    phones_after,
    ring_ordinal,
    times_sign,
    titles,
)
from ttsd.text.verbal.tables import listed, months
from ttsd.text.verbal.tokens import Number, Said, Time
from ttsd.text.verbal.writing import CURRENCIES, EDGE, END, LETTER, Form

_PLAYED: Final = re.compile(
    r"(?i:\b(?:venceu|vencemos|ganhou|ganhamos|perdeu|perdemos|empat\w+|placar|jogo)\b[^.!?]{0,16}$)"
)


def _result(match: re.Match[str]) -> Said | None:
    """`venceu por 2x0`; other things are `por`: `4x4`."""
    if not _PLAYED.search(match.string[max(0, match.start() - 30) : match.start()]):
        return None
    return Said(f"{cardinal(int(match['first']))} a {cardinal(int(match['last']))}")


WRITING: Final = IberianWriting(
    code_after=r"código|senha|pin|ramal",
    months=months(MONTHS, SHORT_MONTHS),
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
        days("segunda terça quarta quinta sexta sábado domingo", "a"),
        greatest_and_least(),
        Form(rf"{EDGE}(?P<first>[0-9]{{1,2}}) ?x ?(?P<last>[0-9]{{1,2}}){END}", _result),
        centuries(r"séculos|sécs\.", century(ordinal, cardinal), "a"),
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


class Portuguese(Iberian):
    """`um`, `dois` and the hundreds agree; hours are said in full."""

    spoken_point = "ponto"
    feminine_marks = ("ª", "a")
    half = "meio"
    fractions = MappingProxyType({2: "meio", 3: "terço", 4: "quarto"})
    cents_joint = "e"
    centuries = "séc"
    queens = frozenset(listed("isabel elizabeth maria catarina margarida margarete guerra copa edição"))

    def numeral(self, value: int, gender: str) -> str:
        """`vinte e um`, `vinte e uma`."""
        return cardinal(value, gender == FEMININE)

    def is_singular(self, number: Number) -> bool:
        """The plural begins with two: `1,5 litro`."""
        return number.value < 2 and bool(number.value or number.decimals)

    def ordinal_of(self, value: int, gender: str, *, noun_follows: bool) -> str:
        """`primeiro`, `vigésima primeira`."""
        return ordinal(value, gender == FEMININE)

    def time(self, token: Time, around: Around) -> str | None:
        """`catorze horas e trinta minutos`."""
        parts = [(token.hour, "h"), (token.minute, "min"), (token.second, "s")]
        said = [self.counted(Number(str(n)), self.lexis.units[unit]) for n, unit in parts if n or unit == "h"]
        return " e ".join(said)


READER: Final = Portuguese("pt", WRITING, LEXIS, PORTUGUESE)
