"""The microphone while a sentence is read: a countdown, the level, and the sound, by a thread of its own."""

import enum
import math
import threading
from typing import Final

from ttsd.client.microphone import CLIPPING, Microphone, peak, wav
from ttsd.protocol.errors import PlaybackFailed
from ttsd.protocol.speech import BYTES_PER_SAMPLE

COUNTDOWN_S: Final = 3.0
BLOCK_S: Final = 0.05
LEAST_S: Final = 3.0
ADVISED_S: Final = 15.0
LONGEST_S: Final = 30.0
"""Recording ends by itself then."""


class Phase(enum.StrEnum):
    """How far a recording is."""

    READY = "ready"
    OPENING = "opening"
    COUNTING = "counting"
    RECORDING = "recording"
    DONE = "done"
    FAILED = "failed"


class Recorder:
    """Owns one recording. Every method returns at once; what can be read may change at any time."""

    def __init__(self, countdown_s: float = COUNTDOWN_S) -> None:
        self._countdown_s = countdown_s
        self.phase = Phase.READY
        self.level = 0.0
        """Peak of what was heard last, 0..1."""
        self.clipped = False
        """Something was too loud."""
        self.left_s = countdown_s
        """Until it begins."""
        self.note = ""
        """Why it failed."""
        self.pcm = bytearray()
        self.rate_hz = 0
        self._stop = threading.Event()

    @property
    def seconds(self) -> float:
        """Recorded so far."""
        return len(self.pcm) / BYTES_PER_SAMPLE / self.rate_hz if self.rate_hz else 0.0

    @property
    def active(self) -> bool:
        return self.phase in (Phase.OPENING, Phase.COUNTING, Phase.RECORDING)

    def start(self) -> None:
        """Open the microphone, count down, record."""
        self.phase = Phase.OPENING
        threading.Thread(target=self._run, name="recorder", daemon=True).start()

    def stop(self) -> None:
        """What was recorded until now is the recording."""
        self._stop.set()

    def wav(self) -> bytes:
        """The recording as a file."""
        return wav(bytes(self.pcm), self.rate_hz)

    # --- the recorder's own thread ---

    def _run(self) -> None:
        try:
            with Microphone(BLOCK_S) as microphone:
                self.rate_hz = microphone.rate_hz
                self._count_down(microphone)
                self._record(microphone)
        except PlaybackFailed as error:
            self.note = error.message
            self.phase = Phase.FAILED
        else:
            self.phase = Phase.DONE

    def _count_down(self, microphone: Microphone) -> None:
        """By the microphone's own clock: it is awake then, and its level can be seen."""
        self.phase = Phase.COUNTING
        heard = 0
        while self.left_s > 0 and not self._stop.is_set():
            heard += len(self._block(microphone)) // BYTES_PER_SAMPLE
            self.left_s = max(0.0, self._countdown_s - heard / self.rate_hz)
        self.clipped = False

    def _record(self, microphone: Microphone) -> None:
        self.phase = Phase.RECORDING
        longest = math.floor(LONGEST_S * self.rate_hz) * BYTES_PER_SAMPLE
        while len(self.pcm) < longest and not self._stop.is_set():
            self.pcm += self._block(microphone)
        del self.pcm[longest:]
        self.level = 0.0

    def _block(self, microphone: Microphone) -> bytes:
        block = microphone.block()
        loudest = peak(block)
        self.level = loudest / 32768
        self.clipped = self.clipped or loudest >= CLIPPING
        return block
