"""Full stops that may end no sentence: abbreviations, initials, numbered months and items, in all ten languages."""

import enum
import re
from typing import Final

from ttsd.text.scripts import CJK


class Stop(enum.Enum):
    """What the word before a full stop says about what comes after it."""

    GOES_ON = "goes on"
    """A name, a number, an explanation always follows."""
    NUMBER = "number"
    """It is an abbreviation before a number, and a word of its own (`no`, `art`, `cap`) before anything else."""
    MAYBE = "maybe"
    """The sentence seldom ends here: only before a word that begins sentences."""
    OFTEN = "often"
    """The sentence ends here where a capital letter follows."""


_WORDS: Final = {
    Stop.GOES_ON: """
        mr mrs ms mx dr prof rev gen col capt lt sgt rep gov hon vs cf figs nos vols pp approx e.g i.e c.-à-d mons on
        ca bzw evtl ggf hr hrn fr fa frl inkl zzgl geb z.b d.h u.a i.d.r vgl dipl ing o.ä z.t sog bspw
        mm mme mmes mlle mlles mgr av bd env p.ex p.ej sra srta sr dña ud dra dras exmo exma v.exa aprox lic sto
        sta avda profa eng dott avv sig sigg sig.ra dott.ssa arch geom egr cfr p.za tab ул пер им пл см ср проф акад
        тов напр ок т.е г-н канд""",
    Stop.NUMBER: """
        no nr n n.º fig vol ch chap sec sect art p pag pág págs núm cap abb s max máx mín стр гл рис табл кв д
        apt ext rm ste apto séc kap tab rn jg aufl anm ziff hnr""",
    Stop.MAYBE: """
        jr sr inc ltd ltda co corp bros dept st ave mt ft abs tel tél pr u.s u.k e.u s.a s.p.a ee.uu jan feb mar
        apr aug sep sept oct okt nov dec dez uds руб тыс млн млрд г гг в вв
        mio mrd tsd std min sek janv févr avr juil déc ene abr dic мин сек ч род""",
    Stop.OFTEN: """
        etc al a.m p.m ph.d usw uvm ff ecc a.c d.c j.-c av.j.-c v.chr n.chr т.д т.п др н.э jun sen""",
}
_KINDS: Final = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_PARTED: Final = re.compile(
    r"z\. B\.|d\. h\.|u\. a\.|i\. d\. R\.|o\. ä\.|z\. T\.|[vn]\. Chr\.|[ad]\. C\.|[ap]\. m\.|p\. (?:ej|ex)\.|V\. Exa\."
    r"|EE\. UU\.|S\. A\.|av\. J\.-C\.|[Тт]\. ?[едп]\.|н\. ?э\."
)
"""Abbreviations in parts, as careful writers space them."""
_LAST: Final = re.compile(
    rf"(?:(?<![A-Za-zÀ-ӿ])[A-Za-zÀ-ӿ]{{1,2}}\. ?(?!-)){{0,2}}(?P<token>[^\s(\[{{\"'“„«‘」』。，、！？{CJK}]+)\.$"
)
_LONGEST: Final = 32
_INITIALS: Final = re.compile("(?:[A-ZÀ-ÞЀ-Я]\\.-?)*[A-ZÀ-ÞЀ-Я]")
_INNER_DOTS: Final = re.compile(r"(?:[A-Za-zÀ-ӿ]{1,3}\.)+[A-Za-zÀ-ӿ]{1,3}")
_ORDINAL: Final = re.compile(r"(?:^|\s)\d{1,2}\.$")


def stop_kind(text: str, at: int) -> Stop | None:
    """What the word whose full stop ends at `at` says; `None` for a word like any other."""
    tail = text[max(at - _LONGEST, 0) : at]
    if _is_plain(tail[tail.rfind(" ") + 1 : -1]):
        return None
    found = _LAST.search(tail)
    if not found:
        return None
    if _parts_go_on(text, at - len(tail) + found.start(), at):
        return Stop.GOES_ON
    token = found["token"]
    whole = found.group()[:-1].replace(" ", "").lower()
    if _INITIALS.fullmatch(token) and (len(whole) == 1 or whole not in _KINDS):
        return Stop.MAYBE
    return _listed(whole) or _listed(token.lower()) or (Stop.OFTEN if _INNER_DOTS.fullmatch(token) else None)


def _is_plain(word: str) -> bool:
    """Decides most words without looking closer."""
    return len(word) > 3 and word.isalpha() and word.isascii() and word.islower() and _listed(word) is None


def _parts_go_on(text: str, start: int, at: int) -> bool:
    """Whether the full stop at `at` is an inner one of an abbreviation in parts."""
    return any(
        (match := _PARTED.match(text, begin)) and match.end() > at
        for begin in range(start, at - 1)
        if begin == start or not text[begin - 1].isalnum()
    )


def _listed(token: str) -> Stop | None:
    kind = _KINDS.get(token) or _KINDS.get(token.rpartition("-")[2])
    return Stop.NUMBER if kind is None and len(token) > 5 and token.endswith(("str", "nr")) else kind


def is_initial(text: str, at: int) -> bool:
    """Whether a single capital letter stands before the full stop that ends at `at`."""
    return bool(_INITIALS.fullmatch(text[at - 2 : at - 1])) and not text[at - 3 : at - 2].isalnum()


def may_need_more(text: str) -> bool:
    """Whether the sentence may go on after the full stop that `text` ends with (`Dr.`, `J.`, `p.m.`, `etc.`, `3.`)."""
    return text.endswith(".") and (stop_kind(text, len(text)) is not None or ends_with_ordinal(text))


def ends_with_ordinal(text: str) -> bool:
    """Whether `text` ends with a short number and a full stop: an ordinal in German, or the number of an item."""
    return bool(_ORDINAL.search(text[-5:]))
