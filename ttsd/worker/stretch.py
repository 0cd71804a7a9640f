"""Faster or slower speech at the same pitch, as it streams.

WSOLA (Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality
time-scale modification of speech", ICASSP 1993): the sound is laid down in overlapping steps, each taken from near the
place in the input that the speed asks for, just where it continues best what was laid down before.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.worker.silence import Sound

STEP: Final = SAMPLE_RATE_HZ * 20 // 1000
"""Samples laid down at once, each step fading into the next: longer than a period of the deepest voice."""
REACH: Final = SAMPLE_RATE_HZ * 25 // 2000
"""How far from its place a step may be taken: one period of 80 Hz."""
_HOMING: Final = 0.02
"""What similarity a step gives up at the end of its reach, so that where all is alike (silence) it stays in place."""

_RISE: Final[Sound] = (0.5 - 0.5 * np.cos(np.pi * (np.arange(STEP) + 0.5) / STEP)).astype(np.float32)
_FALL: Final[Sound] = (1.0 - _RISE).astype(np.float32)
_NEARNESS: Final[Sound] = (1.0 - _HOMING * np.abs(np.arange(-REACH, REACH + 1)) / REACH).astype(np.float32)


def stretched(blocks: Iterable[Sound], speed: float) -> Iterator[Sound]:
    """`blocks` at `speed` times their speed; the samples depend on the sound alone, not on how it is cut into blocks.

    At speed 1 they are what they were. Held back: 45 ms of input.
    """
    if speed == 1.0:
        yield from blocks
        return
    stretch = Stretch(speed)
    for block in blocks:
        if len(made := stretch.feed(block)):
            yield made
    if len(made := stretch.finish()):
        yield made


class Stretch:
    """Owns the input that is still needed. Mono float32 at 24 kHz in and out."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._input: Sound = np.zeros(0, np.float32)
        self._offset = 0
        """Index, in the whole input, of the first sample that is kept."""
        self._steps = 0
        self._last = -STEP
        """Where the last step was taken from, in the whole input."""

    def feed(self, sound: Sound) -> Sound:
        """Take more input; what can be said of it now."""
        self._input = np.concatenate((self._input, sound))
        return self._lay(self._offset + len(self._input))

    def finish(self) -> Sound:
        """The rest: in all, as many samples as the input had, divided by the speed."""
        end = self._offset + len(self._input)
        total = round(end / self._speed)
        missing = total - self._steps * STEP
        self._input = np.concatenate((self._input, np.zeros(2 * (STEP + REACH) + STEP, np.float32)))
        return self._lay(self._offset + len(self._input))[:missing]

    def _lay(self, end: int) -> Sound:
        """All steps whose input is there up to sample `end`."""
        made: list[Sound] = []
        while self._needed() <= end:
            made.append(self._step())
        self._forget()
        return np.concatenate(made) if made else np.zeros(0, np.float32)

    def _needed(self) -> int:
        """How much input the next step takes; and it must be due, for the input may end here."""
        return max(
            self._place() + REACH + STEP, self._last + 2 * STEP, math.ceil((self._steps + 1) * STEP * self._speed)
        )

    def _place(self) -> int:
        """Where the next step would be taken from if every place were as good as another."""
        return round(self._steps * STEP * self._speed)

    def _step(self) -> Sound:
        before = self._cut(self._last + STEP, STEP)
        start = self._best(before) if self._steps else 0
        after = self._cut(start, STEP)
        self._last = start
        self._steps += 1
        if self._steps == 1:
            return after
        return (before * _FALL + after * _RISE).astype(np.float32, copy=False)

    def _best(self, before: Sound) -> int:
        """The start, within reach of the place, of what is most like `before` (normalised cross-correlation)."""
        first = self._place() - REACH
        sound = self._cut(first, 2 * REACH + STEP)
        likeness = np.correlate(sound, before)
        sums = np.concatenate((np.zeros(1), np.cumsum(np.square(sound, dtype=np.float64))))
        energy = np.maximum(sums[STEP:] - sums[:-STEP], 1e-9)
        scores = likeness / np.sqrt(energy)
        return first + int(np.argmax(scores * _NEARNESS if scores.max() > 0 else _NEARNESS))

    def _cut(self, start: int, count: int) -> Sound:
        """`count` samples of the input from `start` on; before its first there is silence."""
        lead = max(0, -start)
        found = self._input[max(0, start - self._offset) : start - self._offset + count]
        return np.concatenate((np.zeros(lead, np.float32), found)) if lead else found

    def _forget(self) -> None:
        needed = min(self._place() - REACH, self._last + STEP)
        gone = max(0, min(needed - self._offset, len(self._input)))
        self._input = self._input[gone:]
        self._offset += gone
