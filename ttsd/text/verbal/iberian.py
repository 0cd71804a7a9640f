"""What Spanish and Portuguese share: dates with `de`, `horas`, ordinals up to ten for rulers and centuries."""

from collections.abc import Callable
from typing import Final

from ttsd.text.verbal.reader import Around
from ttsd.text.verbal.romance import FEMININE, MASCULINE, Romance, RomanceWriting
from ttsd.text.verbal.romance_forms import head
from ttsd.text.verbal.tokens import Roman

ROMAN_ORDINALS_TO: Final = 10
"""Centuries and rulers beyond have plain numbers: `siglo veintiuno`, `Alfonso trece`."""


class IberianWriting(RomanceWriting, frozen=True, kw_only=True):
    """`3 de mayo de 2024`, `15 horas`."""

    of: str = " de "
    before_year: str = " de "
    clock_mark: str = "h(?:oras?|rs?|s)?"


def century(ordinal: Callable[[int], str], cardinal: Callable[[int], str]) -> Callable[[int], str]:
    """How the number of a century is said: the ordinal up to ten, then the plain number."""
    return lambda value: ordinal(value) if value <= ROMAN_ORDINALS_TO else cardinal(value)


class Iberian(Romance):
    """Ordinals end with ten where Roman numerals name rulers and centuries."""

    between = "", "a"
    date_joint = " de "
    over = "sobre"
    centuries = ""
    """How the word for a century begins, and what is short for it."""
    queens: frozenset[str] = frozenset()
    """Names and nouns whose numerals are feminine."""

    def roman(self, token: Roman, around: Around) -> str | None:
        """Rulers and centuries are ordinals up to ten, chapters and the like plain numbers."""
        before = head(token.before)
        if token.value > ROMAN_ORDINALS_TO or not (token.before[0].isupper() or before.startswith(self.centuries)):
            return self.integer(token.value)
        return self.ordinal_of(token.value, FEMININE if before in self.queens else MASCULINE, noun_follows=False)
