"""Whose work the worker's time and the card's power are, when it speaks for several at once."""

from collections.abc import Callable
from typing import NamedTuple

from ttsd.protocol.health import HealthSample


class Share(NamedTuple):
    """Of the worker's busy time, and of what was drawn in it."""

    engine_s: float = 0.0
    measured_s: float = 0.0
    """How much of `engine_s` had its power measured."""
    energy_j: float = 0.0


class Shares:
    """Owns two integrals over the time in which n segments are spoken at once: of 1/n, and of power/n.

    What a segment's share is, is how far they went from its begin to its end. So the shares of all add up to the time
    in which anything was spoken, and to the energy of that time, whatever the overlap; an idle card is nobody's.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._at = clock()
        self._speaking = 0
        self._so_far = Share()
        self._watts: float | None = None
        self._at_work = False
        """Whether `_watts` was drawn while something was spoken."""

    def begin(self) -> Share:
        """A segment is spoken from now on; what is returned is for `end`."""
        self._advance()
        self._speaking += 1
        return self._so_far

    def end(self, begun: Share) -> Share:
        """It is spoken no more: what was its share."""
        self._advance()
        self._speaking -= 1
        return Share(*(now - then for now, then in zip(self._so_far, begun, strict=True)))

    def power(self, watts: float | None) -> None:
        """What the card draws now; `None`: nobody can tell.

        It counts until the next one. Of a card that works in bursts, shorter than from one look to the next, what it
        drew when it last was seen at work counts, not what it draws at rest.
        """
        self._advance()
        if watts is None or self._speaking or not self._at_work:
            self._watts = watts
            self._at_work = watts is not None and bool(self._speaking)

    def _advance(self) -> None:
        now = self._clock()
        passed_s = max(0.0, now - self._at)
        self._at = now
        if not self._speaking:
            return
        share_s = passed_s / self._speaking
        engine_s, measured_s, energy_j = self._so_far
        if self._watts is None:
            self._so_far = Share(engine_s + share_s, measured_s, energy_j)
        else:
            self._so_far = Share(engine_s + share_s, measured_s + share_s, energy_j + share_s * self._watts)


def drawn_w(sample: HealthSample, device: str) -> float | None:
    """What the cards draw that our workers are on; `None`: no driver tells, or the engine is on none.

    In a container pids may be unknown: then an engine on a card is on the one that serves. Of an instance it is what
    the whole card draws.
    """
    ours = [card for card in sample.gpus if any(process.ours for process in card.processes or ())]
    if not ours and device.startswith("cuda"):
        ours = [card for card in sample.gpus if card.serves]
    drawn = {card.index: card.power_w for card in ours}
    told = [watts for watts in drawn.values() if watts is not None]
    return sum(told) if drawn and len(told) == len(drawn) else None
