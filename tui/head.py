"""The playing head: what a device is given, sample by sample, and where in it the listener is."""

import time
from collections.abc import Callable
from typing import Final

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from tui.cushion import Cushion, after_hearing, after_underrun
from tui.reel import Reel

LEAD_S: Final = 0.05
"""Silence before the first sound: some devices swallow the beginning of a stream."""


class Head:
    """Owns a place on a reel. The device's thread calls `fill`; the others never wait for it.

    Positions are samples of the reel.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.reel = Reel()
        self.rate_hz = SAMPLE_RATE_HZ
        self.held = False
        """Paused: it stays where it is."""
        self.cut = False
        """The device is to drop what it holds; until it has, it gets silence, which it would drop as well."""
        self.device_s: float | None = None
        """How much sound the device holds before it is heard; `None`: there is no device at work."""
        self.underruns = 0
        """How often this reel ran dry in the middle of a phrase, or the device did."""
        self.cushion = Cushion()
        self._clock = clock
        self._lead = 0
        self._quiet = 0
        self._resumed = 0
        self._counted = 0
        self._gated = 0
        self._pulled, self._pulled_s = 0, 0.0
        self._dry_at: int | None = None
        self._late = self._late_counted = 0

    def load(self, reel: Reel, at: int, rate_hz: int) -> None:
        """Another reel, from sample `at` on."""
        self.reel, self.rate_hz = reel, rate_hz
        self.held = False
        self.underruns = 0
        self.move(at)

    def move(self, at: int) -> None:
        """To sample `at`, or as near as there is sound."""
        self.reel.seek(at)
        self._resumed = self._counted = self.reel.position
        self._pulled = self._gated = 0
        self._dry_at = None

    def begin_silent(self) -> None:
        """The device begins anew: a moment of silence goes before."""
        self._lead = round(LEAD_S * self.rate_hz) * BYTES_PER_SAMPLE
        self._quiet = self.rate_hz

    def fed(self, inside_from: int | None) -> None:
        """The reel has grown; see `Player.fed`."""
        late, self._late_counted = self._late - self._late_counted, self._late
        if late or (inside_from is not None and self._dry_at == inside_from):
            self.underruns += 1
            self.cushion = after_underrun(self.cushion)
        before, self._counted = self._counted, self.reel.position
        self.cushion = after_hearing(self.cushion, max(0, self._counted - before) / self.rate_hz)

    @property
    def heard(self) -> int:
        """The sample that leaves the loudspeaker now: what was handed out, less what the device still holds."""
        position = self.reel.position
        if self.device_s is None or self.held:
            return position
        # The device takes a block at once and plays it little by little.
        played = round((self._clock() - self._pulled_s) * self.rate_hz)
        held = round(self.device_s * self.rate_hz) + max(0, self._pulled - played) - self._quiet
        return max(min(self._resumed, position), position - max(0, held))

    @property
    def waiting_s(self) -> float:
        """Seconds fed and not handed out yet."""
        return self.reel.waiting / self.rate_hz

    # --- from the device's thread ---

    def fill(self, out: memoryview, *, late: bool = False) -> None:
        """Write the next samples over all of `out`; `late`: the device ran dry, because nobody came in time."""
        if late and not self._quiet:
            self._late += 1
        filled = 0 if self.cut or self.held else self._pull(out)
        if filled < len(out):
            out[filled:] = bytes(len(out) - filled)
            self._quiet += (len(out) - filled) // BYTES_PER_SAMPLE
        self._pulled, self._pulled_s = len(out) // BYTES_PER_SAMPLE, self._clock()

    def _pull(self, out: memoryview) -> int:
        lead = min(self._lead, len(out))
        if lead:
            self._lead -= lead
            out[:lead] = bytes(lead)
        if not self._opens((len(out) - lead) // BYTES_PER_SAMPLE):
            return lead
        before = self.reel.position
        taken = self.reel.take(out[lead:])
        if taken and self._quiet:
            self._resumed, self._quiet = before, 0
        if lead + taken < len(out):
            self._dry_at, self._gated = before + taken // BYTES_PER_SAMPLE, 0
        return lead + taken

    def _opens(self, samples: int) -> bool:
        """Whether sound may go out now. After a silence it waits behind the cushion, of which so much passes now."""
        if not self._quiet or not self.reel.waiting:
            return True
        if self.cushion.opens(self.waiting_s, self._gated / self.rate_hz):
            return True
        self._gated += samples
        return False
