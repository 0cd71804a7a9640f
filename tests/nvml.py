"""The scripted driver of `tests/integration/fake_nvml.c`, compiled."""

import os
import shutil
from pathlib import Path

from tests.needs import require

SOURCE = Path(__file__).parent / "integration" / "fake_nvml.c"


def compiled(directory: Path) -> Path:
    """`directory`, with a `libnvidia-ml.so.1` in it that tells what the file in `$FAKE_NVML` says."""
    gcc = shutil.which("gcc")
    require(gcc, "needs gcc: apt install gcc libc6-dev")
    assert gcc is not None
    library = directory / "libnvidia-ml.so.1"
    flags = ["-shared", "-fPIC", "-O1", "-Wl,-soname,libnvidia-ml.so.1", "-o", str(library), str(SOURCE)]
    assert os.spawnv(os.P_WAIT, gcc, ["gcc", *flags]) == 0
    return directory
