"""The quiet ends of what a voice speaks, cut off as it streams: pauses are for those who know the text."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ttsd.protocol.speech import SAMPLE_RATE_HZ

Sound = NDArray[np.float32]

QUIET: Final = 10 ** (-60 / 20)
"""Peak below which nothing is heard beside speech: 60 dB under full scale."""
LEAD: Final = SAMPLE_RATE_HZ * 20 // 1000
TAIL: Final = SAMPLE_RATE_HZ * 50 // 1000
"""Samples of quiet that stay before and after: onsets and decays are below `QUIET` too."""


def trimmed(blocks: Iterable[Sound]) -> Iterator[Sound]:
    """`blocks` less the quiet at both ends. Quiet is held back until sound follows it; sound is never delayed."""
    held: Sound = np.zeros(0, np.float32)
    heard = False
    for block in blocks:
        held = np.concatenate((held, block))
        loud = np.flatnonzero(np.abs(held) > QUIET)
        if not loud.size:
            held = held if heard else held[-LEAD:]
            continue
        start = 0 if heard else max(0, int(loud[0]) - LEAD)
        end = int(loud[-1]) + 1
        heard = True
        yield held[start:end]
        held = held[end:]
    if heard:
        yield held[:TAIL]


def pcm(sound: Sound) -> bytes:
    """s16le, limited where the model overshoots."""
    return (np.clip(sound, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
