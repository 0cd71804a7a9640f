"""Pitch of a voice, frame by frame, by the first strong peak of the normalised autocorrelation.

After P. Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
sampled sound", IFA Proceedings 17, 1993: the autocorrelation of the windowed frame over that of the window.
"""

from typing import TYPE_CHECKING, Final, cast

import numpy as np

from ttsd.audio.reference.activity import HOP
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples

    Pitches = NDArray[np.float64]

_RATE_HZ: Final = 8_000
_HOP: Final = HOP * _RATE_HZ // SAMPLE_RATE_HZ
_WINDOW: Final = 320
"""40 ms: two and a half periods of a deep voice."""
_LOWEST_HZ: Final = 65
_HIGHEST_HZ: Final = 420
_LAGS: Final = slice(_RATE_HZ // _HIGHEST_HZ, _RATE_HZ // _LOWEST_HZ)
_VOICED: Final = 0.6
_FIRST: Final = 0.88
"""Of the highest peak: the first that is nearly as high is the period, later ones are its multiples."""


def pitches_hz(samples: "Samples") -> "Pitches":
    """[n] at 24 kHz → [⌈n / HOP⌉] Hz, 0 where nothing is voiced."""
    import soxr

    count = -(-len(samples) // HOP)
    low = cast("Samples", soxr.resample(samples, SAMPLE_RATE_HZ, _RATE_HZ, quality="MQ"))
    before = (_WINDOW - _HOP) // 2
    padded = np.pad(low, (before, max(0, count * _HOP + _WINDOW - before - len(low))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[: count * _HOP : _HOP]
    likeness = _autocorrelation(frames)[:, _LAGS]
    top = likeness.max(axis=1)
    first = np.argmax(_peaks(likeness) & (likeness >= _FIRST * top[:, np.newaxis]), axis=1)
    hz = _RATE_HZ / (first + _LAGS.start + _between(likeness, first))
    return np.where((top >= _VOICED) & (first > 0), hz, 0.0)


def _between(likeness: "NDArray[np.floating]", at: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """[frames] how far beside the lag `at` the top of the parabola through it and its neighbours lies."""
    rows, inner = np.arange(len(at)), np.clip(at, 1, likeness.shape[1] - 2)
    before, middle, after = (likeness[rows, inner + step] for step in (-1, 0, 1))
    bend = before - 2 * middle + after
    shift = np.where(np.abs(bend) > 1e-9, (before - after) / (2 * np.where(bend == 0, 1, bend)), 0.0)
    return np.clip(shift, -0.5, 0.5)


def _autocorrelation(frames: "Samples") -> "NDArray[np.floating]":
    """[frames, 320] → [frames, lags], 1 for what repeats exactly."""
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    centred = (frames - frames.mean(axis=1, keepdims=True)) * window
    both = np.fft.irfft(np.abs(np.fft.rfft(centred, 1024, axis=1)) ** 2, axis=1)[:, : _LAGS.stop + 1]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 1024)) ** 2)[: _LAGS.stop + 1]
    return (both / (both[:, :1] + 1e-9)) / (own / own[0])


def _peaks(values: "NDArray[np.floating]") -> "NDArray[np.bool_]":
    """[frames, lags] whether a lag is higher than those beside it."""
    inner = (values[:, 1:-1] >= values[:, :-2]) & (values[:, 1:-1] > values[:, 2:])
    return np.pad(inner, ((0, 0), (1, 1)))
