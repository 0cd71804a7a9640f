"""Loading: until the engine is ready, and what it takes of the card, in processes of its own.

    python -m benchmarks.gpu.load CHECKPOINT DEVICE SLOTS

is one of them: it prints what it took as JSON, when it is ready.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.gpu.options import Bench
from benchmarks.report import Row, Table, single, spread

GB: Final = 1e9
ROUNDS: Final = 2


def run(bench: Bench) -> Iterator[Table]:
    options = bench.options
    found = {slots: [_ready(bench, slots) for _ in range(ROUNDS)] for slots in dict.fromkeys((1, options.slots))}
    rows: list[Row] = []
    for slots, loads in found.items():
        name = "1 slot" if slots == 1 else f"{slots} slots"
        target = options.target(5.0) if slots == 1 else None
        ready = [load["ready_s"] for load in loads if load]
        if not ready:
            rows.append(single(f"{name}: it did not load", 0, "s"))
            continue
        rows.append(spread(f"{name}: process start to ready", ready, "s", target=target))
        rows.append(spread(f"{name}: of this, loading and warming up", [load["load_s"] for load in loads], "s"))
        rows += _memory(bench, name, loads[-1], one=slots == 1)
    notes = (
        f"files in the page cache, {_size(bench.checkpoint) / GB:.2f} GB; a context of 3,072 positions a slot",
        "memory as the driver counts it, of all processes on the card together, less what was used before",
    )
    yield Table("Until it is ready, and what it takes", tuple(rows), notes)


def _memory(bench: Bench, name: str, load: dict[str, float], *, one: bool) -> list[Row]:
    if not bench.card.is_real:
        return []
    target = bench.options.target(4.5) if one else None
    return [
        single(f"{name}: memory of the card", load["card_bytes"] / GB, "GB", target=target),
        single(f"{name}: of this, tensors", load["tensor_bytes"] / GB, "GB"),
        single(f"{name}: of this, kept by the allocator", load["reserved_bytes"] / GB, "GB"),
    ]


def _ready(bench: Bench, slots: int) -> dict[str, float] | None:
    """What a new process took; None when it has failed."""
    line = [sys.executable, "-m", "benchmarks.gpu.load", str(bench.checkpoint), bench.options.device, str(slots)]
    before, started = bench.card.used_bytes(), time.perf_counter()
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        answer = program.stdout.readline()
        ready_s, card_bytes = time.perf_counter() - started, bench.card.used_bytes() - before
        program.communicate("\n")
    return {**json.loads(answer), "ready_s": ready_s, "card_bytes": card_bytes} if answer else None


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors"))


def main() -> None:
    """Load, tell, and stay until told to go."""
    checkpoint, device, slots = sys.argv[1:]
    import torch

    from ttsd.protocol.engine import EngineConfig, Qwen3Settings
    from ttsd.worker.engine import build_engine

    settings = Qwen3Settings(model=checkpoint, device=device, slots=int(slots), allow_cpu=True)
    engine = build_engine(EngineConfig("qwen3", qwen3=settings))
    started = time.perf_counter()
    engine.load(lambda _progress, _note: None)
    took: dict[str, Any] = {"load_s": time.perf_counter() - started, "tensor_bytes": 0, "reserved_bytes": 0}
    if device == "cuda":
        took |= {"tensor_bytes": torch.cuda.memory_allocated(), "reserved_bytes": torch.cuda.memory_reserved()}
    print(json.dumps(took), flush=True)
    sys.stdin.readline()
    engine.close()


if __name__ == "__main__":
    main()
