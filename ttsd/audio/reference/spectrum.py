"""Short-time power spectra, 10 ms apart, beside the frames of `activity`."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.audio.reference.activity import HOP
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples

    Power = NDArray[np.float32]

WINDOW: Final = 512
"""21 ms"""
BIN_HZ: Final = SAMPLE_RATE_HZ / WINDOW


def power_spectra(samples: "Samples") -> "Power":
    """[n] → [⌈n / HOP⌉, 257]: power of each frame in each band of 47 Hz, by a Hann window around the frame's middle.

    The mean over the frames, summed over the bands, is about half the mean square of the samples.
    """
    count = -(-len(samples) // HOP)
    before = (WINDOW - HOP) // 2
    padded = np.pad(samples, (before, count * HOP + WINDOW - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: count * HOP : HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    spectra = np.fft.rfft(frames * window, axis=1)
    scale = WINDOW * float(np.sum(window**2))
    return ((spectra.real**2 + spectra.imag**2) / scale).astype(np.float32)


def bin_of(hz: float) -> int:
    """The band that `hz` lies in."""
    return round(hz / BIN_HZ)


def decibels(power: float) -> float:
    """Of a power; -120 for none."""
    return float(10 * np.log10(max(power, 1e-12)))
