"""All that is measured in a clip, at the inner rate and in one channel."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ttsd.audio.reference.activity import HOP_S, Activity, activity
from ttsd.audio.reference.bandwidth import bandwidth_hz
from ttsd.audio.reference.clipping import clipped_samples
from ttsd.audio.reference.hum import Hum, hum_in
from ttsd.audio.reference.noise import Noise, noise_under
from ttsd.audio.reference.nuclei import heard_syllables
from ttsd.audio.reference.pitch import pitches_hz
from ttsd.audio.reference.recording import Recording
from ttsd.audio.reference.reverb import decay_s
from ttsd.audio.reference.speakers import held_share, speakers_apart
from ttsd.audio.reference.spectrum import decibels, power_spectra
from ttsd.protocol.hearing import ClipFacts
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.pitch import Pitches
    from ttsd.audio.reference.recording import Samples

MEASURED_S: Final = 60
"""What a voice can use at most; of longer clips this much is measured, beside where the speech begins and ends."""
_AT_ONCE: Final = 2
"""Frames between an end of the clip and speech that cannot have begun there."""
_LOUD_DB: Final = 20.0
_CLEAR_DB: Final = 8.0
_ECHO_FROM_DB: Final = 20.0
"""Below this much above the noise, falls end in it before they say anything of the room."""


class Measured(NamedTuple):
    """The facts, and what the repairs need beside them."""

    facts: ClipFacts
    offset: float
    """Mean of all samples."""
    activity: Activity
    noise: Noise | None
    """`None` without speech."""


class _Parts(NamedTuple):
    activity: Activity
    noise: Noise | None
    hum: Hum
    pitches: "Pitches"
    bandwidth_hz: int
    heard: int


def measured(recording: Recording, samples: "Samples") -> Measured:
    """Measure `samples` [n], which `recording` became."""
    offset = float(np.mean(samples, dtype=np.float64))
    centred = samples - np.float32(offset)
    parts = _parts(centred)
    facts = _facts(recording, centred, parts, offset)
    return Measured(facts, offset, parts.activity, parts.noise)


def _parts(samples: "Samples") -> _Parts:
    heard = activity(samples)
    first = samples[: MEASURED_S * SAMPLE_RATE_HZ]
    power, pitches = power_spectra(first), pitches_hz(first)
    span = slice(heard.span.start, min(heard.span.stop, len(power)))
    noise = noise_under(power, span) if span.stop > span.start else None
    return _Parts(
        heard, noise, hum_in(first), pitches, bandwidth_hz(power), heard_syllables(power, pitches, heard.speech)
    )


def _facts(recording: Recording, samples: "Samples", parts: _Parts, offset: float) -> ClipFacts:
    heard, span = parts.activity, parts.activity.span
    peak = float(np.abs(recording.samples).max())
    level_dbfs = _level_dbfs(heard)
    speech_s = float(heard.speech.sum()) * HOP_S
    clipped_s = clipped_samples(recording.samples) / recording.rate_hz
    marks = heard.speech[: len(parts.pitches)]
    spoken = np.where(marks, parts.pitches[: len(marks)], 0.0)
    voiced = spoken[spoken > 0]
    return ClipFacts(
        container=recording.container,
        codec=recording.codec,
        sample_rate_hz=recording.rate_hz,
        channels=recording.samples.shape[1],
        duration_s=round(recording.duration_s, 3),
        truncated=recording.truncated,
        speech_s=round(speech_s, 2),
        leading_silence_s=round(span.start * HOP_S, 2),
        trailing_silence_s=round(max(0.0, len(samples) / SAMPLE_RATE_HZ - span.stop * HOP_S), 2),
        peak_dbfs=round(20 * float(np.log10(peak)), 1) if peak else None,
        level_dbfs=level_dbfs,
        clipped_ms=round(clipped_s * 1000, 2),
        clipped_percent=round(100 * clipped_s / speech_s, 3) if speech_s else 0.0,
        offset_percent=round(offset * 100, 2),
        snr_db=round(parts.noise.snr_db, 1) if parts.noise else None,
        hum_hz=parts.hum.mains_hz,
        hum_db=round(decibels(parts.hum.power) - level_dbfs, 1) if parts.hum.mains_hz and level_dbfs else None,
        bandwidth_hz=parts.bandwidth_hz,
        decay_s=_echo_s(heard, parts.noise),
        pitch_hz=round(float(np.median(voiced)), 1) if len(voiced) else None,
        voiced_percent=round(100 * len(voiced) / max(1, int(marks.sum())), 1),
        held_percent=round(100 * held_share(spoken), 1),
        starts_in_speech=_cut(heard, slice(None, _AT_ONCE), level_dbfs, parts.noise),
        ends_in_speech=_cut(heard, slice(-_AT_ONCE, None), level_dbfs, parts.noise),
        speakers_apart=_rounded(speakers_apart(spoken)),
        heard_syllables=parts.heard,
    )


def _level_dbfs(heard: Activity) -> float | None:
    """RMS of the frames with speech."""
    levels = heard.level_db[heard.speech]
    return round(decibels(float(np.mean(10 ** (levels / 10)))), 1) if len(levels) else None


def _cut(heard: Activity, end: slice, level_dbfs: float | None, noise: Noise | None) -> bool:
    """Whether the frames `end` hold speech of some level, well above the noise."""
    if level_dbfs is None or noise is None:
        return False
    loud_db = max(level_dbfs - _LOUD_DB, decibels(2 * float(noise.spectrum.sum())) + _CLEAR_DB)
    return bool((heard.speech[end] & (heard.level_db[end] > loud_db)).all())


def _echo_s(heard: Activity, noise: Noise | None) -> float | None:
    if noise is None or noise.snr_db < _ECHO_FROM_DB:
        return None
    return _rounded(decay_s(heard.level_db, decibels(2 * float(noise.spectrum.sum()))))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
