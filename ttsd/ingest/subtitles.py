"""Subtitles (SRT, WebVTT) into what is said, and when.

webvtt-py reads both, with much that is common in the wild: blank lines inside a cue, none between two, times without
hours, positions, notes, styles, regions. pysubs2 loses lines that are numbers and what stands between `<` and `>`;
srt knows no WebVTT.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from webvtt import srt, vtt
from webvtt.models import Caption

from ttsd.ingest.contents import Cue, Subtitles
from ttsd.ingest.hypertext import read_html
from ttsd.protocol.errors import UnreadableDocument
from ttsd.text.markup import marked
from ttsd.text.normalize import Block, Kind, clean, has_speech, join_lines, marked_block

_LINE: Final = re.compile(r"\r\n|\r|\n")
_ARROW: Final = re.compile(r"\s*-?\d.*-->")
"""Begins a cue, well or badly written."""
_OVERRIDE: Final = re.compile(r"\{\\[^{}]*\}")
"""`{\\an8}`: a command of another format that players of SRT obey."""
_KARAOKE: Final = re.compile(r"<\d[\d:.]*>")
_LATEST_S: Final = 86_400.0
"""No film goes on for longer than a day; what is not spoken before a subtitle is silence in a file, 173 MB an hour."""
_SPEAKER_CHANGE: Final = re.compile(r"\s*[-‐‑–—]+(?:\s+|(?=[^\d\s]))")
"""The dash before each one's words when two speak; not the minus of a number."""


class _Format(NamedTuple):
    example: str
    captions: Callable[[list[str]], Sequence[Caption]]


def read_subtitles(text: str, suffix: str) -> Subtitles:
    """The subtitles of a file whose name ends in `suffix`, `.srt` or `.vtt`, by their starts.

    A cue that ends before it starts has no length. Raises UnreadableDocument, naming the line.
    """
    lines = _LINE.split(text)
    kind = _VTT if suffix == ".vtt" or text.lstrip().startswith("WEBVTT") else _SRT
    _check_timings(lines, kind)
    cues = [cue for caption in kind.captions(lines) for cue in _cue(caption)]
    return Subtitles(sorted(cues, key=lambda cue: cue.start_s))


def _check_timings(lines: Sequence[str], kind: _Format) -> None:
    """The library drops what it cannot read; we say where it is."""
    numbered = [(number, line) for number, line in enumerate(lines, 1) if _ARROW.match(line)]
    if not numbered:
        raise UnreadableDocument(f"there are no subtitles in it: no line like {kind.example!r}")
    for number, line in numbered:
        captions = kind.captions([line, "words"])
        if not captions:
            raise UnreadableDocument(
                f"line {number}: these times cannot be read: {line.strip()[:80]!r}; write them like {kind.example!r}"
            )
        if captions[0].start_time.in_milliseconds() > _LATEST_S * 1000:
            raise UnreadableDocument(
                f"line {number}: begins more than {_LATEST_S / 3600:.0f} hours after the start: {line.strip()[:80]!r}"
            )


def _srt_captions(lines: list[str]) -> Sequence[Caption]:
    """With a number above each cue, as the library needs it, and from the first cue on."""
    numbered: list[str] = []
    for line in lines:
        if _ARROW.match(line) and not (numbered and numbered[-1].strip().isdigit()):
            numbered.append("0")
        numbered.append(line)
    return srt.parse_captions(numbered)


def _vtt_captions(lines: list[str]) -> Sequence[Caption]:
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    headed = lines[first:] if lines[first].startswith("WEBVTT") else ["WEBVTT", "", *lines[first:]]
    return vtt.parse(headed).captions


_SRT: Final = _Format("00:00:01,000 --> 00:00:02,500", _srt_captions)
_VTT: Final = _Format("00:00:01.000 --> 00:00:02.500", _vtt_captions)


def _cue(caption: Caption) -> Iterator[Cue]:
    """The cue, when something in it has a sound."""
    if has_speech(blocks := list(_said(caption.raw_text))):
        start_s = caption.start_time.in_milliseconds() / 1000
        yield Cue(blocks, start_s, max(start_s, caption.end_time.in_milliseconds() / 1000))


def _said(text: str) -> Iterator[Block]:
    """Each speaker's words; lines that were broken to fit the screen are joined."""
    turns: list[list[str]] = [[]]
    for line in text.split("\n"):
        plain = _plain(line)
        words = _SPEAKER_CHANGE.sub("", plain, count=1) if _SPEAKER_CHANGE.match(plain) else plain
        if words is not plain:
            turns.append([])
        turns[-1].append(words.strip())
    for turn in turns:
        yield from marked_block(join_lines(turn), Kind.LINE)


def _plain(line: str) -> str:
    """`line` without tags, speakers' names in them, and commands of players, its markup marked."""
    line = _KARAOKE.sub("", _OVERRIDE.sub("", line))
    if "<" in line or "&" in line:
        return " ".join(found.text for found in read_html(line).blocks)
    return marked(clean(line))
