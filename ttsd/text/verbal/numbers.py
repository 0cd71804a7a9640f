"""Whole numbers in words, by the spell-out rules of CLDR."""

import functools

from unicode_rbnf import RbnfEngine


@functools.lru_cache(maxsize=16_384)
def spell(language: str, value: int, rules: str = "spellout-numbering") -> str:
    """`value`, at least 0 and less than `numerals.LIMIT`, by the set of rules of that name.

    The sets of a language: `RbnfEngine.for_language(language).rulesets`. The first number of a language
    takes some 10 ms (100 ms in Russian), a new one some 50 µs, one that was asked for before 0.1 µs.
    """
    return _engine(language).format_number(value, ruleset_names=[rules]).text


@functools.cache
def _engine(language: str) -> RbnfEngine:
    return RbnfEngine.for_language(language)
