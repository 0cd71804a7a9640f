"""A log whose writer is killed, again and again and everywhere: each line that was written is there once, and whole."""

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.torture import compiled
from ttsd.log.archive import Archive

FUSES = 60
KILLS = 60

VICTIMS = """
import ctypes, json, os, random, signal, sys, time
from pathlib import Path
from ttsd.config import Log
from ttsd.log.file import LogFile

logs, fuses, kills = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
settings = Log(max_mb=0.000_8, max_total_mb=1000)
draw = random.Random(20)

def write(life, out, lines):
    file = LogFile(logs, settings)
    for number in range(lines):
        file.write(json.dumps({"life": life, "number": number, "filler": "x" * 80}).encode() + b"\\n", time.time())
        os.write(out, b".")
    return file

def live(life, fuse, kill_after):
    "How many lines a process has written for sure that dies by its fuse, or after so many lines."
    inlet, outlet = os.pipe()
    if not (child := os.fork()):
        ctypes.CDLL(None).hazard_fuse(ctypes.c_long(fuse))
        write(life, outlet, 10_000)
        os._exit(1)
    os.close(outlet)
    written = 0
    while got := os.read(inlet, 1):
        written += 1
        if written == kill_after:
            os.kill(child, signal.SIGKILL)
    os.close(inlet)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    return written

lives = [live(number, number + 1, 0) for number in range(fuses)]
lives += [live(fuses + number, -1, draw.randint(1, 25)) for number in range(kills)]
outlet = os.open(os.devnull, os.O_WRONLY)
write(len(lives), outlet, 1).close()
print(json.dumps(lives))
"""


def lines(directory: Path) -> list[dict[str, Any] | None]:
    """Of all files, oldest first; `None` stands for one that is torn."""
    files = [file.path for file in Archive(directory).files()] + [directory / "ttsd.log"]
    unpacked = [gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files]
    assert all(content.endswith(b"\n") for content in unpacked)
    return [whole(line) for content in unpacked for line in content.splitlines()]


def whole(line: bytes) -> dict[str, Any] | None:
    try:
        return json.loads(line)
    except ValueError:
        return None


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: it is processes that die here, not disks, and each file is waited for."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


def test_a_writer_may_be_killed_at_any_moment(tmp_path, logs):
    done = subprocess.run(
        [sys.executable, "-c", VICTIMS, str(logs), str(FUSES), str(KILLS)],
        env={"LD_PRELOAD": str(compiled(tmp_path))},
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    lives = json.loads(done.stdout)
    found = lines(logs)
    seen: dict[int, list[int]] = {}
    for line in found:
        if line is not None:
            seen.setdefault(line["life"], []).append(line["number"])
    for life, written in enumerate(lives):
        # The one after the last is written and not known to be, or torn, or not begun.
        assert seen.pop(life, []) in (list(range(written)), list(range(written + 1)))
    assert seen == {len(lives): [0]}
    assert 0 < found.count(None) <= len(lives)
    assert [file.compressed for file in Archive(logs).files()].count(False) == 0
    assert not list(logs.glob("*.tmp"))
