"""What clarity, naturalness and emotion come to: pace, pauses, variant, and how the engine draws.

`docs/style.md` has the table; a test compares the two. Each amount moves what it moves in one direction only, from its
value at 0 over what the engine does by itself at 50 to its value at 100, in straight lines.
"""

import hashlib
from typing import Final, NamedTuple

from ttsd.config import Speech
from ttsd.protocol.engine import Delivery
from ttsd.protocol.speech import NEUTRAL, Segment, Style

FASTEST: Final = 2.0
SLOWEST: Final = 0.5
CALM: Final = "calm"
LIVELY: Final = "lively"
"""Variants of a voice that emotion chooses, where it has them."""


class Line(NamedTuple):
    """A factor's values at the amounts 0, 50 and 100."""

    at_0: float
    at_50: float
    at_100: float

    def at(self, amount: int) -> float:
        """Its value, to six digits: it is part of clips' keys."""
        below, above, share = (self.at_0, self.at_50, amount / 50)
        if amount > 50:
            below, above, share = self.at_50, self.at_100, (amount - 50) / 50
        return round(below + (above - below) * share, 6)


PACE: Final = Line(1.06, 1.0, 0.9)
"""By clarity: of speed."""
PAUSES: Final = Line(0.85, 1.0, 1.3)
"""By clarity: of the pauses between sentences and clauses."""
CRISPNESS: Final = Line(1.1, 1.0, 0.7)
"""By clarity: of the temperature."""
DETAIL: Final = Line(0.75, 1.0, 1.15)
"""By naturalness: of the detail's temperature."""
PAUSE_VARIATION: Final = Line(0.0, 0.0, 0.3)
"""By naturalness: pauses differ by up to so much of themselves."""
TEMPO_VARIATION: Final = Line(0.0, 0.0, 0.05)
"""By naturalness: sentences differ in speed by up to so much."""
WARMTH: Final = Line(0.8, 1.0, 1.2)
"""By emotion: of the temperature."""
PITCH_RANGE: Final = Line(0.6, 1.0, 1.5)
"""By emotion."""
CALM_BELOW: Final = 34
LIVELY_ABOVE: Final = 66


def chosen(asked: Style, usual: Speech) -> Style:
    """The style a request means."""
    return asked.or_else(Style(usual.clarity, usual.naturalness, usual.emotion))


def full(style: Style) -> tuple[int, int, int]:
    """Clarity, naturalness and emotion as numbers."""
    said = style.or_else(NEUTRAL)
    assert said.clarity is not None
    assert said.naturalness is not None
    assert said.emotion is not None
    return said.clarity, said.naturalness, said.emotion


def delivery(style: Style) -> Delivery:
    """What the engine is told."""
    clarity, naturalness, emotion = full(style)
    return Delivery(
        temperature=round(CRISPNESS.at(clarity) * WARMTH.at(emotion), 6),
        detail=DETAIL.at(naturalness),
        pitch_range=PITCH_RANGE.at(emotion),
    )


def speed(asked: float, style: Style, text: str, seed: int) -> float:
    """A segment's speed: the same text and seed have the same."""
    clarity, naturalness, _ = full(style)
    varied = 1.0 + TEMPO_VARIATION.at(naturalness) * _chance(text, seed, "tempo")
    return round(min(FASTEST, max(SLOWEST, asked * PACE.at(clarity) * varied)), 6)


def pause_ms(segment: Segment, style: Style, seed: int) -> int:
    """The pause after a segment; one that the writer asked for stays what it is."""
    if segment.pause_asked:
        return segment.pause_after_ms
    clarity, naturalness, _ = full(style)
    varied = 1.0 + PAUSE_VARIATION.at(naturalness) * _chance(segment.spoken, seed, "pause")
    return round(segment.pause_after_ms * PAUSES.at(clarity) * varied)


def variant(style: Style) -> str:
    """The variant of a voice that would suit; empty: its usual one."""
    _, _, emotion = full(style)
    return CALM if emotion < CALM_BELOW else LIVELY if emotion > LIVELY_ABOVE else ""


def _chance(text: str, seed: int, what: str) -> float:
    """From -1 to 1, by nothing but its arguments."""
    drawn = hashlib.blake2b(f"{what}\0{seed}\0{text}".encode(), digest_size=4).digest()
    return int.from_bytes(drawn, "big") / 0x7FFFFFFF - 1.0
