"""How often the host waits for the card, and what it launches, for each frame: counted by the profiler."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.gpu.options import Bench
from benchmarks.gpu.sources import Source
from benchmarks.report import Row, Table, single
from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.prompt import Prompt

FRAME_SAMPLES: Final = 1920
FRAMES: Final = 20
ON_HOST: Final = {
    "waits for a stream": ("cudaStreamSynchronize",),
    "waits for an event": ("cudaEventSynchronize",),
    "waits for the device": ("cudaDeviceSynchronize",),
    "copies": ("cudaMemcpyAsync", "cudaMemcpy"),
    "graphs launched": ("cudaGraphLaunch",),
    "kernels launched one by one": ("cudaLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernel", "cuLaunchKernelEx"),
    "operations of PyTorch, in the thread that counts": ("cpu_op",),
}
"""By the names of the profiler; operations by their category."""
ON_CARD: Final = "kernels that the card ran"


def run(bench: Bench) -> Iterator[Table]:
    yield _table("A step of 1 stream: what the host does for a frame", _step(bench, 1))
    most = bench.options.slots
    yield _table(f"A step of {most} streams: what the host does for a frame", _step(bench, most))


def speaking(source: Source) -> Table:
    """The whole engine while one stream speaks, its beginning and end included."""
    samples = 0

    def speak() -> None:
        nonlocal samples
        samples = sum(len(pcm) for pcm in source(0)) // 2

    counts = _counted(speak)
    frames = max(1, samples // FRAME_SAMPLES)
    return _table("One stream, through the engine: what the host does for a frame", _per(counts, frames))


def _step(bench: Bench, streams: int) -> dict[str, float]:
    model: Any = bench.model
    pad = model.prompts.pad
    with torch.inference_mode():
        frames = Frames(model.talker, pad, slots=streams, context=512, text_rows=100, device=bench.card.device)
        rows = torch.randn(30, pad.shape[1], generator=torch.Generator().manual_seed(1)).to(pad)
        for slot in range(streams):
            frames.admit(slot, Prompt(rows, rows[:3]), Settings(seed=slot))
        ready = dict.fromkeys(range(streams), NEVER)
        frames.step(ready).cpu()

        def steps() -> None:
            for _ in range(FRAMES):
                frames.step(ready).cpu()

        return _per(_counted(steps), FRAMES)


def _counted(call: Callable[[], None]) -> Counter[str]:
    """Events by name, and by category."""
    kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
    with profile(activities=kinds) as found:
        call()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        found.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    done = [event for event in events if event.get("ph") == "X"]
    return Counter(event["name"] for event in done) + Counter(event.get("cat", "") for event in done)


def _per(counts: Counter[str], frames: int) -> dict[str, float]:
    host = {what: sum(counts[name] for name in names) / frames for what, names in ON_HOST.items()}
    return {**host, ON_CARD: counts["kernel"] / frames}


def _table(title: str, counts: dict[str, float]) -> Table:
    rows: tuple[Row, ...] = tuple(single(what, count, "a frame") for what, count in counts.items())
    return Table(title, rows, ("the one wait that must be: for the codes of the frame",))
