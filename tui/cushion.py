"""How much sound is kept in hand before a phrase is let out: little while all is well, more once it ran dry. Pure."""

from typing import Final

import msgspec
from msgspec.structs import replace

LEAST_S: Final = 0.06
MOST_S: Final = 1.0
GROWTH: Final = 1.6
SHRINKAGE: Final = 0.9
CALM_S: Final = 15.0
"""So much has to be heard without a hitch before the cushion gets thinner by a step."""


class Cushion(msgspec.Struct, frozen=True):
    """The depth that is aimed at, and how much was heard since it last changed."""

    depth_s: float = LEAST_S
    calm_s: float = 0.0

    def opens(self, waiting_s: float, waited_s: float) -> bool:
        """Whether sound is let out: enough is here, or what is here has waited as long as that would last."""
        return waiting_s >= self.depth_s or waited_s >= self.depth_s


def after_underrun(cushion: Cushion) -> Cushion:
    """It ran dry in the middle of a phrase: the next one is let out with more in hand."""
    return Cushion(min(MOST_S, cushion.depth_s * GROWTH))


def after_hearing(cushion: Cushion, seconds: float) -> Cushion:
    """So much more was heard without a hitch."""
    calm_s = cushion.calm_s + seconds
    if calm_s < CALM_S:
        return replace(cushion, calm_s=calm_s)
    return Cushion(max(LEAST_S, cushion.depth_s * SHRINKAGE))
