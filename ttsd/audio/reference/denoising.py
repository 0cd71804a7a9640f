"""Gentle removal of steady noise: a Wiener gain for each band and moment, never below -14 dB.

The ratio of speech to noise is followed by the decision-directed rule of Y. Ephraim and D. Malah, "Speech enhancement
using a minimum mean-square error short-time spectral amplitude estimator", IEEE Trans. ASSP 32(6), 1984, which keeps
the rest of the noise from chirping.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.audio.reference.spectrum import WINDOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples

_HOP: Final = WINDOW // 4
_MEMORY: Final = 0.96
_LEAST_GAIN: Final = 0.2
_LEAST_RATIO: Final = 1e-3


def denoised(samples: "Samples", noise: "NDArray[np.float64]") -> "Samples":
    """[n] → [n] with less of the noise whose power spectrum is `noise` [257] (see `noise_under`)."""
    window = np.sqrt(np.hanning(WINDOW + 1)[:-1])
    padded = np.pad(samples, (WINDOW, 2 * WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::_HOP]
    spectra = np.fft.rfft(frames * window, axis=1)
    spectra *= _gains(spectra, noise * WINDOW * float(np.sum(window**2)))
    pieces = np.fft.irfft(spectra, axis=1) * window
    whole = np.zeros(len(padded) + WINDOW)
    for part in range(4):  # every fourth frame meets the one before it without overlap
        own = pieces[part::4].reshape(-1)
        whole[part * _HOP : part * _HOP + len(own)] += own
    return (whole[WINDOW : WINDOW + len(samples)] / 2).astype(np.float32)


def _gains(spectra: "NDArray[np.complexfloating]", noise: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """[frames, 257]"""
    ratios = np.abs(spectra) ** 2 / (noise + 1e-12)
    gains = np.empty_like(ratios)
    clean = np.ones(spectra.shape[1])
    for at, ratio in enumerate(ratios):
        prior = np.maximum(_MEMORY * clean + (1 - _MEMORY) * np.maximum(ratio - 1.0, 0.0), _LEAST_RATIO)
        gain = np.maximum(prior / (1.0 + prior), _LEAST_GAIN)
        clean = gain**2 * ratio
        gains[at] = gain
    return gains
