"""The device under the figures: its name, its clock, its memory."""

import itertools
import time
from collections.abc import Callable
from typing import Final

import torch

PROBE_BYTES: Final = 4 * 2**30
PROBE_BYTES_CPU: Final = 64 * 2**20
ROUNDS: Final = 10


class Card:
    """One CUDA device; or the CPU, for rehearsals."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.is_real = device.type == "cuda"
        self.dtype = torch.bfloat16 if self.is_real else torch.float32
        if self.is_real and not torch.cuda.is_available():
            raise SystemExit("torch finds no CUDA device; a rehearsal without one: --device cpu --size tiny --quick")

    def describe(self) -> dict[str, str]:
        """What a reader needs to compare figures."""
        versions = {"torch": str(torch.__version__), "CUDA": torch.version.cuda or "none"}
        if not self.is_real:
            return {"gpu": "none: a rehearsal", **versions}
        about = torch.cuda.get_device_properties(self.device)
        return {
            "gpu": about.name,
            "gpu memory": f"{about.total_memory / 2**30:.0f} GiB",
            "multiprocessors": str(about.multi_processor_count),
            "driver": _driver(),
            **versions,
            "cuDNN": str(torch.backends.cudnn.version()),
        }

    def wait(self) -> None:
        """Until all is done that was launched."""
        if self.is_real:
            torch.cuda.synchronize()

    def times_ms(self, call: Callable[[], object], count: int) -> list[float]:
        """How long each of so many calls in a row takes the device, after one that is not counted."""
        call()
        self.wait()
        return self._by_events_ms(call, count) if self.is_real else _by_clock_ms(call, count)

    def _by_events_ms(self, call: Callable[[], object], count: int) -> list[float]:
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(count + 1)]
        marks[0].record()
        for mark in marks[1:]:
            call()
            mark.record()
        self.wait()
        return [before.elapsed_time(after) for before, after in itertools.pairwise(marks)]

    def read_gb_s(self) -> dict[str, list[float]]:
        """Bytes that its memory moves in a second, by what moves them: a sum reads, a copy reads and writes."""
        size = PROBE_BYTES if self.is_real else PROBE_BYTES_CPU
        source = torch.ones(size // 4, device=self.device)
        target = torch.empty_like(source)
        sums = self.times_ms(source.sum, ROUNDS)
        copies = self.times_ms(lambda: target.copy_(source), ROUNDS)
        return {"a sum": [size / ms / 1e6 for ms in sums], "a copy": [2 * size / ms / 1e6 for ms in copies]}

    def let_go(self) -> None:
        """Give back what this process has of its memory and does not use."""
        if self.is_real:
            torch.cuda.empty_cache()

    def used_bytes(self) -> int:
        """Memory that the driver has given away, to everybody; 0 on a CPU."""
        if not self.is_real:
            return 0
        free, total = torch.cuda.mem_get_info(self.device)
        return total - free


def _by_clock_ms(call: Callable[[], object], count: int) -> list[float]:
    marks = [time.perf_counter()]
    for _ in range(count):
        call()
        marks.append(time.perf_counter())
    return [(after - before) * 1000 for before, after in itertools.pairwise(marks)]


def _driver() -> str:
    try:
        import pynvml

        pynvml.nvmlInit()
        return str(pynvml.nvmlSystemGetDriverVersion())
    except Exception as error:  # noqa: BLE001 — a figure's label is not worth the figures
        return f"unknown ({error})"
