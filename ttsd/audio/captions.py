"""What is said when, as captions: SubRip (SRT) and WebVTT (https://www.w3.org/TR/webvtt1/)."""

from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from ttsd.audio.wrapping import lines, width

LINES_PER_CUE: Final = 2


class Said(NamedTuple):
    """A segment's text and its place in the sound."""

    text: str
    start_s: float
    end_s: float


class Cue(NamedTuple):
    """What stands on the screen from `start_ms` to `end_ms`: one line or two, none empty."""

    lines: tuple[str, ...]
    start_ms: int
    end_ms: int


def srt(timeline: Iterable[Said]) -> str:
    """SubRip; it has no escapes, so an arrow of `-->` becomes `→`."""
    return "\n".join(
        f"{number}\n{_span(cue, ',')}\n{_text(cue).replace('-->', '→')}\n"
        for number, cue in enumerate(cues(timeline), start=1)
    )


def vtt(timeline: Iterable[Said]) -> str:
    """WebVTT."""
    return "WEBVTT\n" + "".join(f"\n{_span(cue, '.')}\n{_escaped(_text(cue))}\n" for cue in cues(timeline))


def cues(timeline: Iterable[Said]) -> Iterator[Cue]:
    """In order, without overlap, each a millisecond long at least; a long segment's time is shared by length."""
    clock_ms = 0
    for said in timeline:
        texts = list(_pairs(_clean(said.text)))
        start_ms = max(clock_ms, round(said.start_s * 1000))
        end_ms = max(start_ms + len(texts), round(said.end_s * 1000))
        for text, (begin_ms, finish_ms) in zip(texts, pairwise(_shares(texts, start_ms, end_ms)), strict=True):
            yield Cue(text, begin_ms, finish_ms)
            clock_ms = finish_ms


def _clean(text: str) -> str:
    """Control characters would end a line, or a cue."""
    return "".join(character for character in " ".join(text.split()) if character >= " " and character != "\x7f")


def _pairs(text: str) -> Iterator[tuple[str, ...]]:
    found = lines(text)
    for start in range(0, len(found), LINES_PER_CUE):
        yield tuple(found[start : start + LINES_PER_CUE])


def _shares(texts: list[tuple[str, ...]], start_ms: int, end_ms: int) -> list[int]:
    """The bounds between cues: one millisecond each, the rest by width."""
    widths = [width("".join(text)) + 1 for text in texts]
    spare_ms = end_ms - start_ms - len(texts)
    total = sum(widths)
    bounds = accumulate(widths, initial=0)
    return [start_ms + number + spare_ms * so_far // max(total, 1) for number, so_far in enumerate(bounds)]


def _span(cue: Cue, point: str) -> str:
    return f"{_time(cue.start_ms, point)} --> {_time(cue.end_ms, point)}"


def _time(time_ms: int, point: str) -> str:
    """Hours have two digits, or more."""
    seconds, milliseconds = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{milliseconds:03}"


def _text(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
