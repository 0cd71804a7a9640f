"""How each span of a segment is said: what its writer and the lexicon ask for, and the rest in words."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ttsd.protocol.speech import Span
from ttsd.text.language import spans as spans_of
from ttsd.text.lexicon import Hit, Lexicon
from ttsd.text.markup import Mark
from ttsd.text.pronunciation import Reading
from ttsd.text.verbal import verbalize

_LANGUAGE_OF: Final = {"zh": "zh", "ja": "ja"}
"""Pinyin is Chinese and kana Japanese, whatever the words around them are."""


class Read(NamedTuple):
    """A segment as it is to be spoken."""

    spans: tuple[Span, ...]
    lexicon: tuple[str, ...] = ()
    """The entries that acted, as `written=spoken`, in the order of the text."""


class _Wish(NamedTuple):
    """A stretch of the text that is to be said in a way of its own."""

    start: int
    end: int
    reading: Reading


def read(spans: Iterable[Span], marks: Sequence[Mark] = (), lexicon: Lexicon | None = None) -> Read:
    """`spans`, of which the `marks` tell places counted from the first on, with `say` and `reading` filled in.

    What the writer marked goes before the lexicon.
    """
    spans = tuple(spans)
    hits = lexicon.find(spans, marks) if lexicon is not None else []
    if not marks and not hits:
        return Read(tuple(map(_said, spans)))
    wishes = sorted([*map(_wish, marks), *map(_wish, hits)])
    found = _joined(itertools.chain.from_iterable(_pieces(spans, wishes)))
    return Read(tuple(found), tuple(dict.fromkeys(hit.entry for hit in hits)))


def _wish(asked: Mark | Hit) -> _Wish:
    return _Wish(asked.start, asked.end, asked.reading)


def _pieces(spans: Sequence[Span], wishes: Sequence[_Wish]) -> Iterator[list[Span]]:
    """The spans, cut where a wish begins or ends; a wish over several spans is in the language of the first."""
    waiting = list(reversed(wishes))
    end = covered = 0
    for span in spans:
        start, end = end, end + len(span.text)
        at = max(start, covered)
        while waiting and waiting[-1].start < end:
            wish = waiting.pop()
            yield [_said(Span(span.language, span.text[at - start : wish.start - start]))]
            yield _asked(span.language, _text(spans, wish), wish.reading)
            at = covered = wish.end
        yield [_said(Span(span.language, span.text[at - start :]))] if at < end else []


def _text(spans: Sequence[Span], wish: _Wish) -> str:
    return "".join(span.text for span in spans)[wish.start : wish.end]


def _asked(language: str, text: str, reading: Reading) -> list[Span]:
    if reading.kind != "say":
        return [Span(_LANGUAGE_OF.get(reading.kind, language), text, reading=reading.value)]
    # A respelling is text like any other: in German, 重庆 is Chinese there too. Captions show the word once.
    parts = [_said(part) for part in spans_of(reading.value, language)]
    return [Span(part.language, text if part is parts[0] else "", part.spoken) for part in parts]


def _said(span: Span) -> Span:
    say = verbalize(span.text, span.language)
    return span if say == span.text else Span(span.language, span.text, say)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbours of one language are one span, except for those with a reading."""
    for (language, reading), group in itertools.groupby(
        (span for span in spans if span.text or span.say), key=lambda span: (span.language, span.reading)
    ):
        found = list(group)
        if reading or len(found) == 1:
            yield from found
            continue
        text, spoken = "".join(span.text for span in found), "".join(span.spoken for span in found)
        yield Span(language, text, "" if spoken == text else spoken)
