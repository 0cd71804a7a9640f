"""The noise under the speech: its spectrum, and how far it lies below.

First the low quantile of each band over time: speech leaves every band often, so that a tenth of the frames holds noise
alone, even where nobody pauses (after R. Martin, "Noise power spectral density estimation based on optimal smoothing
and minimum statistics", IEEE Trans. Speech Audio Process. 9(5), 2001; a quantile instead of the minimum: V. Stahl
et al., "Quantile based noise estimation", ICASSP 2000). Then the mean of the frames that are no louder than that,
which also holds for noise that rises and falls, as babble does.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.spectrum import Power

_QUANTILE: Final = 0.1
_SMOOTH: Final = 5
"""Frames."""
_BIAS: Final = 0.475
"""The tenth quantile of five smoothed frames of Gaussian noise, of their mean: measured, on white noise."""
_ROUNDS: Final = 2
_FEWEST: Final = 6
"""Frames that a mean is taken of."""
CLEAN_DB: Final = 60.0
"""More is not told from silence."""


class Noise(NamedTuple):
    """What is heard when nobody speaks."""

    spectrum: "NDArray[np.float64]"
    """[257] power in each band"""
    snr_db: float
    """Mean power of the speech over the span, pauses included, above that of the noise; 0 to `CLEAN_DB`."""


def noise_under(power: "Power", span: slice) -> Noise:
    """The noise in `power` [frames, 257], against the speech in the frames `span` (not empty)."""
    spectrum = np.quantile(_smoothed(power), _QUANTILE, axis=0).astype(np.float64) / _BIAS
    level = power.sum(axis=1, dtype=np.float64)
    smooth = _smoothed(level[:, np.newaxis])[:, 0]
    total = float(level[span].mean())
    for _ in range(_ROUNDS):
        quiet = smooth < spectrum.sum() * 10 ** (_reach_db(_snr_db(total, float(spectrum.sum()))) / 10)
        if int(quiet.sum()) < _FEWEST:
            break
        spectrum = power[quiet].mean(axis=0, dtype=np.float64)
    return Noise(spectrum, _snr_db(total, float(spectrum.sum())))


def _reach_db(snr_db: float) -> float:
    """How much louder than the estimate a frame may be and still be noise: the more, the further away the speech is."""
    return min(2.0 + 0.06 * snr_db, 4.0)


def _snr_db(total: float, noise: float) -> float:
    speech = max(total - noise, 1e-12)
    return float(np.clip(10 * np.log10(speech / max(noise, 1e-12)), 0.0, CLEAN_DB))


def _smoothed(values: "NDArray[np.floating]") -> "NDArray[np.floating]":
    """[frames, bands] → the same, each the mean of `_SMOOTH` frames around it, fewer at the ends."""
    half = _SMOOTH // 2
    total = np.cumsum(np.pad(values, ((half + 1, half), (0, 0))), axis=0, dtype=np.float64)
    ones = np.cumsum(np.pad(np.ones(len(values)), (half + 1, half)))
    return (total[_SMOOTH:] - total[:-_SMOOTH]) / (ones[_SMOOTH:] - ones[:-_SMOOTH])[:, np.newaxis]
