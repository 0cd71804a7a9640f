"""The mended clip as a file: FLAC, 24 kHz, mono, 16 bits; the same samples give the same bytes."""

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ttsd.durable import sync_directory, write_synced
from ttsd.protocol.speech import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples


def write_clip(target: Path, samples: "Samples") -> str:
    """Write `samples` [n] to `target`, which appears complete and on the disk, or not at all; its SHA-256.

    Raises OSError.
    """
    import soundfile

    made = io.BytesIO()
    whole = np.rint(np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)
    soundfile.write(made, whole, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    data = made.getvalue()
    part = target.with_name(f".{target.name}.part")
    try:
        write_synced(part, data)
        part.replace(target)
        sync_directory(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return hashlib.sha256(data).hexdigest()
