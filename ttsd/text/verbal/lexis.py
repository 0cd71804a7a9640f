"""The words with which a language says what is not a number itself."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec


class Noun(msgspec.Struct, frozen=True):
    """What is counted: a unit, a currency, a million."""

    one: str
    many: str = ""
    """Empty: the same."""
    gender: str = ""
    """As the language's reader understands it."""
    few: str = ""
    """Where a language counts differently from two to four; empty: as many."""

    @property
    def plural(self) -> str:
        """The form beside two or more."""
        return self.many or self.one


class Lexis(msgspec.Struct, frozen=True, kw_only=True):
    """Small words, names of signs, and nouns with their forms."""

    minus: str
    plus: str
    plus_minus: str
    point: str
    """Between the whole part and the decimals."""
    to: str
    """Between the ends of a range."""
    percent: str
    per_mille: str
    per: str
    """Between a unit and the one below its stroke."""
    months: tuple[str, ...]
    """Twelve."""
    signs: Mapping[str, str]
    """Names of the signs of addresses (`. / : - _ ? = & # @ ~ % + , ;`) and of those that stand in texts."""
    units: Mapping[str, Noun]
    """By how they are written: `km`, `km/h`, `°C`."""
    currencies: Mapping[str, Noun]
    """By ISO 4217."""
    cents: Mapping[str, Noun] = MappingProxyType({})
    """The hundredth of a currency, where it is named."""
    scales: Mapping[int, Noun]
    """By power of ten: 3, 6, 9, 12."""
    version: str = "version"
    version_point: str = ""
    """Between the parts of a version; empty: as before decimals."""
    hashtag: str = "hashtag"
    power: str
    """Of `2^10`, between the two numbers."""
    out_of: str
    """Of `4.5/5`, between what was given and the most there is."""
