"""Blocks of text into segments: a sentence or so each, with its languages and the pause after it."""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ttsd.protocol.errors import NothingToSay
from ttsd.protocol.speech import Segment, Span
from ttsd.text.budget import best_cut, overflow
from ttsd.text.evidence import latin_language
from ttsd.text.language import AUTO, main_language, spans_of
from ttsd.text.lexicon import Lexicon
from ttsd.text.markup import MAX_PAUSE_MS, Apart, Mark, plain, taken_apart
from ttsd.text.normalize import Block, Kind, blocks, has_speech, speakable
from ttsd.text.reading import read
from ttsd.text.sentences import sentences
from ttsd.text.silences import Piece, Spoken, pieces, settled

PAUSE_MS: Final = {Kind.LINE: 450, Kind.PARAGRAPH: 650, Kind.HEADING: 800, Kind.CHAPTER: 800}
BEFORE_MS: Final = {Kind.HEADING: 900, Kind.CHAPTER: 1_200}
"""What begins with a heading is set apart from what was before, more than the heading from its text."""
SENTENCE_PAUSE_MS: Final = 320
CLAUSE_PAUSE_MS: Final = 220
"""What the built-in voice makes itself at such places in a longer text; engines deliver segments without it."""

_SENTENCE_END: Final = re.compile(r"[.!?…。！？][\"'”’»)\]」』）》】〉]*$")
_CLAUSE_END: Final = re.compile(r"[,;:—–，、；：)）][\"'”’»」』]*$")


class _How(NamedTuple):
    """What decides the segments of a text besides itself."""

    language: str
    prior: str
    lexicon: Lexicon | None


def segments(
    found: Sequence[Block], language: str = AUTO, *, prior: str = "", lexicon: Lexicon | None = None
) -> tuple[Segment, ...]:
    """The segments of `found`, in speaking order.

    `prior` is the Latin language of the text that `found` is part of; empty: `prior_language` of `found`.
    Raises NothingToSay when there are none, UnsupportedLanguage for words that no language here is written in.
    """
    return tuple(itertools.chain.from_iterable(segments_by_block(found, language, prior=prior, lexicon=lexicon)))


def segments_by_block(
    found: Sequence[Block], language: str = AUTO, *, prior: str = "", lexicon: Lexicon | None = None
) -> list[list[Segment]]:
    """The segments of each block of `found`, none of one that is but a silence; raises as `segments` does."""
    if not has_speech(found):
        raise NothingToSay("the text has nothing to say: no letter and no digit is in it", param="text")
    prior = prior or (prior_language(found) if language == AUTO and len(found) > 1 else "")
    how = _How(language, prior, lexicon)
    ends = [max(PAUSE_MS[each.kind], BEFORE_MS.get(after.kind, 0)) for each, after in itertools.pairwise(found)]
    return settled(_spoken(each, how, end_ms) for each, end_ms in zip(found, [*ends, None], strict=True))


def text_segments(
    text: str, language: str = AUTO, lexicon: Lexicon | None = None, prior: str = ""
) -> tuple[Segment, ...]:
    """The segments of plain text; takes `prior` and raises as `segments` does."""
    return segments(blocks(text), language, prior=prior, lexicon=lexicon)


def prior_language(found: Sequence[Block]) -> str:
    """The Latin language of the text as a whole, for headings and short sentences in it; empty when unclear."""
    return latin_language("\n".join(plain(block.text) for block in found[:200]), "")


def _spoken(block: Block, how: _How, end_ms: int | None) -> Spoken:
    """The segments of a block; after the last one there are `end_ms`, and at the end of a text what its words ask."""
    apart = taken_apart(block.text)
    language = main_language(apart.text, how.language, prior=how.prior)
    whole = list(sentences(apart.text, language)) if speakable(apart.text) else []
    runs = spans_of(whole, how.language, prior=how.prior) if whole else []
    runs = _with_kana(runs, apart, how.language) if apart.marks else runs
    before_ms, found = pieces(
        apart,
        lambda text: _speakable(_within_budget(whole if text == apart.text else sentences(text, language))),
    )
    segments: list[Segment] = []
    for piece, its_spans in zip(found, _clip(runs, [piece.text for piece in found]), strict=True):
        said = read(its_spans, _shifted(piece), how.lexicon)
        last_ms = end_ms if end_ms is not None and len(segments) + 1 == len(found) else _pause_inside(piece.text)
        asked = piece.asked_ms is not None
        pause_ms = last_ms if piece.asked_ms is None else min(piece.asked_ms, MAX_PAUSE_MS)
        segments.append(Segment(said.spans, pause_ms, pause_asked=asked, lexicon=said.lexicon))
    return Spoken(segments, before_ms, found[-1].asked_ms if found else None)


def _with_kana(runs: list[Span], apart: Apart, language: str) -> list[Span]:
    """With kana that somebody wrote to read its characters, a text is as Japanese as with kana between them."""
    kinds = {mark.reading.kind for mark in apart.marks}
    if language != AUTO or "ja" not in kinds or "zh" in kinds:
        return runs
    return [Span("ja", run.text) if run.language == "zh" else run for run in runs]


def _shifted(piece: Piece) -> list[Mark]:
    """The marks of a piece without the space around it."""
    space = len(piece.text) - len(piece.text.lstrip())
    return [Mark(mark.start - space, mark.end - space, mark.reading) for mark in piece.marks]


def _pause_inside(text: str) -> int:
    """The pause after `text` when its block goes on; after the last words there is the same, and no more."""
    ending = text.rstrip()
    if _SENTENCE_END.search(ending):
        return SENTENCE_PAUSE_MS
    return CLAUSE_PAUSE_MS if _CLAUSE_END.search(ending) else 0


def _within_budget(found: Iterable[str]) -> Iterator[str]:
    for sentence in found:
        start = 0
        while (limit := overflow(sentence, start)) is not None:
            length, left = limit - start, len(sentence) - start
            target = left / math.ceil(left / length)
            cut = start + best_cut(sentence[start : limit + length], length, target)
            yield sentence[start:cut]
            start = cut
        yield sentence[start:]


def _speakable(pieces: Iterator[str]) -> Iterator[str]:
    """`pieces`, those without a letter or a digit joined to the one before (the first ones: to the one after)."""
    held = ""
    for piece in pieces:
        if held and speakable(held) and speakable(piece):
            yield held
            held = ""
        held += piece
    if held:
        yield held


def _clip(runs: Sequence[Span], pieces: Sequence[str]) -> Iterator[tuple[Span, ...]]:
    """The part of `runs` that each of `pieces` covers, without the space around it."""
    index = offset = 0
    for piece in pieces:
        found: list[Span] = []
        needed = len(piece)
        while needed:
            part = runs[index].text[offset : offset + needed]
            found.append(Span(runs[index].language, part))
            needed -= len(part)
            offset += len(part)
            if offset == len(runs[index].text):
                index, offset = index + 1, 0
        yield _stripped(found)


def _stripped(found: list[Span]) -> tuple[Span, ...]:
    found[0] = Span(found[0].language, found[0].text.lstrip())
    found[-1] = Span(found[-1].language, found[-1].text.rstrip())
    return tuple(span for span in found if span.text)
