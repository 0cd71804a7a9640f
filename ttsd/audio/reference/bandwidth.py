"""Up to which frequency a recording has sound: telephones and frugal codecs cut it off."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ttsd.audio.reference.spectrum import BIN_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.spectrum import Power

_LOUD: Final = 0.95
"""Fricatives fill the high bands a few times a second: the loud frames of a band count, not their mean."""
_BELOW: Final = 1e-7
"""70 dB below the strongest band there is nothing but the codec's rounding."""
_ROUNDING: Final = 3e-12
"""Steps of 16 bits, in one band."""


def bandwidth_hz(power: "Power") -> int:
    """The highest frequency with sound in `power` [frames, 257], noise included; 12,000 is all that can be told."""
    loud = np.quantile(power, _LOUD, axis=0)
    there = np.flatnonzero(loud > max(float(loud.max()) * _BELOW, _ROUNDING))
    return round((int(there[-1]) if len(there) else 0) * BIN_HZ)
