"""The mended copy of a clip: every safe repair, in order."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from ttsd.audio.reference.denoising import denoised
from ttsd.audio.reference.measuring import MEASURED_S, Measured
from ttsd.audio.reference.noise import Noise
from ttsd.audio.reference.repair import Step, levelled, trimmed, with_tail, without_hum, without_offset
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

_CLEAN_DB: Final = 40.0
"""There is nothing to be won any more."""


def mended(samples: "Samples", found: Measured, *, denoise: bool) -> tuple["Samples", tuple[str, ...]]:
    """`samples` [n], 24 kHz, after the repairs, and what was done."""
    works: tuple[Callable[[Samples], Step], ...] = (
        partial(without_offset, offset=found.offset),
        partial(without_hum, mains_hz=found.facts.hum_hz),
        partial(_without_noise, noise=found.noise if denoise else None),
        partial(trimmed, found=found.activity),
        partial(levelled, level_dbfs=found.facts.level_dbfs),
        with_tail,
    )
    done: list[str] = []
    for work in works:
        step = work(samples)
        samples = step.samples
        done.append(step.done)
    return samples, tuple(text for text in done if text)


def _without_noise(samples: "Samples", noise: Noise | None) -> Step:
    if noise is None or noise.snr_db > _CLEAN_DB or len(samples) > MEASURED_S * SAMPLE_RATE_HZ:
        return Step(samples)
    return Step(
        denoised(samples, noise.spectrum), f"reduced the noise, which was {noise.snr_db:.0f} dB below the speech"
    )
