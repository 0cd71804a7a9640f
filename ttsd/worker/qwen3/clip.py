"""Reading a reference clip: mono, float32, 24 kHz, and fit to clone a voice from."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import numpy as np

from ttsd.audio.reference.fitness import ADVISED_S, SILENT_SPAN, check_fit, unfit
from ttsd.audio.reference.mixing import at_inner_rate
from ttsd.audio.reference.plain import plain_samples
from ttsd.protocol.hearing import LONGEST_REFERENCE_S, UNKNOWN_FRAMES
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

TAIL_S: Final = 0.5
"""Silence after a clip, so that its last sound does not leak into the first word."""

_RATES: Final = range(8_000, 384_001)


class Clip(msgspec.Struct, frozen=True, eq=False):
    """A clip as the model hears it."""

    samples: "Samples"
    """[n] float32, mono, 24 kHz, full scale 1.0"""

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ


def read_clip(source: Path | bytes) -> Clip:
    """Read a file, or its content: WAV, FLAC, Ogg or MP3 of any rate; channels are averaged.

    What the daemon had decoded for us (`ttsd.audio.reference.plain`) goes through no decoder here.
    A mono clip at 24 kHz is used as it is, sample for sample. Raises BadRequest (`ref_audio`) when the clip cannot be
    read, or is too short, too long, silent, or out of range; a long one is refused before it is decoded to its end.
    """
    plain = plain_samples(source) if isinstance(source, bytes) else None
    rate, samples = _decoded(source) if plain is None else (SAMPLE_RATE_HZ, plain)
    check_fit(samples, rate)
    return Clip(at_inner_rate(samples, rate))


def with_silence(clip: Clip, seconds: float = TAIL_S) -> Clip:
    """The clip, made to end with so much silence; what is there already counts."""
    heard = np.flatnonzero(np.abs(clip.samples) > SILENT_SPAN / 2)
    quiet = len(clip.samples) - 1 - int(heard[-1]) if len(heard) else 0
    missing = max(0, round(seconds * SAMPLE_RATE_HZ) - quiet)
    return Clip(np.concatenate((clip.samples, np.zeros(missing, np.float32))))


def _decoded(source: Path | bytes) -> tuple[int, "Samples"]:
    import soundfile

    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with soundfile.SoundFile(stream) as file:
            return int(file.samplerate), _mono(file)
    except (soundfile.SoundFileError, OSError) as error:
        raise unfit(f"cannot be read ({error}); send WAV, FLAC, Ogg or MP3") from error


def _mono(file: Any) -> "Samples":
    """[n] float32 at the file's own rate. What a header says of the length is only believed when it says too much."""
    rate, most = int(file.samplerate), LONGEST_REFERENCE_S * int(file.samplerate)
    if rate not in _RATES:
        raise unfit(f"has {rate} samples a second; {_RATES[0]} to {_RATES[-1]} can be used")
    blocks: list[Samples] = []
    count = 0 if file.frames <= most else int(file.frames)
    if file.frames == UNKNOWN_FRAMES:
        count, file.seekable = 0, lambda: False  # soundfile seeks after each read, and its end cannot be sought
    # soundfile seeks after each read, and an MP3 decoder stumbles over that: an MP3 is read at once.
    for block in _blocks(file, rate if file.format != "MP3" else LONGEST_REFERENCE_S * rate + 1):
        count += len(block)
        if count > most:
            raise unfit(
                f"is longer than {LONGEST_REFERENCE_S} s; cut it to {ADVISED_S} to 30 s, and its transcript too"
            )
        blocks.append(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _blocks(file: Any, size: int) -> Iterator["Samples"]:
    """Blocks of [frames, channels]."""
    while len(block := cast("Samples", file.read(size, dtype="float32", always_2d=True))):
        yield block
