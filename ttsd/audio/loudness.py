"""How loud speech is (EBU R128, ITU-R BS.1770), and the one gain that makes it as loud as wanted."""

import math
from collections.abc import Iterable
from itertools import chain
from typing import Final, NamedTuple

from ttsd.audio.frames import filtered, frames
from ttsd.audio.pcm import silence

_FLOOR_LUFS: Final = -70.0
"""The absolute gate: quieter blocks do not count, and the meter shows this when none did."""
_METER_STEP_MS: Final = 100
"""So often the meter is read; what remains after the last reading is filled up with silence, which does not count."""
_PEAK_ERROR: Final = 0.0005
"""The meter tells the peak in thousandths."""


class Loudness(NamedTuple):
    """What the meter showed at the end."""

    integrated_lufs: float | None
    """`None` when nothing was long enough (400 ms) and loud enough to count. One channel counts once."""
    true_peak: float
    """Between the samples too; 1.0 is full scale. Never too low."""


def measure(blocks: Iterable[bytes]) -> Loudness:
    """Loudness and true peak of s16le mono, however long."""
    shown: dict[str, str] = {}
    padded = chain(blocks, (silence(_METER_STEP_MS),))
    for frame in filtered(frames(padded), "ebur128", "metadata=1:peak=true:framelog=quiet"):
        shown = frame.metadata or shown
    integrated_lufs = float(shown.get("lavfi.r128.I", _FLOOR_LUFS))
    true_peak = float(shown.get("lavfi.r128.true_peak", 0.0)) + _PEAK_ERROR
    return Loudness(integrated_lufs if integrated_lufs > _FLOOR_LUFS else None, true_peak)


def gain_db(loudness: Loudness, wanted_lufs: float, ceiling_dbtp: float) -> float:
    """From here to `wanted_lufs`, as far as the true peak stays below `ceiling_dbtp`; 0 when nothing was heard.

    In hundredths, rounded down.
    """
    if loudness.integrated_lufs is None:
        return 0.0
    room_db = ceiling_dbtp - 20 * math.log10(loudness.true_peak)
    return math.floor(min(wanted_lufs - loudness.integrated_lufs, room_db) * 100) / 100
