"""Calls on fixed buffers: made as they are on a CPU, recorded once and replayed as CUDA graphs on a card.

A frame is some 1,500 small kernels, and to launch each from Python takes longer than to run it. A recorded call is
launched as one. It reads and writes the very buffers that it was recorded with, waits for nothing and decides nothing
on the host.
"""

from collections.abc import Callable, Hashable
from typing import Protocol

import torch
from torch import Tensor

Call = Callable[[], Tensor]


class Recorder(Protocol):
    """Runs calls by a key that says all that decides their shapes, and nothing else."""

    def knows(self, key: Hashable) -> bool:
        """Whether `run` may be used; else `record` first."""
        ...

    def record(self, key: Hashable, call: Call) -> None:
        """Run it a few times, and record it. What it changes meanwhile is the caller's care."""
        ...

    def run(self, key: Hashable, call: Call) -> Tensor:
        """What `call` gives; it stands where it stood the last time."""
        ...


class Direct:
    """Records nothing: a call is a call."""

    def knows(self, key: Hashable) -> bool:
        return True

    def record(self, key: Hashable, call: Call) -> None:
        """Nothing to do."""

    def run(self, key: Hashable, call: Call) -> Tensor:
        return call()


class Graphs:
    """Owns CUDA graphs that are replayed one after another on one stream, and the memory that they share."""

    WARM_UPS = 2
    """Runs before recording: libraries choose their kernels and take their workspaces then."""

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()
        self._recorded: dict[Hashable, tuple[torch.cuda.CUDAGraph, Tensor]] = {}

    def knows(self, key: Hashable) -> bool:
        return key in self._recorded

    def record(self, key: Hashable, call: Call) -> None:
        here, aside = torch.cuda.current_stream(), torch.cuda.Stream()
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            for _ in range(self.WARM_UPS):
                call()
            aside.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self._pool, stream=aside, capture_error_mode="thread_local"):
                made = call()
        here.wait_stream(aside)
        self._recorded[key] = (graph, made)

    def run(self, key: Hashable, call: Call) -> Tensor:
        graph, made = self._recorded[key]
        graph.replay()
        return made


def recorder_for(device: torch.device | str) -> Recorder:
    """Graphs on a card."""
    return Graphs() if torch.device(device).type == "cuda" else Direct()
