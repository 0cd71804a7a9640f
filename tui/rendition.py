"""A take as it sounds: what has come of it, what of that the player has, and how far the listener is."""

import time
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, SegmentStarted
from tui import take as takes
from tui.compose import Script
from tui.karaoke import AUDIBLE, CLOSING
from tui.pace import Pace
from tui.playback import Player
from tui.recording import WINDOW, Recording
from tui.settings import Settings
from tui.take import Take

RESTS_S: Final = 20.0
"""The daemon stays within half a minute of the listener; from here on it may be resting."""
LONG_CHARS: Final = 1000
LONG_S: Final = 60.0
"""From such a text on it is told how far it is heard."""


class Rendition:
    """Owns one take and its recording, and feeds the player as long as that plays it. Loop thread only."""

    def __init__(
        self,
        player: Player,
        spoken_with: Settings,
        take: Take,
        *,
        origin: int = 0,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.take = take
        self.spoken_with = spoken_with
        self.origin = origin
        """Where the text of this take begins in what was written, as far as nothing was changed there."""
        self.recording = Recording()
        self.retaking: frozenset[int] = frozenset()
        """Phrases, by index, that are being spoken anew."""
        self.told = False
        """Somebody knows of it, or need not."""
        self.pace = Pace(now)
        self._player = player
        self._streamed = 0
        """Samples of the session's stream: a phrase that was spoken anew has another length there."""

    # --- the listener -------------------------------------------------------------------------------

    @property
    def on_air(self) -> bool:
        """The player plays this take, and not something else."""
        return self._player.reel is self.recording.reel

    @property
    def playing(self) -> bool:
        """The take is heard now."""
        return self.on_air and self._player.playing

    @property
    def sounds(self) -> bool:
        """The listener has still to hear some of the take, now or when he goes on."""
        return self.playing or (self.on_air and self._player.held and self.heard < self.take.samples)

    @property
    def heard(self) -> int:
        """How far the listener is, in samples of the take."""
        return min(self._player.heard if self.on_air else self.recording.reel.position, self.take.samples)

    @property
    def heard_of_stream(self) -> int:
        """The same in samples of the session's stream."""
        return max(0, self._streamed - (self.take.samples - self.heard))

    @property
    def hearing(self) -> int | None:
        """The place of the phrase that sounds now, or is held."""
        held = self.on_air and self._player.held
        return self.take.hearing(self.heard) if held or self.playing else None

    def progress(self, script: Script) -> tuple[float, float] | None:
        """The part of the take's text that was heard (0..1), and how long the rest takes (s; a guess at first).

        `None` where nothing is heard, or all of it is soon over.
        """
        place, heard_s = self.hearing, self.heard / SAMPLE_RATE_HZ
        if place is None:
            return None
        total = len(script.sent)
        if not self.take.active:
            left_s = self.take.length_s - heard_s
            return (heard_s / self.take.length_s, left_s) if left_s >= LONG_S else None
        end = script.commits[place].start if place < len(script.commits) else 0
        if not end or total < LONG_CHARS:
            return None
        return end / total, (total - end) * heard_s / end

    @property
    def rests(self) -> bool:
        """Everything that was committed has come, as far as its sound tells: it ends with a silence."""
        last = self.recording.envelope[-CLOSING:]
        return len(last) == CLOSING and max(last) < AUDIBLE

    @property
    def sounded_whole(self) -> bool:
        """All of the last phrase has come, as far as its sound tells: there was some, and it ended."""
        if not self.take.phrases:
            return False
        sound = self.recording.envelope[self.take.phrases[-1].start // WINDOW :]
        return self.rests and max(sound, default=0.0) >= AUDIBLE

    # --- what comes ---------------------------------------------------------------------------------

    def begin_phrase(self, message: SegmentStarted) -> None:
        """Its sound comes next."""
        self._streamed = message.start_sample
        # The same sample, as long as no phrase before it was spoken anew.
        self.take = takes.segment_started(self.take, replace(message, start_sample=self.recording.samples))

    def sound(self, pcm: bytes, script: Script) -> None:
        """`pcm` follows; `script` is what has been said and committed by now."""
        if self.take.first_sound_ms is None:
            self.take = replace(self.take, first_sound_ms=self.pace.delay_ms(script))
        work_s = self.pace.work_s(script)
        before = self.recording.samples
        self.recording.append(pcm)
        self._streamed += self.recording.samples - before
        self.take = takes.sounded(self.take, self.recording.samples - before, None if self._far_ahead else work_s)
        if self.on_air:
            inside = bool(self.take.phrases) and before > self.take.phrases[-1].start
            self._player.fed(inside_from=before if inside else None)
            self.take = replace(self.take, underruns=self._player.underruns)

    @property
    def _far_ahead(self) -> bool:
        """The daemon may be resting: then nobody knows how long it was at what comes."""
        return self.on_air and self._player.waiting_s > RESTS_S

    def retract(self, first: int) -> None:
        """The phrases from index `first` on are withdrawn, and their sound with them."""
        self.retaking = frozenset(index for index in self.retaking if index < first)
        before, self.take = self.take.samples, takes.retracted(self.take, first)
        if self.take.samples < before:
            if self.on_air:
                self._player.truncate(self.take.samples)
            self.recording.truncate(self.take.samples)

    def put(self, index: int, pcm: bytes) -> int:
        """`pcm` takes the place of what a phrase sounded like; the sample where it begins, in another reel."""
        place = next(place for place, phrase in enumerate(self.take.phrases) if phrase.index == index)
        begin, end = self.take.phrases[place].start, self.take.end_of(place)
        before, self.recording = self.recording.reel, Recording()
        for part in (before.read(0, begin), pcm, before.read(end, before.end)):
            self.recording.append(part)
        self.take = takes.retaken(self.take, place, len(pcm) // BYTES_PER_SAMPLE)
        return begin

    def fail(self, error: str) -> None:
        """What went wrong with it last; empty: nothing."""
        self.take = replace(self.take, error=error)

    def settle(self) -> None:
        """No more of it comes."""
        self.take = replace(self.take, active=False)
