"""One take: what a live session has committed and sounded so far. A frozen value and pure moves."""

import msgspec
from msgspec.structs import replace

from ttsd.protocol.speech import SAMPLE_RATE_HZ, SegmentStarted


class Phrase(msgspec.Struct, frozen=True):
    """A committed phrase; its sound begins at `start` (samples of the take)."""

    index: int
    text: str
    start: int


class Take(msgspec.Struct, frozen=True):
    """What is heard between two presses of *speak all*, or while typing goes on."""

    number: int = 0
    phrases: tuple[Phrase, ...] = ()
    samples: int = 0
    """Samples received."""
    first_sound_ms: float | None = None
    """From the text that completed the first phrase to its first sound."""
    active: bool = False
    """More may come."""
    error: str = ""

    @property
    def length_s(self) -> float:
        return self.samples / SAMPLE_RATE_HZ

    def hearing(self, heard: int) -> int | None:
        """The place in `phrases` of what sounds at sample `heard`; `None` before and after."""
        if heard <= 0 or heard >= self.samples:
            return None
        places = [place for place, phrase in enumerate(self.phrases) if phrase.start <= heard]
        return places[-1] if places else None


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


def sounded(take: Take, samples: int) -> Take:
    """With `samples` more of sound."""
    return replace(take, samples=take.samples + samples)
