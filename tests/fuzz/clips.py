"""The reading of clips: anything but sound or one of our errors is a finding."""

import tempfile
from pathlib import Path

import numpy as np

from tests.speech import file_of
from ttsd.audio.reference.decoding import read_recording
from ttsd.protocol.errors import TtsdError

TONE = (0.3 * np.sin(np.arange(4_000) / 12)).astype(np.float32)
SEEDS = [file_of(TONE, format=name) for name in ("WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "AU", "W64")]


def check(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(prefix="ttsd-fuzz-") as file:
        file.write(data)
        file.flush()
        try:
            assert np.isfinite(read_recording(Path(file.name)).samples).all()
        except TtsdError as error:
            if error.param != "audio":
                raise AssertionError(error.message) from error
