"""Where a writer asks for a silence: a block is cut there, and the pause is exactly as long as was asked."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from ttsd.protocol.speech import Segment
from ttsd.text.markup import MAX_PAUSE_MS, Apart, Mark
from ttsd.text.normalize import speakable

_CLOSING: Final = re.compile(r"[,.;:!?…，。、；：！？)\]」』”’）》】〉]+\s*")
"""Ends what stands before a silence, though it was typed after it."""


class Piece(NamedTuple):
    """What becomes a segment; pieces put together are the text without its marks."""

    text: str
    marks: tuple[Mark, ...] = ()
    """Their places counted in `text`."""
    asked_ms: int | None = None
    """The silence asked for after it."""


class Spoken(NamedTuple):
    """The segments of a block, and the silences asked for before the first and after the last of them."""

    segments: list[Segment]
    before_ms: int | None = None
    after_ms: int | None = None


def pieces(apart: Apart, cut: Callable[[str], Iterator[str]]) -> tuple[int | None, list[Piece]]:
    """The silence before the first piece, and the pieces: `cut` at silences as well as where `cut` cuts.

    What has no sound between two silences, or beside one, goes with its neighbour. No word with a reading is cut.
    """
    before_ms: int | None = None
    found: list[Piece] = []
    held = ""
    for text, asked_ms in _stretches(apart):
        closing = _CLOSING.match(text) if found else None
        ending, rest = (text[: closing.end()], text[closing.end() :]) if closing else ("", text)
        if not speakable(rest):
            ending, rest = (text, "") if found else ("", rest)
        if ending:
            found[-1] = found[-1]._replace(text=found[-1].text + ending)
        held += rest
        if speakable(held):
            found += map(Piece, cut(held))
            held = ""
        if asked_ms is not None and found:
            found[-1] = found[-1]._replace(asked_ms=(found[-1].asked_ms or 0) + asked_ms)
        elif asked_ms is not None:
            before_ms = (before_ms or 0) + asked_ms
    return before_ms, list(_with_marks(found, apart.marks)) if apart.marks else found


def _stretches(apart: Apart) -> Iterator[tuple[str, int | None]]:
    start = 0
    for pause in apart.pauses:
        yield apart.text[start : pause.at], pause.ms
        start = pause.at
    yield apart.text[start:], None


def _with_marks(found: Iterable[Piece], marks: tuple[Mark, ...]) -> Iterator[Piece]:
    """Each with its marks; two between which a marked word was cut are one."""
    start, held, waiting = 0, "", list(marks)
    for piece in found:
        text = held + piece.text
        end = start + len(text)
        if piece.asked_ms is None and any(mark.start < end < mark.end for mark in waiting):
            held = text
            continue
        inside = [mark for mark in waiting if mark.end <= end]
        waiting = waiting[len(inside) :]
        here = tuple(Mark(mark.start - start, mark.end - start, mark.reading) for mark in inside if mark.start >= start)
        yield Piece(text, here, piece.asked_ms)
        start, held = end, ""


def settled(blocks: Iterable[Spoken]) -> list[list[Segment]]:
    """The segments of each block, with the silences between blocks where they belong: after the last segment before."""
    found: list[list[Segment]] = []
    last: list[Segment] = []
    asked_ms: int | None = None
    for block in blocks:
        found.append(list(block.segments))
        if block.before_ms is not None:
            asked_ms = (asked_ms or 0) + block.before_ms
        if found[-1]:
            _put(asked_ms, last, found[-1])
            last, asked_ms = found[-1], block.after_ms
    _put(asked_ms, last, [])
    return found


def _put(asked_ms: int | None, last: list[Segment], following: list[Segment]) -> None:
    """Between the segments `last` and `following`, of which one may have none."""
    if asked_ms is None:
        return
    asked_ms = min(asked_ms, MAX_PAUSE_MS)
    if last:
        last[-1] = msgspec.structs.replace(last[-1], pause_after_ms=asked_ms, pause_asked=True)
    elif following:
        following[0] = msgspec.structs.replace(following[0], pause_before_ms=asked_ms)
