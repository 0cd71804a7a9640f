"""Clips for the tests of voices: buzzes that a doctor takes for speech, in any format."""

import io
from typing import Final

import numpy as np
import soundfile

RATE_HZ: Final = 24_000


def samples(seconds: float = 4.0, pitch_hz: float = 130.0, seed: int = 1):
    """A buzz with syllables, a little noise, and silent ends: float64, mono."""
    at = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    buzz = sum(np.sin(2 * np.pi * pitch_hz * k * at + k) / k for k in range(1, 20))
    sound = buzz * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * at)) * 0.1
    sound[:4000] = sound[-4000:] = 0.0
    return sound + np.random.default_rng(seed).normal(0, 0.0005, at.size)


def clip(kind: str = "WAV", **what) -> bytes:
    """As a file: WAV, FLAC, OGG, MP3, or M4A (that needs the extra `formats`)."""
    if kind == "M4A":
        return _m4a(samples(**what))
    file = io.BytesIO()
    soundfile.write(file, samples(**what), RATE_HZ, format=kind)
    return file.getvalue()


def _m4a(sound) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()


def streamed(whole: bytes) -> bytes:
    """A FLAC or WAV as programs write it into a pipe: its header does not know how long it is."""
    file = bytearray(whole)
    if whole.startswith(b"RIFF"):
        file[4:8] = file[40:44] = b"\xff" * 4
    else:
        total = slice(18, 26)  # rate, channels, bits, and in the last 36 bits the samples: RFC 9639, 8.2
        file[total] = (int.from_bytes(file[total]) & ~(2**36 - 1)).to_bytes(8)
    return bytes(file)


def long_flac(hours: float) -> bytes:
    """Silence: hours in a few hundred kilobytes."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, format="FLAC", subtype="PCM_16") as writer:
        block = np.zeros(8000 * 60, np.int16)
        for _ in range(int(hours * 60)):
            writer.write(block)
    return file.getvalue()
