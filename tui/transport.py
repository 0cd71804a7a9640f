"""Playing, pausing, going back and forth in a take, while more of it may still come in."""

from bisect import bisect_right
from typing import Final

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui.narrator import Narrator
from tui.take import Take

AGAIN_S: Final = 1.0
"""Who goes back within so long of a phrase's beginning means the one before it; later, this one again."""
AT_ONCE: Final = SAMPLE_RATE_HZ // 50
"""At the end of the take, give or take 20 ms, there is nothing left to play."""


class Transport:
    """Moves the listener through the narrator's take."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator

    def toggle(self) -> None:
        """Pause, or go on; at the end of a take, from its beginning."""
        narrator = self._narrator
        if narrator.playing:
            narrator.player.hold()
        elif narrator.heard >= narrator.take.samples - AT_ONCE and not narrator.take.active:
            self.replay()
        else:
            self.play_from(narrator.heard)

    def replay(self) -> None:
        """All of it again."""
        self.play_from(0)

    def skip(self, seconds: float) -> None:
        """So far forward, or back; what is held stays so."""
        self.go_to(self._narrator.heard + round(seconds * SAMPLE_RATE_HZ))

    def step(self, phrases: int) -> None:
        """To the beginning of this phrase and those before it (-1, -2, …), or of those to come (1, …), and play."""
        narrator = self._narrator
        self.play_from(stepped(narrator.take, narrator.heard, phrases))

    def go_to(self, at: int) -> None:
        """To sample `at`, or as near as there is sound."""
        self._narrator.seek(max(0, min(at, self._narrator.take.samples)))

    def play_from(self, at: int) -> None:
        """Play from sample `at` on."""
        self.go_to(at)
        self._narrator.player.go_on()


def stepped(take: Take, heard: int, phrases: int) -> int:
    """The sample where the phrase begins that is `phrases` from the one at `heard`."""
    starts = [phrase.start for phrase in take.phrases]
    place = bisect_right(starts, heard) - 1
    if phrases < 0 and place >= 0 and heard - starts[place] > AGAIN_S * SAMPLE_RATE_HZ:
        phrases += 1
    target = max(0, place + phrases)
    return starts[target] if target < len(starts) else take.samples
