"""From the channels of a recording to one, and to the rate that everything inside has."""

import math
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import numpy as np

from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

_DEAD_DB: Final = 20.0
"""A channel so far below the best one adds its noise and half the level."""


class Mixed(NamedTuple):
    """One channel, and what was done for it; empty when there was one."""

    samples: "Samples"
    """[n] float32"""
    repair: str = ""


def mono(samples: "Samples") -> Mixed:
    """[n, channels] → [n]: the mean of the channels that carry the voice; of two that cancel each other, the louder."""
    channels = samples.shape[1]
    if channels == 1:
        return Mixed(samples[:, 0])
    power = np.var(samples, axis=0, dtype=np.float64)
    best = int(np.argmax(power))
    alive = np.flatnonzero(power > power[best] * 10 ** (-_DEAD_DB / 10))
    if len(alive) < 2:
        return Mixed(samples[:, best], f"took channel {best + 1} of {channels}: the others are silent")
    mean = samples[:, alive].mean(axis=1)
    if float(np.var(mean, dtype=np.float64)) < power[best] / 4:
        return Mixed(samples[:, best], f"took channel {best + 1} of {channels}: mixed, they cancel each other")
    return Mixed(mean, f"mixed {len(alive)} of {channels} channels down to one")


def at_inner_rate(samples: "Samples", rate_hz: int) -> "Samples":
    """[n] at `rate_hz` → [⌈n · 24000 / rate⌉] at 24 kHz, by soxr's linear-phase filter of high quality."""
    if rate_hz == SAMPLE_RATE_HZ:
        return samples
    import soxr

    length = math.ceil(len(samples) * SAMPLE_RATE_HZ / rate_hz)
    converted = cast("Samples", soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ, quality="HQ"))[:length]
    return np.pad(converted, (0, length - len(converted))).astype(np.float32, copy=False)
