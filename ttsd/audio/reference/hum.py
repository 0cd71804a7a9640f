"""Mains hum: steady narrow lines at 50 or 60 Hz and their multiples, which no voice holds."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples

    Lines = NDArray[np.float64]

_MAINS_HZ: Final = (50, 60)
_HARMONICS: Final = 8
_WINDOW: Final = SAMPLE_RATE_HZ
"""A second: bins of 1 Hz."""
_CLEAR: Final = 5.0
"""A line has five times the power of what lies beside it in the median second, and is there in the worst."""
_STRONG: Final = 8.0
"""The lowest line counts alone: no voice is so deep."""
_THERE: Final = 1.5
_TOP_HZ: Final = 60 * _HARMONICS + 30


class Hum(NamedTuple):
    """None: `mains_hz` 0, and no power."""

    mains_hz: int
    power: float
    """Mean square of all its lines."""


def hum_in(samples: "Samples") -> Hum:
    """The hum in `samples` [n], 24 kHz; clips below 1.5 s are too short to tell it from a voice."""
    if len(samples) < _WINDOW * 3 // 2:
        return Hum(0, 0.0)
    seconds = _low_spectra(samples)
    found = [_mains(seconds, mains_hz) for mains_hz in _MAINS_HZ]
    return max(found, key=lambda hum: hum.power)


def _low_spectra(samples: "Samples") -> "Lines":
    """[seconds, 510]: power at each Hz, of seconds that overlap by half."""
    starts = range(0, len(samples) - _WINDOW + 1, _WINDOW // 2)
    window = np.hanning(_WINDOW + 1)[:-1]
    scale = _WINDOW * float(np.sum(window**2)) / 2
    spectra = [np.abs(np.fft.rfft(samples[start : start + _WINDOW] * window)[:_TOP_HZ]) ** 2 for start in starts]
    return np.stack(spectra) / scale


def _mains(seconds: "Lines", mains_hz: int) -> Hum:
    lines = [_line(seconds, mains_hz * number) for number in range(1, _HARMONICS + 1)]
    clear = [line for line in lines if line.prominence >= _CLEAR]
    if len(clear) < 2 and lines[0].prominence < _STRONG:
        return Hum(0, 0.0)
    return Hum(mains_hz, sum(line.power for line in clear))


class _Line(NamedTuple):
    prominence: float
    power: float


def _line(seconds: "Lines", hz: int) -> _Line:
    """Power at `hz`, give or take the window's width, over that beside it; what comes and goes is no line."""
    line = seconds[:, hz - 1 : hz + 2].sum(axis=1)
    beside = np.concatenate((seconds[:, hz - 12 : hz - 3], seconds[:, hz + 4 : hz + 13]), axis=1)
    around = 3 * np.median(beside, axis=1) + 1e-15
    least, usual = np.quantile(line / around, (0.1, 0.5)).tolist()
    return _Line(usual if least >= _THERE else 0.0, float(np.quantile(line, 0.2)))
