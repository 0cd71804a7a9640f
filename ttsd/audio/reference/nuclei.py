"""Syllables heard: peaks of the level that a dip comes before, where there is voice.

After N. de Jong and T. Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically",
Behavior Research Methods 41(2), 2009.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.audio.reference.spectrum import bin_of

if TYPE_CHECKING:
    from ttsd.audio.reference.activity import Marks
    from ttsd.audio.reference.pitch import Pitches
    from ttsd.audio.reference.spectrum import Power

_DIP_DB: Final = 2.0
_RANGE_DB: Final = 25.0
"""Below the loud ones: what is quieter is no nucleus."""
_BAND_HZ: Final = (250.0, 3_500.0)


def heard_syllables(power: "Power", pitches: "Pitches", speech: "Marks") -> int:
    """How many nuclei there are in `power` [frames, 257]."""
    band = power[:, bin_of(_BAND_HZ[0]) : bin_of(_BAND_HZ[1])].sum(axis=1, dtype=np.float64)
    level_db = 10 * np.log10(np.convolve(np.pad(band, 2, mode="edge"), np.full(5, 0.2), "valid") + 1e-12)
    threshold_db = float(np.percentile(level_db, 99)) - _RANGE_DB
    voiced = (pitches > 0) & speech[: len(pitches)]
    return sum(bool(level_db[at] > threshold_db and voiced[at]) for at in _tops(level_db))


def _tops(level_db: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> list[int]:
    """Frames of peaks with a dip of `_DIP_DB` on both sides, up to the next peak or an end."""
    tops: list[int] = []
    top, bottom, rising = 0, 0, True
    values = level_db.tolist()
    for at, value in enumerate(values):
        if rising:
            if value > values[top]:
                top = at
            elif value < values[top] - _DIP_DB:
                tops.append(top)
                bottom, rising = at, False
        elif value < values[bottom]:
            bottom = at
        elif value > values[bottom] + _DIP_DB:
            top, rising = at, True
    return tops
