"""A listener who plays what he hears from its first sample on."""

from typing import Final

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

NEVER: Final = float("inf")
HALF_A_SAMPLE_S: Final = 0.5 / SAMPLE_RATE_HZ


class Playback:
    """Owns the clock of one listener: when the first sound came, and when there was none left to be played."""

    def __init__(self) -> None:
        self.first_s = NEVER
        self.underruns = 0
        self.silent_s = 0.0
        """How long he waited for more, all in all."""
        self.samples = 0
        self._began_s = 0.0
        """When he would have begun if he had never waited."""

    def hear(self, at_s: float, pcm: bytes) -> None:
        """More sound has come; times are of any one clock."""
        if not self.samples:
            self.first_s = self._began_s = at_s
        late_s = at_s - (self._began_s + self.samples / SAMPLE_RATE_HZ)
        if late_s >= HALF_A_SAMPLE_S:
            self.underruns += 1
            self.silent_s += late_s
            self._began_s += late_s
        self.samples += len(pcm) // BYTES_PER_SAMPLE

    @property
    def audio_s(self) -> float:
        return self.samples / SAMPLE_RATE_HZ
