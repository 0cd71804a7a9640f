"""Where a sentence may be cut, so that its first sound comes early and no part keeps a slot busy for long."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

LONGEST: Final = 130
"""Phonemes spoken in one go: about 75 ms of work on one core, and 8 s of speech. Most sentences are shorter."""
FIRST: Final = 95
"""Of a sentence that has to be cut anyway, the first part is shorter: it decides when sound begins."""
SHORTEST: Final = 25
"""A part with fewer phonemes sounds like a sentence of its own."""

_STRESS: Final = str.maketrans("", "", "ˈˌ")
_CONJUNCTIONS: Final = frozenset(("ænd", "ɔɹ", "bʌt", "bəkʌz", "wɪʧ", "wɛn", "wIl", "wɛɹ", "ðæt", "ðən", "sO", "ɪf"))
_CLOSES_CLAUSE: Final = re.compile(r"[,;:—)”]$")
_CLOSES_SENTENCE: Final = re.compile(r"[.!?…][)”]?$")


class Phrase(NamedTuple):
    """Phonemes spoken in one go, and the silence between them and what follows."""

    phonemes: str
    pause_ms: int


class Lengths(NamedTuple):
    """In phonemes: of any phrase, and of the first of a sentence that has to be cut."""

    longest: int = LONGEST
    first: int = FIRST


_HIBARI: Final = Lengths()


def phrases(sentence: str, lengths: Lengths = _HIBARI) -> list[Phrase]:
    """Cut the phonemes of one sentence (words separated by spaces); a short sentence stays whole.

    The cut is as late as may be: after a clause, else before a conjunction, else between two words.
    """
    found: list[Phrase] = []
    rest = sentence.strip()
    while len(rest) > lengths.longest:
        longest = lengths.longest if found else lengths.first
        cut = max(_places(rest, longest), default=(0, longest))[1]
        found.append(_phrase(rest[:cut].strip()))
        rest = rest[cut:].strip()
    return [*found, _phrase(rest)]


def _places(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Every place to cut off the beginning of `text`: how good it is, and where."""
    for space in re.finditer(" ", text[: longest + 1]):
        place = space.start()
        if SHORTEST <= place <= len(text) - SHORTEST:
            yield _goodness(text, place), place


def _goodness(text: str, place: int) -> int:
    if _CLOSES_CLAUSE.search(text, 0, place) or _CLOSES_SENTENCE.search(text, 0, place):
        return 2
    following = text[place + 1 :].split(" ", 1)[0]
    return 1 if following.translate(_STRESS) in _CONJUNCTIONS else 0


def _phrase(phonemes: str) -> Phrase:
    return Phrase(phonemes, pause_after_ms(phonemes))


def pause_after_ms(phonemes: str) -> int:
    """Silence that the model itself makes inside a sentence after such an ending, less what stays at the ends."""
    if _CLOSES_SENTENCE.search(phonemes):
        return 320
    return 220 if _CLOSES_CLAUSE.search(phonemes) else 0
