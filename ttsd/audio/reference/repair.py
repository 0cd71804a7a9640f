"""What can be mended without asking: each step says what it did, or does nothing."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ttsd.audio.reference.activity import HOP, Activity
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

MARGIN_S: Final = 0.15
"""Left before the first sound and after the last: breath and decay belong to a voice."""
TAIL_S: Final = 0.5
"""Silence after a clip, so that its last sound does not leak into the first word."""
LEVEL_DBFS: Final = -23.0
"""RMS of the speech: what models are trained on, with room for peaks."""
CEILING_DBFS: Final = -1.0
_FADE_S: Final = 0.01


class Step(NamedTuple):
    """A clip after one repair; `done` is empty when there was nothing to do."""

    samples: "Samples"
    done: str = ""


def without_offset(samples: "Samples", offset: float) -> Step:
    """Centred on zero, when it is off by more than 0.1 % of full scale."""
    if abs(offset) < 0.001:
        return Step(samples)
    return Step((samples - np.float32(offset)).astype(np.float32), f"removed an offset of {offset:.1%} of full scale")


def without_hum(samples: "Samples", mains_hz: int) -> Step:
    """Without what lies below `mains_hz` and a little above; the phase of the rest is as it was. 0: no hum."""
    if not mains_hz:
        return Step(samples)
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    rise = np.clip((hz - mains_hz - 5) / 20, 0.0, 1.0)
    spectrum *= (0.5 - 0.5 * np.cos(np.pi * rise)).astype(np.float32)
    return Step(
        np.fft.irfft(spectrum, len(samples)).astype(np.float32),
        f"filtered out the hum's {mains_hz} Hz and what is below",
    )


def trimmed(samples: "Samples", found: Activity) -> Step:
    """Without the silence at both ends, but for `MARGIN_S`."""
    span, margin = found.span, round(MARGIN_S * SAMPLE_RATE_HZ)
    if span.stop == span.start:
        return Step(samples)
    start = max(0, span.start * HOP - margin)
    end = min(len(samples), span.stop * HOP + margin)
    cut_s = (len(samples) - (end - start)) / SAMPLE_RATE_HZ
    if cut_s < 0.05:
        return Step(samples)
    return Step(samples[start:end], f"trimmed {cut_s:.2f} s of silence from the ends")


def levelled(samples: "Samples", level_dbfs: float | None) -> Step:
    """Speech at `LEVEL_DBFS`, as far as no peak goes over `CEILING_DBFS`."""
    peak = float(np.abs(samples).max(initial=0.0))
    if level_dbfs is None or not peak:
        return Step(samples)
    gain_db = min(LEVEL_DBFS - level_dbfs, CEILING_DBFS - 20 * np.log10(peak))
    if abs(gain_db) < 1.0:
        return Step(samples)
    louder = (samples * np.float32(10 ** (gain_db / 20))).astype(np.float32)
    return Step(louder, f"{'raised' if gain_db > 0 else 'lowered'} the level by {abs(gain_db):.1f} dB")


def with_tail(samples: "Samples") -> Step:
    """Edges without a click, and `TAIL_S` of silence."""
    fade = round(_FADE_S * SAMPLE_RATE_HZ)
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    faded = samples.copy()
    if len(faded) >= 2 * fade:
        faded[:fade] *= ramp
        faded[-fade:] *= ramp[::-1]
    tail = np.zeros(round(TAIL_S * SAMPLE_RATE_HZ), np.float32)
    return Step(np.concatenate((faded, tail)), f"added {TAIL_S:g} s of silence at the end")
