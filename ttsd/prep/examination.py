"""An examination from file to file: decode, measure, judge, mend, write."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ttsd.audio.files import WavWriter
from ttsd.audio.reference.decoding import read_recording
from ttsd.audio.reference.findings import findings
from ttsd.audio.reference.fitness import check_fit
from ttsd.audio.reference.measuring import Measured, measured
from ttsd.audio.reference.mending import mended
from ttsd.audio.reference.mixing import at_inner_rate, mono
from ttsd.audio.reference.plain import write_plain
from ttsd.audio.reference.recording import Recording
from ttsd.audio.reference.writing import pcm_16, write_clip
from ttsd.protocol.hearing import LONGEST_REFERENCE_S, ClipFacts, Finding, Report
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.text.language import AUTO
from ttsd.text.pace import covered, syllables, written_in

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples


class Outcome(NamedTuple):
    """The report, and the mended clip that lies on the disk now."""

    report: Report
    samples: int
    sha256: str


class ReferenceSound(NamedTuple):
    """What lies on the disk now."""

    samples: int
    sha256: str


class Diagnosis(NamedTuple):
    """What is known of a clip before it is mended."""

    samples: "Samples"
    """[n] at the inner rate, in one channel"""
    measured: Measured
    """Its facts know the transcript too."""
    done: tuple[str, ...]
    """What was done to have them so."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the facts mean."""
        return findings(self.measured.facts)


def examine(source: Path, target: Path, transcript: str, language: str, *, denoise: bool, mend: bool = True) -> Outcome:
    """Examine the clip at `source` and write the mended one to `target`; the same input gives the same bytes.

    Without `mend` its sound stays as it is; a file that this wrote gives the same bytes then.

    Raises BadRequest, TooLarge (see `read_recording`), and OSError when `target` cannot be written.
    """
    found = diagnosed(read_recording(source), transcript, language)
    samples, repairs = mended(found.samples, found.measured, denoise=denoise) if mend else (found.samples, ())
    report = Report(found.measured.facts, found.findings, (*found.done, *repairs))
    return Outcome(report, len(samples), write_clip(target, samples))


def decode(source: Path, target: Path) -> int:
    """Write the sound of the clip at `source` to `target`, a WAV at the inner rate; how many samples it has.

    Raises as `examine` does.
    """
    recording = read_recording(source)
    samples = at_inner_rate(mono(recording.samples).samples, recording.rate_hz)
    with WavWriter(target) as file:
        file.write(pcm_16(samples).tobytes())
    return len(samples)


def read_reference(source: Path, target: Path) -> ReferenceSound:
    """Write what an engine hears of the clip at `source` to `target`; of a mono one at 24 kHz, each sample as it is.

    Raises BadRequest, TooLarge, and OSError when `target` cannot be written.
    """
    recording = read_recording(source, LONGEST_REFERENCE_S)
    mixed = mono(recording.samples).samples
    check_fit(mixed, recording.rate_hz)
    samples = at_inner_rate(mixed, recording.rate_hz)
    return ReferenceSound(len(samples), write_plain(target, samples))


def diagnosed(recording: Recording, transcript: str, language: str) -> Diagnosis:
    """Measure and judge; `language` is a code, `auto` or empty."""
    mixed = mono(recording.samples)
    samples = at_inner_rate(mixed.samples, recording.rate_hz)
    found = measured(recording, samples)
    facts = with_words(found.facts, transcript, language or AUTO)
    resampled = f"resampled from {recording.rate_hz} Hz to {SAMPLE_RATE_HZ} Hz"
    done = (mixed.repair, "" if recording.rate_hz == SAMPLE_RATE_HZ else resampled)
    return Diagnosis(samples, found._replace(facts=facts), tuple(text for text in done if text))


def with_words(facts: ClipFacts, transcript: str, language: str) -> ClipFacts:
    """The facts, and what `transcript` adds to them."""
    said, found = syllables(transcript, language)
    if language != AUTO:
        found = language
    if not said:
        return msgspec.structs.replace(facts, script_fits=not transcript.strip(), language=found)
    share = covered(said, facts.speech_s, facts.heard_syllables, found)
    return msgspec.structs.replace(
        facts,
        syllables=said,
        syllables_per_s=round(said / facts.speech_s, 2) if facts.speech_s else None,
        covered=None if share is None else round(share, 2),
        script_fits=written_in(transcript, found),
        language=found,
    )
