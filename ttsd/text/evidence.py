"""Which Latin-script language a text is in, from its function words; English unless another is clear."""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from ttsd.text.scripts import LATIN
from ttsd.text.words import (
    COMMON_LANGUAGES_OF,
    ENGLISH_ALONE,
    FUNCTION_WORDS,
    LANGUAGES_OF,
    NAME_WORDS,
    PHRASE_WORDS,
    PREFIX_OF,
)

_MARKS: Final = {
    "de": re.compile("[äöüß]"),
    "fr": re.compile("[çœêîôûàèù]|[ld]'"),
    "es": re.compile("[ñ¿¡]|[áíóú]"),
    "pt": re.compile("[ãõçâêô]"),
    "it": re.compile("[àèìòù]"),
}
_WORD: Final = re.compile(rf"(?<![@./{LATIN}])[{LATIN}]+(?:'[{LATIN}]+)?(?![@{LATIN}]|\.[{LATIN}])")
"""Not what addresses are made of: the `com` in them is no Portuguese."""
_ENOUGH_CHARS: Final = 4_000
_REMEMBERED: Final = 512
"""Sentences whose language is remembered: each is asked for a few times in a row."""
_MARKED: Final = 0.3
_ONE_OF_A_NAME: Final = 0.4
_STRETCH: Final = 3
"""Function words in a row that show another language where no quotation mark does."""


def latin_language(text: str, fallback: str) -> str:
    """The language of Latin-script `text`, or `fallback` where the evidence is not clear.

    Clear means: two different function words of that language (one will do beside `¿` or `¡`), two more than
    of English, and more than of any other. Letters such as é or ü prove nothing: English borrows them with
    words and names; they only decide between languages that share function words.
    """
    return _clear_language(text[:_ENOUGH_CHARS]) or fallback


@lru_cache(_REMEMBERED)
def _clear_language(text: str) -> str:
    sample = _folded(text)
    languages = [language for word in set(_WORD.findall(sample)) for language in _languages_of(word)]
    if len(languages) < 2:
        return ""
    votes = Counter(languages)
    if votes["es"] and ("¿" in sample or "¡" in sample):
        votes["es"] += 1
    ranked = sorted(((n, _marks(language, sample), language) for language, n in votes.items() if n), reverse=True)
    (most, marks, winner), second = ranked[0], ranked[1] if len(ranked) > 1 else (0, 0, "")
    needed = 2 if winner == "en" else 2 + votes["en"]
    return winner if most >= needed and (most, marks) > second[:2] else ""


@lru_cache(_REMEMBERED)
def short_language(text: str) -> str:
    """The likely language of a sentence with too little evidence for `latin_language`; empty: none likelier.

    English where any word is certainly English; else it takes one word that is no part of names, beside more such
    words or marked letters than any other language has.
    """
    sample = _folded(text[:_ENOUGH_CHARS])
    words = set(_WORD.findall(sample))
    if not words.isdisjoint(ENGLISH_ALONE):
        return "en"
    votes: dict[str, float] = {}
    for word in words:
        for language in COMMON_LANGUAGES_OF.get(word, ()) or _languages_of(word):
            votes[language] = votes.get(language, 0) + (_ONE_OF_A_NAME if word in NAME_WORDS else 1)
    weights = {language: n + _MARKED * bool(_marks(language, sample)) for language, n in votes.items() if n >= 1}
    ranked = sorted(weights, key=weights.__getitem__, reverse=True)
    return "" if not ranked or (len(ranked) > 1 and weights[ranked[0]] == weights[ranked[1]]) else ranked[0]


def quoted_language(text: str, around: str) -> str:
    """The language of a quotation in a text in the language `around`: that one, unless another is clear.

    Clear as for `latin_language`, or: the quotation is made of well-known phrases of that language alone.
    """
    found = latin_language(text, "")
    if found:
        return found
    words = frozenset(_WORD.findall(_folded(text)))
    others = [language for language in PHRASE_WORDS if language != around and _is_phrase(words, language)]
    return others[0] if len(others) == 1 and not _is_phrase(words, around) else around


def foreign_stretches(text: str, around: str) -> list[tuple[int, int, str]]:
    """Start, end and language of stretches of `text` that are in another language than `around` for certain.

    Certain are three function words close together that are none of `around`, not counting what names are made of.
    """
    words = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(_folded(text))]
    known = [(start, end, _languages_of(word), word) for start, end, word in words]
    if sum(bool(languages) and around not in languages for _, _, languages, _ in known) < _STRETCH:
        return []
    found = [
        (start, end, language)
        for language in FUNCTION_WORDS
        if language != around
        for start, end in _stretches(known, language, around)
    ]
    return _apart(sorted(found, key=lambda each: (each[0] - each[1], each[0])))


def _stretches(known: list[tuple[int, int, tuple[str, ...], str]], language: str, around: str) -> list[tuple[int, int]]:
    """Runs of words of `language`, at most one unknown word between two, none that only `around` has."""
    found: list[tuple[int, int]] = []
    run: list[tuple[int, int, bool]] = []
    gap = 0
    for start, end, languages, word in [*known, (0, 0, (around,), "")]:
        if language in languages:
            run.append((start, end, around not in languages and word not in NAME_WORDS))
            gap = 0
            continue
        gap += 1
        if gap > 1 or around in languages:
            if sum(certain for _, _, certain in run) >= _STRETCH:
                found.append((run[0][0], run[-1][1]))
            run = []
    return found


def _apart(found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The longest ones of `found`, in order, without those that overlap a longer one."""
    kept: list[tuple[int, int, str]] = []
    for start, end, language in found:
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, language))
    return sorted(kept)


def _folded(text: str) -> str:
    lowered = text.lower().replace("’", "'")
    return lowered if len(lowered) == len(text) else text


def _languages_of(word: str) -> tuple[str, ...]:
    languages = LANGUAGES_OF.get(word, ())
    return languages if languages or "'" not in word else PREFIX_OF.get(word[: word.index("'") + 1], ())


def _is_phrase(words: frozenset[str], language: str) -> bool:
    phrases = PHRASE_WORDS.get(language, frozenset())
    return not phrases.isdisjoint(words) and words <= phrases | FUNCTION_WORDS.get(language, frozenset())


def _marks(language: str, sample: str) -> int:
    pattern = _MARKS.get(language)
    return len(pattern.findall(sample)) if pattern else 0
