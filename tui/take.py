"""One take: what a live session has committed and sounded so far. A frozen value and pure moves."""

from bisect import bisect_right

import msgspec
from msgspec.structs import replace

from ttsd.protocol.speech import SAMPLE_RATE_HZ, SegmentStarted


class Phrase(msgspec.Struct, frozen=True):
    """A committed phrase; its sound begins at `start` (samples of the take)."""

    index: int
    text: str
    start: int
    retakes: int = 0
    """How often it was spoken anew, each time by another seed."""


class Take(msgspec.Struct, frozen=True):
    """What is heard between two presses of *speak all*, or while typing goes on."""

    number: int = 0
    phrases: tuple[Phrase, ...] = ()
    samples: int = 0
    """Samples received."""
    first_sound_ms: float | None = None
    """From the text that completed the first phrase to its first sound."""
    work_s: float = 0.0
    """Time in which the daemon was at it."""
    worked_samples: int = 0
    """What came in that time."""
    underruns: int = 0
    """How often the listener heard nothing in the middle of a phrase, because nothing had come."""
    active: bool = False
    """More may come."""
    error: str = ""

    @property
    def length_s(self) -> float:
        return self.samples / SAMPLE_RATE_HZ

    @property
    def rtf(self) -> float | None:
        """Seconds of work per second of sound; below 1 it keeps ahead of the listener."""
        return self.work_s * SAMPLE_RATE_HZ / self.worked_samples if self.worked_samples else None

    def end_of(self, place: int) -> int:
        """The sample after the sound of the phrase at `place`."""
        return self.phrases[place + 1].start if place + 1 < len(self.phrases) else self.samples

    def hearing(self, heard: int) -> int | None:
        """The place in `phrases` of what sounds at sample `heard`; `None` before and after."""
        if heard <= 0 or heard >= self.samples:
            return None
        after = bisect_right(self.phrases, heard, key=lambda phrase: phrase.start)
        return after - 1 if after else None


def segment_started(take: Take, message: SegmentStarted) -> Take:
    kept = tuple(phrase for phrase in take.phrases if phrase.index < message.index)
    return replace(take, phrases=(*kept, Phrase(message.index, message.text, message.start_sample)))


def retracted(take: Take, from_segment: int) -> Take:
    """Without the withdrawn phrases and their sound."""
    gone = [phrase for phrase in take.phrases if phrase.index >= from_segment]
    if not gone:
        return take
    kept = take.phrases[: len(take.phrases) - len(gone)]
    return replace(take, phrases=kept, samples=min(take.samples, gone[0].start))


def sounded(take: Take, samples: int, work_s: float | None = None) -> Take:
    """With `samples` more of sound, which took `work_s`, where that is known."""
    take = replace(take, samples=take.samples + samples)
    if work_s is None:
        return take
    return replace(take, work_s=take.work_s + work_s, worked_samples=take.worked_samples + samples)


def retaken(take: Take, place: int, samples: int) -> Take:
    """With a sound of `samples` in the place of that of the phrase at `place`; what follows moves."""
    phrase = take.phrases[place]
    longer = samples - (take.end_of(place) - phrase.start)
    return replace(
        take,
        phrases=(
            *take.phrases[:place],
            replace(phrase, retakes=phrase.retakes + 1),
            *(replace(later, start=later.start + longer) for later in take.phrases[place + 1 :]),
        ),
        samples=take.samples + longer,
    )
