"""Clipping: waves cut off flat at the same height, again and again."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples

_FLAT: Final = 0.9995
"""Of the peak: two steps of 12 bits."""
_RUN: Final = 3
"""Samples in a row at the peak: fewer are a wave's own top."""
_FEWEST_RUNS: Final = 4
"""A single flat top is chance."""
_QUIETEST_PEAK: Final = 0.05
"""Below this, steps of quantisation look like flat tops."""


def clipped_samples(samples: "Samples") -> int:
    """How many of `samples` [n, channels], as they were recorded, are cut off; of the channel with the most."""
    return max(_in_channel(samples[:, channel]) for channel in range(samples.shape[1]))


def _in_channel(samples: "Samples") -> int:
    high, low = float(samples.max()), float(samples.min())
    runs = np.concatenate(
        [_runs(side * samples >= _FLAT * top) for side, top in ((1, high), (-1, -low)) if top > _QUIETEST_PEAK]
        or [np.zeros(0, np.int64)]
    )
    return int(runs.sum()) if len(runs) >= _FEWEST_RUNS else 0


def _runs(marks: "NDArray[np.bool_]") -> "NDArray[np.int64]":
    """Lengths of the runs of at least `_RUN`."""
    edges = np.diff(np.concatenate(([0], marks.view(np.int8), [0])))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return lengths[lengths >= _RUN]
