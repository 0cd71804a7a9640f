"""Fuzz the reading of clips: `python -m tests.fuzz.clips [SECONDS]`, by atheris where there is one, else by chance."""

import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.speech import file_of
from ttsd.audio.reference.decoding import read_recording
from ttsd.protocol.errors import TtsdError

TONE = (0.3 * np.sin(np.arange(4_000) / 12)).astype(np.float32)
SEEDS = [file_of(TONE, format=name) for name in ("WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "AU", "W64")]


def one(content: bytes, path: Path = Path(tempfile.gettempdir()) / "ttsd-fuzz-clip") -> None:
    """Read `content`; anything but sound or one of our errors is a finding."""
    path.write_bytes(content)
    try:
        assert np.isfinite(read_recording(path).samples).all()
    except TtsdError as error:
        if error.param != "audio":
            raise AssertionError(error.message) from error


def by_chance(seconds: float, seed: int = 0) -> int:
    """Flip, cut, double and insert bytes of good files for so long; how many were read."""
    rng = random.Random(seed)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        content = bytearray(rng.choice(SEEDS))
        for _ in range(rng.randint(1, 12)):
            at = rng.randrange(min(len(content), rng.choice((64, len(content)))))
            match rng.randrange(4):
                case 0:
                    content[at] = rng.randrange(256)
                case 1:
                    del content[at : at + rng.randint(1, 64)]
                case 2:
                    content[at:at] = content[at : at + rng.randint(1, 64)]
                case _:
                    content[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"))
            if not content:
                break
        one(bytes(content))
        count += 1
    return count


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    try:
        import atheris
    except ImportError:
        print(f"{by_chance(seconds)} files read, none of them crashed")
        return
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds:.0f}"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
