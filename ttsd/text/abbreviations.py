"""Full stops that end no sentence: abbreviations, initials, numbered months and items."""

import re
from typing import Final

_NEVER_LAST: Final = """
    mr mrs ms mx dr prof rev gen col capt lt sgt rep gov hon st mt ft vs cf fig figs nos vol vols pp ch dept approx
    e.g i.e ca bzw evtl ggf hr nr str tel abs inkl zzgl geb z.b d.h u.a m mm mme mmes mlle mlles mgr av p.ex sra srta
    sr dña núm pág págs ud uds dra dras exmo exma profa dott avv ing sig sigg arch geom egr pag tab им ул пер рис стр
    гл см ср тыс млн млрд руб проф акад т.е"""
"""Something always follows these: a name, a number, an explanation."""
_MAYBE_LAST: Final = """
    jr inc ltd co corp bros etc al a.m p.m u.s u.k e.u jan feb mar apr aug sep sept oct okt nov dec dez usw uvm ecc
    ee uu г гг вв т.д т.п др"""
"""The sentence may go on after these, or end with them."""

_CERTAIN: Final = frozenset(_NEVER_LAST.split())
_POSSIBLE: Final = frozenset(_MAYBE_LAST.split())
_LAST_TOKEN: Final = re.compile(r"([^\s(\[{\"'“„«‘]+)\.$")
_INNER_DOTS: Final = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}")
_INITIAL: Final = re.compile("[A-HJ-ZÀ-ÞА-ВД-Я]")
_ORDINAL: Final = re.compile(r"(?:^|\s)\d{1,2}\.$")


def needs_more(text: str) -> bool:
    """Whether `text` ends with a full stop after which the sentence certainly goes on (`Dr.`, `J.`, `z.B.`)."""
    token = _last_token(text)
    return token.lower() in _CERTAIN or bool(_INITIAL.fullmatch(token))


def may_need_more(text: str) -> bool:
    """Whether the sentence may go on after the full stop that `text` ends with (also `p.m.`, `etc.`, `3.`)."""
    token = _last_token(text).lower()
    return needs_more(text) or token in _POSSIBLE or bool(_INNER_DOTS.fullmatch(token)) or ends_with_ordinal(text)


def ends_with_ordinal(text: str) -> bool:
    """Whether `text` ends with a short number and a full stop: an ordinal in German, or the number of an item."""
    return bool(_ORDINAL.search(text[-5:]))


def _last_token(text: str) -> str:
    """The word before the full stop that ends `text`; empty when no full stop does."""
    match = _LAST_TOKEN.search(text[-24:])
    return match.group(1) if match else ""
