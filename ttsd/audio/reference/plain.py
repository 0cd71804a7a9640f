"""A reference clip as engines read it: samples behind a header that never varies, so that reading takes no decoder."""

import hashlib
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.durable import replace_synced
from ttsd.protocol.hearing import LONGEST_REFERENCE_S
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

_SAMPLE_BYTES: Final = 4
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_IEEE_FLOAT: Final = 3
_MOST_BYTES: Final = LONGEST_REFERENCE_S * SAMPLE_RATE_HZ * _SAMPLE_BYTES


def write_plain(target: Path, samples: "Samples") -> str:
    """Write `samples` [n] float32, 24 kHz, to `target`, which appears complete and on the disk, or not at all.

    Returns its SHA-256. It is a WAV that others can play, too. Raises OSError.
    """
    data = samples.astype("<f4").tobytes()
    data = _header(len(data)) + data
    replace_synced(target, data, mode=0o600)
    return hashlib.sha256(data).hexdigest()


def plain_samples(data: bytes) -> "Samples | None":
    """The samples [n] of what `write_plain` wrote; `None` for anything else."""
    size = len(data) - _HEADER.size
    if not 0 <= size <= _MOST_BYTES or size % _SAMPLE_BYTES or not data.startswith(_header(size)):
        return None
    return np.frombuffer(data, "<f4", offset=_HEADER.size).astype(np.float32)


def _header(size: int) -> bytes:
    """Of a WAV with `size` bytes of floats. Source: see `ttsd.audio.pcm.wav_header`."""
    byte_rate, bits = SAMPLE_RATE_HZ * _SAMPLE_BYTES, 8 * _SAMPLE_BYTES
    return _HEADER.pack(
        b"RIFF", size + _HEADER.size - 8, b"WAVE",
        b"fmt ", 16, _IEEE_FLOAT, 1, SAMPLE_RATE_HZ, byte_rate, _SAMPLE_BYTES, bits,
        b"data", size,
    )  # fmt: skip
