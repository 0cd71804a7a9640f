"""Whether a voice can be cloned from a clip, whatever its quality."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.protocol.errors import BadRequest

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

SHORTEST_S: Final = 1.0
ADVISED_S: Final = 3
"""From this length on a clone sounds like its voice."""
SILENT_SPAN: Final = 0.002
"""Peak to peak: 60 dB below full scale. An offset is no sound."""
FULL_SCALE: Final = 8.0
"""Float files may exceed 1.0 a little; at integer scale they exceed this by far."""


def check_fit(samples: "Samples", rate_hz: int) -> None:
    """Raises BadRequest (`ref_audio`) for `samples` [n] that are too few, silent, no numbers, or out of range."""
    if not len(samples):
        raise unfit("holds no sound; record the voice again")
    if len(samples) < SHORTEST_S * rate_hz:
        need = f"at least {SHORTEST_S:g} s are needed, {ADVISED_S} s or more are advised"
        raise unfit(f"lasts {len(samples) / rate_hz:.2f} s; {need}")
    if not np.isfinite(samples).all():
        raise unfit("holds samples that are no numbers (NaN or infinite); save it again")
    low, high = float(samples.min()), float(samples.max())
    if max(-low, high) > FULL_SCALE:
        raise unfit(f"has samples of {max(-low, high):g}, and full scale is 1.0; save it as 16-bit WAV")
    if high - low < SILENT_SPAN:
        raise unfit("is silent; record the voice again")


def unfit(why: str) -> BadRequest:
    """That no voice can be made of the clip, and why."""
    return BadRequest(f"the reference clip {why}", param="ref_audio")
