"""The sound of a take: kept for saving and for the waveform."""

import wave
from pathlib import Path
from typing import Final

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

WINDOW: Final = SAMPLE_RATE_HZ // 20
"""Samples of one level of the envelope: 50 ms."""
_STEP: Final = WINDOW * BYTES_PER_SAMPLE


class Recording:
    """Owns PCM (s16le mono) from sample 0 on, and its envelope: one peak (0..1) for each 50 ms."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self.envelope: list[float] = []

    @property
    def samples(self) -> int:
        return len(self.pcm) // BYTES_PER_SAMPLE

    def append(self, pcm: bytes) -> None:
        whole = len(self.pcm) // _STEP
        self.pcm += pcm
        self._measure(whole)

    def truncate(self, samples: int) -> None:
        """Forget everything from sample `samples` on."""
        del self.pcm[samples * BYTES_PER_SAMPLE :]
        self._measure(len(self.pcm) // _STEP)

    def level(self, sample: int) -> float:
        """The envelope at `sample`; silence outside."""
        place = sample // WINDOW
        return self.envelope[place] if 0 <= place < len(self.envelope) else 0.0

    def save(self, path: Path) -> None:
        """Write a WAV file; it replaces the one at `path` only once it is whole.

        Raises OSError; nothing of the attempt is left then.
        """
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as raw, wave.open(raw, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(BYTES_PER_SAMPLE)
                file.setframerate(SAMPLE_RATE_HZ)
                file.writeframes(bytes(self.pcm))
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _measure(self, whole: int) -> None:
        """Bring the envelope up to date from window `whole` on."""
        del self.envelope[whole:]
        usable = len(self.pcm) - len(self.pcm) % BYTES_PER_SAMPLE
        with memoryview(self.pcm)[:usable] as view:
            for start in range(whole * _STEP, usable, _STEP):
                with view[start : start + _STEP].cast("h") as samples:
                    highest, lowest = max(samples), min(samples)
                    self.envelope.append(max(highest, -lowest) / 32768)
