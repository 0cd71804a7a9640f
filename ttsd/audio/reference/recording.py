"""A recording as it came, decoded."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


class Recording(NamedTuple):
    """Sound at the rate and with the channels of its file."""

    samples: "Samples"
    """[frames, channels] float32, full scale 1.0, finite"""
    rate_hz: int
    container: str
    codec: str
    truncated: bool = False
    """The file ends before the sound that it promises."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz
