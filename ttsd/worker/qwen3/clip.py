"""Reading a reference clip: mono, float32, 24 kHz, and fit to clone a voice from."""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import numpy as np

from ttsd.protocol.errors import BadRequest
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

SHORTEST_S: Final = 1.0
ADVISED_S: Final = 3
"""From this length on a clone sounds like its voice."""
LONGEST_S: Final = 60
"""A minute is 750 frames of every prompt with this voice; what is longer makes speech slower, and no better."""
TAIL_S: Final = 0.5
"""Silence after a clip, so that its last sound does not leak into the first word."""

_RATES: Final = range(8_000, 384_001)
_FULL_SCALE: Final = 8.0
"""Float files may exceed 1.0 a little; at integer scale they exceed this by far."""
_SILENT_SPAN: Final = 0.002
"""Peak to peak: 60 dB below full scale. An offset is no sound."""


class Clip(msgspec.Struct, frozen=True, eq=False):
    """A clip as the model hears it."""

    samples: "Samples"
    """[n] float32, mono, 24 kHz, full scale 1.0"""

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ


def read_clip(source: Path | bytes) -> Clip:
    """Read a file, or its content: WAV, FLAC, Ogg or MP3 of any rate; channels are averaged.

    A mono clip at 24 kHz is used as it is, sample for sample. Raises BadRequest (`ref_audio`) when the clip cannot be
    read, or is too short, too long, silent, or out of range; a long one is refused before it is decoded to its end.
    """
    rate, samples = _decoded(source)
    if not len(samples):
        raise _refused("holds no sound; record the voice again")
    if len(samples) < SHORTEST_S * rate:
        need = f"at least {SHORTEST_S:g} s are needed, {ADVISED_S} s or more are advised"
        raise _refused(f"lasts {len(samples) / rate:.2f} s; {need}")
    _check_values(samples)
    return Clip(samples if rate == SAMPLE_RATE_HZ else _resampled(samples, rate))


def with_silence(clip: Clip, seconds: float = TAIL_S) -> Clip:
    """The clip, made to end with so much silence; what is there already counts."""
    heard = np.flatnonzero(np.abs(clip.samples) > _SILENT_SPAN / 2)
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
        raise _refused(f"cannot be read ({error}); send WAV, FLAC, Ogg or MP3") from error


def _mono(file: Any) -> "Samples":
    """[n] float32 at the file's own rate. What a header says of the length is only believed when it says too much."""
    rate, most = int(file.samplerate), LONGEST_S * int(file.samplerate)
    if rate not in _RATES:
        raise _refused(f"has {rate} samples a second; {_RATES[0]} to {_RATES[-1]} can be used")
    blocks: list[Samples] = []
    count = 0 if file.frames <= most else int(file.frames)
    # soundfile seeks after each read, and an MP3 decoder stumbles over that: an MP3 is read at once.
    for block in _blocks(file, rate if file.format != "MP3" else LONGEST_S * rate + 1):
        count += len(block)
        if count > most:
            raise _refused(f"is longer than {LONGEST_S} s; cut it to {ADVISED_S} to 30 s, and its transcript too")
        blocks.append(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _blocks(file: Any, size: int) -> Iterator["Samples"]:
    """Blocks of [frames, channels]."""
    while len(block := cast("Samples", file.read(size, dtype="float32", always_2d=True))):
        yield block


def _check_values(samples: "Samples") -> None:
    if not np.isfinite(samples).all():
        raise _refused("holds samples that are no numbers (NaN or infinite); save it again")
    low, high = float(samples.min()), float(samples.max())
    if max(-low, high) > _FULL_SCALE:
        raise _refused(f"has samples of {max(-low, high):g}, and full scale is 1.0; save it as 16-bit WAV")
    if high - low < _SILENT_SPAN:
        raise _refused("is silent; record the voice again")


def _resampled(samples: "Samples", rate: int) -> "Samples":
    """[n] at `rate` → [⌈n · 24000 / rate⌉] at 24 kHz."""
    import soxr

    length = math.ceil(len(samples) * SAMPLE_RATE_HZ / rate)
    converted = cast("Samples", soxr.resample(samples, rate, SAMPLE_RATE_HZ, quality="HQ"))[:length]
    return np.pad(converted, (0, length - len(converted))).astype(np.float32, copy=False)


def _refused(why: str) -> BadRequest:
    return BadRequest(f"the reference clip {why}", param="ref_audio")
