"""How long the daemon is at a take: from the text that was written to the sound that came."""

import time
from collections.abc import Callable

from tui.compose import UNKNOWN, Script


class Pace:
    """Owns the times of one take: when its text was written, and when its last sound came."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._marks: list[tuple[int, float]] = []
        self._sounded_s = 0.0

    def written(self, length: int) -> None:
        """The text has `length` characters now."""
        self._marks.append((length, self._now()))

    def delay_ms(self, script: Script) -> float:
        """From the text that completed the first phrase until now."""
        return (self._now() - self._asked_s(script, 0)) * 1000

    def work_s(self, script: Script) -> float:
        """How long the daemon was at the sound that came now: since that before it, or since it was asked for."""
        now = self._now()
        before, self._sounded_s = self._sounded_s, now
        return now - min(now, max(before, self._asked_s(script, len(script.commits) - 1)))

    def _asked_s(self, script: Script, place: int) -> float:
        """When the text of the phrase at `place` was complete, as far as that can be told."""
        commits = script.commits[place : place + 1] if place >= 0 else ()
        end = commits[0].end if commits else UNKNOWN
        if end != UNKNOWN:
            return next((at for length, at in self._marks if length >= end), self._marks[-1][1])
        return self._marks[-1][1]
