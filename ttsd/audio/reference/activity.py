"""Where in a clip somebody speaks: by the level of short frames above the noise between words."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples

    Levels = NDArray[np.float64]
    Marks = NDArray[np.bool_]

HOP: Final = SAMPLE_RATE_HZ // 100
"""10 ms"""
HOP_S: Final = HOP / SAMPLE_RATE_HZ
FLOOR_DB: Final = -100.0


class Activity(NamedTuple):
    """The frames of a clip, 10 ms each."""

    level_db: "Levels"
    """[frames] RMS in dB of full scale"""
    speech: "Marks"
    """[frames] whether there is speech"""

    @property
    def span(self) -> slice:
        """The frames from the first with speech to the last; empty without speech."""
        found = np.flatnonzero(self.speech)
        return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0, 0)


def levels_db(samples: "Samples") -> "Levels":
    """[n] → [⌈n / HOP⌉], RMS of each 10 ms in dB of full scale, never below `FLOOR_DB`."""
    padded = np.pad(samples, (0, -len(samples) % HOP)).reshape(-1, HOP)
    power = np.mean(np.square(padded, dtype=np.float64), axis=1)
    return np.maximum(10 * np.log10(power + 1e-12), FLOOR_DB)


def activity(samples: "Samples") -> Activity:
    """Frames within 35 dB of the loud ones and clearly above the quiet ones are speech; short gaps belong to it."""
    level_db = levels_db(samples)
    steady_db = _averaged(level_db)
    loud_db, quiet_db = (float(value) for value in np.percentile(steady_db, (95, 5)))
    threshold_db = max(loud_db - 35.0, min(quiet_db + 4.0, loud_db - 4.5), -65.0)
    return Activity(level_db, _smoothed(steady_db > threshold_db))


def _averaged(level_db: "Levels") -> "Levels":
    """The mean power of five frames around each: noise is steadier so."""
    power = np.convolve(np.pad(10 ** (level_db / 10), 2, mode="edge"), np.full(5, 0.2), "valid")
    return 10 * np.log10(power)


def _smoothed(marks: "Marks") -> "Marks":
    """Without gaps shorter than 150 ms, which plosives have too, and without sounds shorter than 60 ms."""
    return _without_runs(_without_runs(marks, 15, value=False), 6, value=True)


def _without_runs(marks: "Marks", shorter_than: int, *, value: bool) -> "Marks":
    """Short runs of `value` turned over; silence at either end is no gap, however short."""
    edges = np.flatnonzero(np.diff(marks)) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(marks)]))
    result = marks.copy()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        at_an_end = start == 0 or end == len(marks)
        if end - start < shorter_than and bool(marks[start]) is value and (value or not at_an_end):
            result[start:end] = not value
    return result
