"""PCM as bytes: lengths, silence, and the WAV header in front of it."""

import struct
from typing import Final

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

UNKNOWN_SIZE: Final = 0xFFFF_FFFF
"""What stands in the header of a WAV stream whose end is not known yet; players read on to the end."""
HEADER_BYTES: Final = 44
_FORMAT_CHUNK_BYTES: Final = 16
_PCM: Final = 1


def silence(duration_ms: int) -> bytes:
    """So many milliseconds of nothing, s16le mono."""
    return bytes(duration_ms * SAMPLE_RATE_HZ // 1000 * BYTES_PER_SAMPLE)


def duration_s(pcm_bytes: int) -> float:
    """Length of so many bytes of s16le mono."""
    return pcm_bytes / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ


def wav_header(pcm_bytes: int | None, info_bytes: int = 0) -> bytes:
    """The 44 bytes before s16le mono PCM at the inner rate; `None` when its length is not known yet.

    `info_bytes`: of the chunks behind it.

    Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF WAVE).
    """
    known = pcm_bytes is not None and pcm_bytes <= UNKNOWN_SIZE - HEADER_BYTES - info_bytes
    data_size = pcm_bytes if pcm_bytes is not None and known else UNKNOWN_SIZE
    riff_size = data_size + info_bytes + HEADER_BYTES - 8 if known else UNKNOWN_SIZE
    byte_rate = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", riff_size, b"WAVE",
        b"fmt ", _FORMAT_CHUNK_BYTES, _PCM, 1, SAMPLE_RATE_HZ, byte_rate, BYTES_PER_SAMPLE, 8 * BYTES_PER_SAMPLE,
        b"data", data_size,
    )  # fmt: skip
