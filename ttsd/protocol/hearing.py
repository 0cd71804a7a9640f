"""Messages between the daemon and the process that examines reference clips, and the report it makes."""

from typing import Final, Literal

import msgspec

from ttsd.protocol.prep import PrepFailed, PrepPing, PrepPong

LARGEST_CLIP_BYTES: Final = 64 * 2**20
"""Of a file; a minute of stereo at 96 kHz and 24 bits has 35 MB."""
LONGEST_CLIP_S: Final = 600
"""Longer sound is refused before it is decoded to its end."""
LONGEST_REFERENCE_S: Final = 60
"""What engines take of a clip: a minute is 750 frames of every prompt, and more makes speech slower, and no better."""
UNKNOWN_FRAMES: Final = 2**63 - 1
"""What libsndfile (SF_COUNT_MAX) says of the length of a FLAC whose header does not know it: it was streamed."""
READ_BY_ENGINES: Final = frozenset({"WAV", "WAVEX", "FLAC", "OGG", "MP3"})
"""Containers; of other kinds of clip the doctor's FLAC is used."""

Level = Literal["note", "warning", "fault"]
"""`note`: good to know. `warning`: it will be heard. `fault`: a voice made of this cannot be trusted."""


class Examine(msgspec.Struct, frozen=True, tag="examine"):
    """Examine the clip at `source` with what is said in it, and write the mended one to `target`, as FLAC.

    Without `mend` that has the same sound, in one channel at the inner rate: a file of ours for one of anybody's.
    """

    id: int
    source: str
    target: str
    transcript: str = ""
    language: str = "auto"
    denoise: bool = False
    mend: bool = True


class Decode(msgspec.Struct, frozen=True, tag="decode"):
    """Write the sound of the clip at `source` to `target`: a WAV, 24 kHz, mono, 16 bits."""

    id: int
    source: str
    target: str


class ReadReference(msgspec.Struct, frozen=True, tag="read_reference"):
    """Write what an engine hears of the clip at `source` to `target`: see `ttsd.audio.reference.plain`."""

    id: int
    source: str
    target: str


class ClipFacts(msgspec.Struct, frozen=True):
    """What was measured in a clip as it came. `None`: it could not be measured."""

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    duration_s: float
    truncated: bool = False
    """The file ends before the sound that it promises."""
    speech_s: float = 0.0
    """From the first sound of speech to the last one, without pauses."""
    leading_silence_s: float = 0.0
    trailing_silence_s: float = 0.0
    peak_dbfs: float | None = None
    level_dbfs: float | None = None
    """Of the speech alone, RMS."""
    clipped_ms: float = 0.0
    clipped_percent: float = 0.0
    """Of the time of speech."""
    offset_percent: float = 0.0
    """Mean of all samples (DC), of full scale."""
    snr_db: float | None = None
    """Speech against noise, from the first sound of speech to the last one, pauses included; from 0 to 60."""
    hum_hz: int = 0
    """50 or 60; 0: none."""
    hum_db: float | None = None
    """Against the speech: -20 is loud, -40 is hardly heard."""
    bandwidth_hz: int | None = None
    """Up to here there is sound of the voice."""
    decay_s: float | None = None
    """Time in which sound falls by 60 dB after words: long in echoing rooms. A hint."""
    pitch_hz: float | None = None
    """Median."""
    voiced_percent: float = 0.0
    """Share of the speech that has a pitch: half and more; of noise, nothing."""
    held_percent: float = 0.0
    """Share of this whose pitch stands still, as in music."""
    starts_in_speech: bool = False
    ends_in_speech: bool = False
    """The clip is cut within a word."""
    speakers_apart: float | None = None
    """How far the two groups that differ most in pitch are apart; above 1 two speakers are likely."""
    heard_syllables: int = 0
    """Counted in the sound; one in four or so goes unnoticed."""
    syllables: int = 0
    """Of the transcript as it is said; characters in Chinese and Korean, morae in Japanese."""
    syllables_per_s: float | None = None
    """Of the transcript, in `speech_s`."""
    covered: float | None = None
    """How much of the speech the transcript can account for, by pace and by syllables heard: 1 is usual."""
    script_fits: bool = True
    """Whether the transcript is written in the script of the language asked for."""
    language: str = ""
    """The one by which the transcript was judged: as asked, or found in it."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is worth saying about a clip."""

    code: str
    """Stable; `docs/voice-doctor.md` lists all."""
    level: Level
    message: str
    """One plain sentence."""
    remedy: str
    """What to do; empty where the repair has done it."""
    value: float | None = None
    unit: str = ""


class Report(msgspec.Struct, frozen=True):
    """What was found in a clip, the worst first, and what was done to the mended copy."""

    facts: ClipFacts
    findings: tuple[Finding, ...] = ()
    repairs: tuple[str, ...] = ()
    """Sentences, in the order of the work."""

    @property
    def sound(self) -> bool:
        """Whether nothing stands against making a voice of it."""
        return all(finding.level != "fault" for finding in self.findings)


class Examined(msgspec.Struct, frozen=True, tag="examined"):
    """`target` is complete and on the disk: FLAC, 24 kHz, mono, 16 bits."""

    id: int
    report: Report
    samples: int
    """Of the target, its silent tail included."""
    sha256: str
    """Of the target's bytes."""


class Decoded(msgspec.Struct, frozen=True, tag="decoded"):
    """`target` is complete."""

    id: int
    samples: int


class ReferenceRead(msgspec.Struct, frozen=True, tag="reference_read"):
    """`target` is complete and on the disk."""

    id: int
    samples: int
    """At the inner rate."""
    sha256: str
    """Of the target's bytes."""


ToListener = Examine | Decode | ReadReference | PrepPing
FromListener = Examined | Decoded | ReferenceRead | PrepFailed | PrepPong
