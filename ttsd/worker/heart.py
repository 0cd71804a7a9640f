"""The embedded English voice: hibari's network and signal processing, streamed a few frames at a time.

hibari speaks a sentence in one go: 70 % of the time goes into the network, 30 % into making a waveform of what
it predicts. The second half is done here block by block, so the first sound is out as soon as the network is.
"""

import importlib
import os
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ttsd.worker.silence import Sound

Spectrum = NDArray[np.complex64]  # [601 bins, frames]

BLOCK: Final = 32
"""Frames of 12.5 ms made at once: 400 ms of sound for 1.5 ms of work."""
_BEFORE: Final = 3
_AFTER: Final = 2
"""A window spans four hops, so 12.5 ms of sound need three frames: one before, and two after."""

VOICED_HZ: Final = 40.0
"""hibari's own bound."""
LOWEST_HZ: Final = 75.0
HIGHEST_HZ: Final = 500.0
"""A woman's voice goes no further, however moved she is."""

_DIGITS_READ_ONE_BY_ONE: Final = re.compile(r"\d{16,}")


class Heart:
    """Owns the model and the dictionaries; all methods may be called from several threads at once."""

    def __init__(self) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is imported: nothing leaves this machine
        self._dsp: Any = importlib.import_module("hibari.dsp")
        self._hibari: Any = importlib.import_module("hibari").Hibari(voice="heart", threads=1)

    def load_dictionaries(self) -> None:
        """Read what turns text into phonemes, with the network for unknown words: hibari does so at first use."""
        self.phonemes("Xyloquent.")

    def sentences(self, text: str) -> list[str]:
        return self._hibari.split_sentences(text)

    def phonemes(self, sentence: str) -> str:
        """Phonemes of one sentence; empty when nothing in it can be pronounced.

        hibari stumbles over some number signs and over numbers beyond octillions: those are read plainly.
        """
        try:
            spoken: str = self._hibari.g2p(sentence)
        except (ValueError, IndexError, KeyError):
            spoken = self._hibari.g2p(plain(sentence))
        return spoken if any(c.isalpha() for c in spoken) else ""

    def sound(self, phonemes: str, seed: tuple[int, ...], speed: float, pitch_range: float = 1.0) -> Iterator[Sound]:
        """The waveform in blocks; the same arguments give the same samples. `pitch_range`: see `ranged`."""
        inputs = {
            "ids": np.asarray([self._hibari.ids(phonemes)], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        prediction = [output[0] for output in self._hibari.sess.run(None, inputs)]
        prediction[-1] = ranged(prediction[-1], pitch_range)
        return self._waveform(prediction, np.random.default_rng(seed))

    def _waveform(self, prediction: list[NDArray[np.float32]], rng: np.random.Generator) -> Iterator[Sound]:
        """hibari's `dsp.synth` over blocks of frames; equal to it but for the order in which noise is drawn."""
        *layers, f0 = prediction  # each [601, frames]; f0 [frames]
        frames = len(f0)
        pulses: Spectrum = self._dsp.stft(self._dsp.pulses(f0), frames)
        window = pulses[:, :0]
        for start in range(0, frames, BLOCK):
            end = min(start + BLOCK, frames)
            mixed = self._mix(pulses[:, start:end], [layer[:, start:end] for layer in layers], rng)
            window = np.concatenate((window, mixed), axis=1)
            sound: Sound = self._dsp.ola(window)
            first = (_BEFORE - _AFTER) * self._dsp.HOP if start else 0
            last = len(sound) - (_AFTER * self._dsp.HOP if end < frames else 0)
            yield sound[first:last]
            window = window[:, -_BEFORE:]

    def _mix(self, pulses: Spectrum, layers: list[NDArray[np.float32]], rng: np.random.Generator) -> Spectrum:
        """Harmonics, noise and free-phase part of some frames."""
        harmonic, turn, noise, free, phase = layers
        ex = self._dsp.ex
        drawn = rng.standard_normal((harmonic.shape[1], harmonic.shape[0], 2), dtype=np.float32)
        hiss: Spectrum = drawn.view(np.complex64)[:, :, 0].T
        spectrum: Spectrum = pulses * _turned(np.float32(np.pi) * np.tanh(turn)) * ex(harmonic)
        spectrum += hiss * ex(noise)
        spectrum += _turned(phase) * ex(free)
        return spectrum


def _turned(angle: NDArray[np.float32]) -> Spectrum:
    """e^(i·angle), which numpy's own `exp` computes at half the speed."""
    unit = np.empty(angle.shape, np.complex64)
    np.cos(angle, out=unit.real)
    np.sin(angle, out=unit.imag)
    return unit


def ranged(f0_hz: NDArray[np.float32], pitch_range: float) -> NDArray[np.float32]:
    """A pitch curve whose movements about its mean, in semitones, are `pitch_range` times as wide; else the same.

    Frames below `VOICED_HZ` have no pitch, and keep what they have.
    """
    voiced = f0_hz > VOICED_HZ
    if pitch_range == 1.0 or not voiced.any():
        return f0_hz
    height = np.log2(f0_hz, where=voiced, out=np.zeros_like(f0_hz))
    mean = height[voiced].mean()
    moved = np.clip(2.0 ** (mean + pitch_range * (height - mean)), LOWEST_HZ, HIGHEST_HZ)
    return np.where(voiced, moved, f0_hz).astype(np.float32)


def plain(text: str) -> str:
    """`text` with only what any reader knows: number signs as digits, long numbers digit by digit."""
    text = "".join(str(int(unicodedata.digit(c))) if c.isdigit() else c for c in text)
    return _DIGITS_READ_ONE_BY_ONE.sub(lambda number: " ".join(number.group()), text)
