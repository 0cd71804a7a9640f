"""Hints from the course of the pitch: more than one speaker, or music.

Both are conservative. Two speakers are told apart by their pitch alone, where each speaks for a second or more at a
stretch: two of the same kind of voice are not noticed.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ttsd.audio.reference.pitch import Pitches

_PIECE: Final = 40
"""Voiced frames: somewhat more than half a second of speech."""
_FEWEST_PIECES: Final = 6
_TURN: Final = 2
"""Pieces in a row that each speaker says at least once."""
_APART_SEMITONES: Final = 4.5
"""One voice, reading, moves the middle of its pitch by two or three."""
_GAP_SEMITONES: Final = 2.0
"""Between the highest piece of the lower voice and the lowest of the higher one."""
_HELD: Final = 20
"""Frames of a note."""
_HELD_SEMITONES: Final = 0.5


def speakers_apart(pitches: "Pitches") -> float | None:
    """How far two groups of pieces lie apart in pitch, in units of what one voice never does; `None`: too short."""
    semitones = 12 * np.log2(pitches[pitches > 0])
    count = len(semitones) // _PIECE
    if count < _FEWEST_PIECES:
        return None
    pieces = np.median(semitones[: count * _PIECE].reshape(count, _PIECE), axis=1)
    ranked = np.sort(pieces)
    found = [_split(pieces, ranked, at) for at in range(_TURN, count - _TURN + 1)]
    return max(found)


def _split(pieces: "Pitches", ranked: "Pitches", at: int) -> float:
    """How far the `at` lowest pieces are from the others; 0 where they mingle."""
    low, high = ranked[:at], ranked[at:]
    if not len(high) or high[0] - low[-1] < _GAP_SEMITONES:
        return 0.0
    is_high = (pieces >= high[0]).tolist()
    turns = sum(before != after for before, after in pairwise(is_high))
    if turns > len(pieces) // 3 or min(_longest(is_high, True), _longest(is_high, False)) < _TURN:
        return 0.0
    return float(np.median(high) - np.median(low)) / _APART_SEMITONES


def _longest(marks: list[bool], value: bool) -> int:
    longest = run = 0
    for mark in marks:
        run = run + 1 if mark is value else 0
        longest = max(longest, run)
    return longest


def held_share(pitches: "Pitches") -> float:
    """Share of the voiced frames that belong to notes: pitch that stands still for 200 ms, as hardly ever in speech."""
    voiced = pitches > 0
    if int(voiced.sum()) < _HELD:
        return 0.0
    semitones = 12 * np.log2(np.where(voiced, pitches, 1.0))
    windows = np.lib.stride_tricks.sliding_window_view(np.where(voiced, semitones, np.nan), _HELD)
    still = windows.max(axis=1) - windows.min(axis=1) < _HELD_SEMITONES
    held = np.convolve(still, np.ones(_HELD), "full")[: len(pitches)] > 0
    return float((held & voiced).sum() / voiced.sum())
