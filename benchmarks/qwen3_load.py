"""Loading a Qwen3-TTS checkpoint on this CPU: time and memory, beside the official package, turn by turn.

    python -m benchmarks.qwen3_load CHECKPOINT

is one load of ours, in a process of its own: what it took, as JSON.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.daemon import private_folder
from benchmarks.official import PYTHON
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, single, spread
from ttsd.worker.tuning import TUNING

OURS: Final = (sys.executable, "-m", "benchmarks.qwen3_load")
THEIRS: Final = (str(PYTHON), "tests/oracle/loaded.py")
NOT_SLOWER: Final = Target(1.0, at_least=True)
LEAN: Final = Target(1.1)
MIB: Final = 2**20


class Load(msgspec.Struct, frozen=True):
    """What one load took."""

    load_s: float
    """Of the call alone; imports are before it."""
    peak_bytes: int
    """Most memory that the process had, pages of mapped files included."""
    weight_bytes: int = 0
    """All weights of the checkpoint in float32; our loader counts them."""
    whole_s: float = 0.0
    """From the start of the process."""


def run(options: Options) -> Iterator[Table]:
    if not PYTHON.exists():
        raise SystemExit(f"{PYTHON} is missing: make oracle builds it")
    with private_folder(options.disk) as folder:
        for size, rounds in (("tiny", 10), ("0.6b", 10)):
            checkpoint = folder / size
            subprocess.run([sys.executable, "-m", "tests.checkpoints", str(checkpoint), size], check=True)
            yield _table(size, checkpoint, options.count(rounds))


def _table(size: str, checkpoint: Path, rounds: int) -> Table:
    ours, theirs = _by_turns(checkpoint, rounds)
    alone = _times("checkpoint to model", ours, theirs)
    whole = _times("start of Python to model", ours, theirs, "whole_s")
    weights = single("weights in float32", ours[0].weight_bytes / MIB, "MiB")
    peak = spread("most memory of the process", _peaks(ours), unit="MiB", against=weights)
    memory: tuple[Row, ...] = (
        weights,
        peak,
        spread("the same, official package", _peaks(theirs), unit="MiB", against=weights),
    )
    if size != "tiny":  # there Python and torch outweigh the model a hundred times
        memory += (single("most memory, as multiple of the weights", peak.ratio or 0.0, "×", target=LEAN),)
    notes = (
        "files in the page cache; ours and theirs by turns, a process each, both float32",
        "a virtual machine whose host takes free memory back gets it again slowly, huge pages most of all: 1–2 s a GB",
        "memory: VmHWM, with Python, torch and the pages of mapped files",
    )
    return Table(f"Loading Qwen3-TTS on the CPU, {size}", (*alone, *whole, *memory), notes)


def _times(label: str, ours: list[Load], theirs: list[Load], field: str = "load_s") -> tuple[Row, ...]:
    mine, other = ([getattr(load, field) * 1000 for load in loads] for loads in (ours, theirs))
    first = spread(label, mine)
    faster = [b / a for a, b in zip(mine, other, strict=True)]
    return (
        first,
        spread(f"{label}, official package", other, against=first),
        spread(f"{label}: how many times faster", faster, unit="×", target=NOT_SLOWER),
    )


def _peaks(loads: list[Load]) -> list[float]:
    return [load.peak_bytes / MIB for load in loads]


def _by_turns(checkpoint: Path, rounds: int) -> tuple[list[Load], list[Load]]:
    for line in (OURS, THEIRS):  # what is imported and read comes from the page cache from now on
        _measure(line, checkpoint)
    pairs = [(_measure(OURS, checkpoint), _measure(THEIRS, checkpoint)) for _ in range(rounds)]
    return [mine for mine, _ in pairs], [other for _, other in pairs]


def _measure(line: tuple[str, ...], checkpoint: Path) -> Load:
    env = {"OMP_NUM_THREADS": str(os.cpu_count()), **(TUNING if line is OURS else {}), **os.environ}
    started = time.perf_counter()
    with subprocess.Popen(
        [*line, str(checkpoint)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
    ) as program:
        assert program.stdout is not None
        said = next((text for text in program.stdout if text.startswith("{")), "")
        whole_s = time.perf_counter() - started
        program.kill()
    return msgspec.structs.replace(msgspec.json.decode(said, type=Load), whole_s=whole_s)


def _load(checkpoint: Path) -> Load:
    import torch

    from ttsd.worker.qwen3.checkpoint import Checkpoint, Part
    from ttsd.worker.qwen3.model import Model

    started = time.perf_counter()
    files = Checkpoint.open(checkpoint)
    Model(files, torch.device("cpu"), torch.float32).load(lambda _progress, _note: None)
    load_s = time.perf_counter() - started
    peak_kib = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    parts: tuple[Part, ...] = ("model", "codec")
    numbers = sum(files.tensor(part, name).numel() for part in parts for name in files.names(part))
    return Load(load_s, peak_kib * 1024, 4 * numbers)


if __name__ == "__main__":
    print(msgspec.json.encode(_load(Path(sys.argv[1]))).decode(), flush=True)
