"""Small tables of words, written as text: one line an entry."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ttsd.text.verbal.lexis import Noun


def nouns(table: str) -> Mapping[str, Noun]:
    """Nouns by what is written for them. A line: `t: tonne, tonnes, f`; several ways to write it, apart by spaces."""
    found: dict[str, Noun] = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        keys, forms = line.split(": ", 1)
        one, many, gender = [*forms.split(", "), "m"][:3]
        found |= dict.fromkeys(keys.split(" "), Noun(one, many, gender))
    return MappingProxyType(found)


def words(table: str) -> Mapping[str, str]:
    """Words by what is written for them. A line: `p. ex. = par exemple`; several ways to write it, apart by `|`."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        keys, said = line.split(" = ", 1)
        found |= dict.fromkeys(map(str.strip, keys.split(" | ")), said)
    return MappingProxyType(found)


def months(names: Sequence[str], others: Mapping[str, int]) -> Mapping[str, int]:
    """Numbers of months by their `names`, January first, and by what `others` they are written as."""
    return MappingProxyType({**{name: number for number, name in enumerate(names, 1)}, **others})


def capitals_too(table: Mapping[str, str]) -> Mapping[str, str]:
    """`table`, and its entries as they stand where a sentence begins."""
    raised = {key[0].upper() + key[1:]: said[0].upper() + said[1:] for key, said in table.items() if len(key) > 2}
    return MappingProxyType(raised | dict(table))


def listed(text: str) -> tuple[str, ...]:
    """The words of `text`."""
    return tuple(text.split())
