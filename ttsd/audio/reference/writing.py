"""A clip as a file of ours: FLAC, 24 kHz, mono, 16 bits; the same samples give the same bytes."""

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ttsd.durable import replace_synced
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ttsd.audio.reference.recording import Samples


def write_clip(target: Path, samples: "Samples") -> str:
    """Write `samples` [n] to `target`, which appears complete and on the disk, or not at all; its SHA-256.

    Raises OSError.
    """
    import soundfile

    made = io.BytesIO()
    soundfile.write(made, pcm_16(samples), SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    data = made.getvalue()
    replace_synced(target, data)
    return hashlib.sha256(data).hexdigest()


def pcm_16(samples: "Samples") -> "NDArray[np.int16]":
    """[n] in 16 bits, little end first; what exceeds full scale is cut off.

    Full scale is 32768, as libsndfile has it when it reads: what was 16 bits before is the same again.
    """
    return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype("<i2")
