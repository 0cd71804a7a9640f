"""An examination from file to file: decode, measure, judge, mend, write."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ttsd.audio.reference.activity import HOP, HOP_S, Activity, activity
from ttsd.audio.reference.decoding import read_recording
from ttsd.audio.reference.findings import findings
from ttsd.audio.reference.mixing import Mixed, at_inner_rate, mono
from ttsd.audio.reference.recording import Recording
from ttsd.audio.reference.repair import Step, levelled, trimmed, with_tail, without_offset
from ttsd.audio.reference.writing import write_clip
from ttsd.protocol.hearing import ClipFacts, Report
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples


class Outcome(NamedTuple):
    """The report, and the mended clip that lies on the disk now."""

    report: Report
    samples: int
    sha256: str


def examine(source: Path, target: Path, transcript: str, language: str, *, denoise: bool) -> Outcome:
    """Examine the clip at `source` and write the mended one to `target`; the same input gives the same bytes.

    Raises BadRequest, TooLarge (see `read_recording`), and OSError when `target` cannot be written.
    """
    recording = read_recording(source)
    mixed = mono(recording.samples)
    samples = at_inner_rate(mixed.samples, recording.rate_hz)
    offset = float(np.mean(samples, dtype=np.float64))
    heard = activity(samples - np.float32(offset))
    facts = _facts(recording, samples, offset, heard)
    mended, repairs = _mended(recording, mixed, samples, heard, facts)
    sha256 = write_clip(target, mended)
    return Outcome(Report(facts, findings(facts), repairs), len(mended), sha256)


def _facts(recording: Recording, samples: "Samples", offset: float, heard: Activity) -> ClipFacts:
    span = heard.span
    level_db = heard.level_db[heard.speech]
    peak = float(np.abs(recording.samples).max())
    return ClipFacts(
        container=recording.container,
        codec=recording.codec,
        sample_rate_hz=recording.rate_hz,
        channels=recording.samples.shape[1],
        duration_s=recording.duration_s,
        speech_s=float(heard.speech.sum()) * HOP_S,
        leading_silence_s=span.start * HOP_S,
        trailing_silence_s=max(0.0, (len(samples) - span.stop * HOP) / SAMPLE_RATE_HZ),
        peak_dbfs=float(20 * np.log10(peak)) if peak else None,
        level_dbfs=float(10 * np.log10(np.mean(10 ** (level_db / 10)))) if len(level_db) else None,
        offset_percent=offset * 100,
    )


def _mended(
    recording: Recording, mixed: Mixed, samples: "Samples", heard: Activity, facts: ClipFacts
) -> tuple["Samples", tuple[str, ...]]:
    done = [mixed.repair]
    if recording.rate_hz != SAMPLE_RATE_HZ:
        done.append(f"resampled from {recording.rate_hz} Hz to {SAMPLE_RATE_HZ} Hz")
    step = without_offset(samples, facts.offset_percent / 100)
    done.append(step.done)
    works: tuple[Callable[[Samples], Step], ...] = (
        partial(trimmed, found=heard),
        partial(levelled, level_dbfs=facts.level_dbfs),
        with_tail,
    )
    for work in works:
        step = work(step.samples)
        done.append(step.done)
    return step.samples, tuple(text for text in done if text)
