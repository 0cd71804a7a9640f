"""Which Latin-script language a text is in, from its function words; English unless another is clear."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from ttsd.text.scripts import LATIN
from ttsd.text.shapes import likeness
from ttsd.text.words import (
    COMMON_LANGUAGES_OF,
    ENGLISH_ALONE,
    FUNCTION_WORDS,
    LANGUAGES_OF,
    NAME_WORDS,
    PHRASE_WORDS,
    PREFIX_OF,
    SHARED_BY_ENGLISH,
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
_NOUN: Final = 0.8
"""Share of what a word with a capital counts in German."""
_LIKELY: Final = 0.85
_LOOKS_LIKELY: Final = 1.5
"""The same where no word is known: names of dishes and firms look foreign in English too."""
_AHEAD: Final = 0.1
_COMMA: Final = r"[0-9],[0-9]{1,2}(?![0-9,])"
_FIGURES: Final = {
    "en": re.compile(r"[0-9](?:st|nd|rd|th)\b|#[0-9]"),
    "de": re.compile(rf"{_COMMA}|\b(?:[0-3]?[0-9])\. "),
    "fr": re.compile(rf"{_COMMA}|[0-9]h[0-9]{{2}}|[0-9] [0-9]{{3}}\b|\w [:;!?»]"),
    "es": re.compile(rf"{_COMMA}|[0-9]\.?[ºª]|[¿¡]"),
    "pt": re.compile(rf"{_COMMA}|[0-9]\.?[ºª]|[0-9]h[0-9]{{2}}"),
    "it": re.compile(rf"{_COMMA}|[0-9][°ºª]"),
}
"""How figures and marks are set: a hint, beside words."""
_CERTAIN: Final = {
    "fr": (re.compile(r"(?<![0-9,.])[0-9]{1,3}(?:ers?|[eè]res?|es?|èmes?)\b"), 2),
    "es": (re.compile("[¿¡]"), 1),
    "pt": (re.compile("[ãõ]"), 1),
}
"""What no other language has, and how many function words it counts for beside one."""
_STRETCH: Final = 3
"""Function words in a row that show another language where no quotation mark does."""


def latin_language(text: str, fallback: str) -> str:
    """The language of Latin-script `text`, or `fallback` where the evidence is not clear.

    Clear means: two different function words of that language (one will do beside what it alone has: `¿`, ã, `1er`),
    two more than of English, and more than of any other. Letters such as é or ü prove nothing: English borrows them
    with words and names; they only decide between languages that share function words.
    """
    return _clear_language(text[:_ENOUGH_CHARS]) or fallback


@lru_cache(_REMEMBERED)
def _clear_language(text: str) -> str:
    sample = _folded(text)
    languages = [language for word in set(_WORD.findall(sample)) for language in _languages_of(word)]
    if len(languages) < 2:
        return ""
    votes = Counter(languages)
    for language, (pattern, worth) in _CERTAIN.items():
        if votes[language] and pattern.search(sample):
            votes[language] += worth
    ranked = sorted(((n, _marks(language, sample), language) for language, n in votes.items() if n), reverse=True)
    (most, marks, winner), second = ranked[0], ranked[1] if len(ranked) > 1 else (0, 0, "")
    needed = 2 if winner == "en" else 2 + votes["en"]
    return winner if most >= needed and (most, marks) > second[:2] else ""


@lru_cache(_REMEMBERED)
def short_language(text: str) -> str:
    """The likely language of a sentence with too little evidence for `latin_language`; empty: none likelier.

    English where any word is certainly English; else what its words are in, or look like, and how its figures are
    written: it takes more than one article or a name, and more than for any other language.
    """
    sample = _folded(text[:_ENOUGH_CHARS])
    words = {match.group(): match.start() for match in _WORD.finditer(sample) if not _capitals(text, match.span())}
    if not ENGLISH_ALONE.isdisjoint(words):
        return "en"
    names = {word for word, at in words.items() if text[at].isupper() and (_inside(text, at) or _unknown_alone(words))}
    votes: dict[str, float] = {}
    for word in words:
        for language, weight in _word_votes(word, named=word in names):
            votes[language] = votes.get(language, 0) + weight
    plain = " ".join(words.keys() - names)
    for language in votes:
        hints = bool(_marks(language, plain)) + bool(_FIGURES[language].search(sample))
        votes[language] += _MARKED * hints
    ranked = sorted(votes, key=votes.__getitem__, reverse=True)
    certain = not COMMON_LANGUAGES_OF.keys().isdisjoint(words)
    if not ranked or votes[ranked[0]] < (_LIKELY if certain else _LOOKS_LIKELY):
        return ""
    return "" if len(ranked) > 1 and votes[ranked[0]] - votes[ranked[1]] < _AHEAD else ranked[0]


def _capitals(text: str, span: tuple[int, int]) -> bool:
    """Whether a word is an abbreviation by its capitals: `MIT` is no German."""
    word = text[span[0] : span[1]]
    return len(word) > 1 and word.isupper() and not text.isupper()


def _inside(text: str, at: int) -> bool:
    """Whether the capital letter at `at` is not there because a sentence or a quotation begins."""
    return text[at - 1 : at] == " " and (text[at - 2].isalnum() or text[at - 2] == ",")


def _unknown_alone(words: Mapping[str, int]) -> bool:
    return len(words) == 1 and COMMON_LANGUAGES_OF.keys().isdisjoint(words)


def _word_votes(word: str, *, named: bool) -> Iterator[tuple[str, float]]:
    """The languages of `word`, each with what it counts; what may be a name tells something in German alone."""
    if word in SHARED_BY_ENGLISH:
        yield "en", _ONE_OF_A_NAME
    known = COMMON_LANGUAGES_OF.get(word, ()) or _languages_of(word)
    weights = dict.fromkeys(known, _ONE_OF_A_NAME if word in NAME_WORDS else 1.0) if known else likeness(word)
    for language, weight in weights.items():
        if not named:
            yield language, weight
        elif language == "de":
            yield language, weight * _NOUN


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
