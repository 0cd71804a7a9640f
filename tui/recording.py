"""The sound of a take: kept to be heard again, to be saved, and for the waveform."""

from typing import Final

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from tui.reel import Reel

WINDOW_S: Final = 0.05
"""Of one level of the envelope."""
WINDOW: Final = round(SAMPLE_RATE_HZ * WINDOW_S)
"""The same in samples."""
_STEP: Final = WINDOW * BYTES_PER_SAMPLE


class Recording:
    """Owns the reel of a take, and its envelope: one peak (0..1) for each 50 ms."""

    def __init__(self) -> None:
        self.reel = Reel()
        self.envelope: list[float] = []

    @property
    def samples(self) -> int:
        return self.reel.end

    @property
    def pcm(self) -> bytes:
        """All of it, s16le mono."""
        return self.reel.read(0, self.reel.end)

    def append(self, pcm: bytes) -> None:
        whole = self.samples // WINDOW
        self.reel.feed(pcm)
        self._measure(whole)

    def truncate(self, samples: int) -> None:
        """Forget everything from sample `samples` on."""
        self.reel.truncate(samples)
        self._measure(self.samples // WINDOW)

    def level(self, sample: int) -> float:
        """The envelope at `sample`; silence outside."""
        place = sample // WINDOW
        return self.envelope[place] if 0 <= place < len(self.envelope) else 0.0

    def _measure(self, whole: int) -> None:
        """Bring the envelope up to date from window `whole` on."""
        del self.envelope[whole:]
        with memoryview(self.reel.read(whole * WINDOW, self.samples)) as view:
            for start in range(0, len(view), _STEP):
                with view[start : start + _STEP].cast("h") as samples:
                    highest, lowest = max(samples), min(samples)
                    self.envelope.append(max(highest, -lowest) / 32768)
