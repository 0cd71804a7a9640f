"""Where sentences end, in ten languages, by the rules of `tests/corpora/sentences/README.md`.

A mark ends a sentence unless what stands before it (an abbreviation, an initial, a number), around it (a
quotation, a bracket) or after it (a small letter, a word that goes on) says otherwise.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ttsd.text.abbreviations import Stop, is_initial, stop_kind
from ttsd.text.enclosed import Enclosed, enclosed
from ttsd.text.openers import begins_sentence, goes_on_after_quote, names_day
from ttsd.text.scripts import CJK

_END: Final = re.compile(
    "(?P<mark>[.!?…。！？｡．‼⁇⁈⁉]+)(?:[”’»)\\]」』）》】〉]|[\"'](?![^\\W_])|[“«](?!\\w)|[ \u00a0\u202f]»)*"
)
_WIDE: Final = frozenset("。！？｡")
_ASKS: Final = frozenset("!?‼⁇⁈⁉")
_NEVER_FIRST: Final = frozenset("」』”’）》】〉、，。！？；：,;:)]")
_OPENING: Final = re.compile(r"[\"'“‘„«»「『（([¿¡\s—–-]*")
_ITEM: Final = re.compile(r"\s*(?:\d{1,3}|[A-Za-z]|[가나다라마바사아자차카타파하])\s*")
_ITEM_NEXT: Final = re.compile(r"[a-z]\)")
_MIXED_CASE: Final = re.compile(r"[a-z][A-Z]")
_ROMAN: Final = re.compile(r"(?:^|\s)[IVXLC]{2,}\.$")
_ROMAN_NEXT: Final = re.compile(r"[IVXLC]+\b")
_ORDINAL: Final = re.compile(r"(?:^|[\s(])\d{1,2}\.$")
_DATE: Final = re.compile(r"(?:^|\s)\d{4}\. ?\d{1,2}\.(?: ?\d{1,2}\.)?$")
_YEAR: Final = re.compile(r"(?:^|\s)\d{4}\.$")
_DAY_NEXT: Final = re.compile(r"\d{1,2}\.")
_EXCLAIMED: Final = re.compile(r"\b[Yy]ahoo!$")
_ENGLISH_I: Final = re.compile(r"I\b(?!\.)")
_IS_CJK: Final = re.compile(f"[{CJK}]")
_LOOK: Final = 48
"""Characters after a mark that are looked at."""


class _Place(NamedTuple):
    """A mark, and what stands around it."""

    text: str
    start: int
    """Of the sentence that may end here."""
    mark: str
    stop: int
    """After the mark itself; `end` is after quotation marks and brackets that it closes."""
    end: int
    quote: bool
    """Whether a quotation ends here."""
    language: str
    after: str
    """What follows, from its first character that is no space."""
    word: str
    """The same from its first letter or digit on."""

    @property
    def spaced(self) -> bool:
        return self.text[self.end : self.end + 1].isspace()

    def before(self, length: int) -> str:
        """The last characters of the sentence, the mark included."""
        return self.text[max(self.start, self.stop - length) : self.stop]


def sentences(text: str, language: str) -> Iterator[str]:
    """`text` in sentences, spaces after each; put together again they are `text`."""
    start = 0
    kept = enclosed(text)
    around = next(kept, None)
    for match in _END.finditer(text):
        while around and around.end <= match.start():
            around = next(kept, None)
        within = around if around and around.start < match.start() else None
        if within and not _closes(text, start, within, match.end()):
            continue
        place = _place(text, start, match, within is not None and not within.bracket, language)
        if _ends(place):
            end = _spaces_after(text, place.end)
            yield text[start:end]
            start = end
    if start < len(text):
        yield text[start:]


def _place(text: str, start: int, match: re.Match[str], quote: bool, language: str) -> _Place:
    end = match.end()
    after = text[end : end + _LOOK].lstrip()
    opening = _OPENING.match(after)
    word = after[opening.end() :] if opening else after
    return _Place(text, start, match["mark"], match.end("mark"), end, quote, language, after, word)


def _closes(text: str, start: int, within: Enclosed, end: int) -> bool:
    """Whether `within` ends at `end`, and may end the sentence too: a bracket does only where it is all of it."""
    return end >= within.end and (not within.bracket or not text[start : within.start].strip())


def _spaces_after(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _ends(place: _Place) -> bool:
    after = place.after
    if not after or after[0] in _NEVER_FIRST:
        return not after
    if place.quote and goes_on_after_quote(after, place.language):
        return False
    return bool(_WIDE.intersection(place.mark)) or (_stands_apart(place) and _latin_mark_ends(place))


def _latin_mark_ends(place: _Place) -> bool:
    if _ASKS.intersection(place.mark):
        return not _EXCLAIMED.search(place.before(6))
    return _full_stop_ends(place) if place.mark in {".", "．"} else _ellipsis_ends(place)


def _stands_apart(place: _Place) -> bool:
    """Whether a space or a change of script follows a mark of Latin type, and no small letter after that."""
    return (place.spaced or _between_cjk(place)) and not _small(place.word)


def _between_cjk(place: _Place) -> bool:
    """Whether the mark ends something Chinese, Japanese or Korean without a space, and no particle follows."""
    following = place.text[place.end : place.end + 1]
    if place.quote:
        return place.language != "ko" and bool(following and not following.isalnum())
    return bool(_IS_CJK.match(following) or _IS_CJK.match(place.before(2)))


def _small(word: str) -> bool:
    """Whether `word` goes on with a small letter; names such as `iPhone` and items such as `b)` have theirs anyway."""
    return word[:1].islower() and not _MIXED_CASE.match(word) and not _ITEM_NEXT.match(word)


def _cased(word: str) -> bool:
    return word[:1].lower() != word[:1].upper()


def _ellipsis_ends(place: _Place) -> bool:
    """Before a capital letter; where there are none, before a space that Chinese and Japanese have no other use for."""
    if _cased(place.word):
        return not _ENGLISH_I.match(place.word)
    return place.language in {"zh", "ja"} and place.spaced and not place.quote and not place.word[:1].isdigit()


def _full_stop_ends(place: _Place) -> bool:
    if _ITEM.fullmatch(place.text, place.start, place.stop - 1) or _inside_date(place):
        return False
    kind = stop_kind(place.text, place.stop)
    if place.word[:1].isdigit() or _ROMAN_NEXT.match(place.word):
        return kind in {None, Stop.OFTEN} and not _is_ordinal(place)
    if kind is Stop.NUMBER:
        kind = None
    if not _cased(place.word):
        return kind is None
    return _capital_begins(place, kind)


def _inside_date(place: _Place) -> bool:
    """Korean dates have a full stop after each part."""
    if place.language != "ko":
        return False
    before = place.before(16)
    return bool(_DATE.search(before) or (_YEAR.search(before) and _DAY_NEXT.match(place.after)))


def _is_ordinal(place: _Place) -> bool:
    """German numbers ordinals, and kings, with a full stop."""
    before = place.before(8)
    return place.language == "de" and bool(_ORDINAL.search(before) or _ROMAN.search(before))


def _capital_begins(place: _Place, kind: Stop | None) -> bool:
    """Whether the capital letter that follows begins a sentence, after a word of `kind`."""
    if kind is None and not _is_ordinal(place):
        return True
    if kind is Stop.OFTEN and place.language != "de":
        return not names_day(place.word)
    names = is_initial(place.text, place.stop)
    return kind is not Stop.GOES_ON and begins_sentence(place.word, place.language, names=names)
