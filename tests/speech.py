"""Speech of the built-in voice, and noises and faults to spoil it with: clips of which everything is known."""

import functools
import io
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

RATE_HZ = 24_000
TEXTS = (
    "The first thing people notice about the harbour is how quiet it is in the morning, before the boats go out.",
    "I wanted to ask you something, if you have a minute. Do you remember the name of that restaurant by the station?",
    "She packed her bag slowly, looked around the room once more, and closed the door behind her without a sound.",
)


@functools.cache
def _voice() -> Any:
    from hibari import Hibari

    return Hibari()


@functools.cache
def spoken(text: str = TEXTS[0], speed: float = 1.0) -> np.ndarray:
    """[n] float32, 24 kHz, some six seconds, with a moment of digital silence at both ends."""
    samples = np.concatenate([np.asarray(part, np.float32) for part in _voice().stream(text, speed=speed)])
    samples.flags.writeable = False
    return samples


def tight(samples: np.ndarray) -> np.ndarray:
    """Without the silence at the ends."""
    loud = np.flatnonzero(np.abs(samples) > 0.003)
    return samples[loud[0] : loud[-1]]


def noise(kind: str, length: int, seed: int = 0) -> np.ndarray:
    """`white`, `pink` (3 dB less an octave), or `babble`: eight voices at once, half of them backwards."""
    rng = np.random.default_rng(seed)
    if kind == "babble":
        return _babble(length, rng)
    made = rng.standard_normal(length)
    if kind == "pink":
        spectrum = np.fft.rfft(made)
        spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(length, 1 / RATE_HZ), 20))
        made = np.fft.irfft(spectrum, length)
    return made


def _babble(length: int, rng: np.random.Generator) -> np.ndarray:
    made = np.zeros(length)
    for number in range(8):
        voice = tight(spoken(TEXTS[number % 3], (0.85, 1.0, 1.2)[number % 2]))
        voice = np.resize(np.roll(voice, rng.integers(len(voice))), length)
        made += (voice[::-1] if number % 2 else voice) / np.std(voice)
    return made


def with_noise(samples: np.ndarray, kind: str, snr_db: float, seed: int = 0) -> np.ndarray:
    """`samples` and noise of so many dB less power."""
    added = noise(kind, len(samples), seed)
    added *= np.std(samples) / np.std(added) * 10 ** (-snr_db / 20)
    return (samples + added).astype(np.float32)


def with_hum(samples: np.ndarray, mains_hz: int, below_db: float) -> np.ndarray:
    """`samples` and hum with three harmonics, of so many dB less power."""
    t = np.arange(len(samples)) / RATE_HZ
    parts = ((1, 1.0), (2, 0.7), (3, 0.5), (5, 0.3))
    added = sum(np.sin(2 * np.pi * mains_hz * number * t + number) * share for number, share in parts)
    return (samples + added * (np.std(samples) / np.std(added) * 10 ** (-below_db / 20))).astype(np.float32)


def in_a_room(samples: np.ndarray, rt60_s: float, seed: int = 3) -> np.ndarray:
    """`samples` in a room in which sound takes `rt60_s` to fall by 60 dB."""
    t = np.arange(round(RATE_HZ * rt60_s * 1.2)) / RATE_HZ
    response = np.random.default_rng(seed).standard_normal(len(t)) * np.exp(-6.9 * t / rt60_s)
    response *= 0.8 / np.sqrt(np.sum(response**2))
    response[0] = 1.0
    size = 1 << int(np.ceil(np.log2(len(samples) + len(t))))
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size))[: len(samples)].astype(np.float32)


def lower_voice(samples: np.ndarray, semitones: float) -> np.ndarray:
    """Another speaker: the same, lower and slower."""
    count = round(len(samples) * 2 ** (semitones / 12))
    return np.interp(np.linspace(0, len(samples) - 1, count), np.arange(len(samples)), samples).astype(np.float32)


def melody(seconds: float, seed: int = 0) -> np.ndarray:
    """Plucked notes, one after the other."""
    rng = np.random.default_rng(seed)
    t = np.arange(RATE_HZ * 2 // 5) / RATE_HZ
    notes = [np.sin(2 * np.pi * 220 * 2 ** (rng.integers(12) / 12) * t) * np.exp(-3 * t) for _ in range(99)]
    return (0.3 * np.concatenate(notes)[: round(seconds * RATE_HZ)]).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ, **options: Any) -> Path:
    """A sound file; returns its path."""
    soundfile.write(path, samples, rate_hz, **options)
    return path


def file_of(samples: np.ndarray, rate_hz: int = RATE_HZ, **options: Any) -> bytes:
    """The content of one."""
    made = io.BytesIO()
    soundfile.write(made, samples, rate_hz, **options)
    return made.getvalue()
