"""Echo of a room: how fast the level falls at the most, where the voice stops.

A voice stops at once, a room never does: in one that echoes for T seconds no fall is steeper than 60 dB in T (after
H. Löllmann et al., "An improved algorithm for blind reverberation time estimation", IWAENC 2010, which fits such falls
too). It is a hint, no measurement of a room.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.audio.reference.activity import HOP_S

if TYPE_CHECKING:
    from ttsd.audio.reference.activity import Levels

_LENGTH: Final = 16
"""Frames that a line is fitted to."""
_STEEPEST: Final = 0.02
"""The quantile of all slopes that is told."""
_FEWEST: Final = 100
_ABOVE_FLOOR_DB: Final = 3.0


def decay_s(level_db: "Levels", floor_db: float) -> float | None:
    """Time for 60 dB, by the steep falls in `level_db` [frames] that end above `floor_db`; `None`: too few frames."""
    if len(level_db) < _LENGTH + _FEWEST:
        return None
    smooth = np.convolve(np.pad(level_db, 1, mode="edge"), np.full(3, 1 / 3), "valid")
    ramp = np.arange(_LENGTH) - (_LENGTH - 1) / 2
    slopes = np.convolve(smooth, ramp[::-1] / np.sum(ramp**2), "valid") / HOP_S
    told = slopes[smooth[_LENGTH - 1 :] > floor_db + _ABOVE_FLOOR_DB]
    if len(told) < _FEWEST:
        return None
    steep = float(np.quantile(told, _STEEPEST))
    return 60.0 / -steep if steep < -1.0 else None
