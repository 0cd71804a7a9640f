"""Calls on fixed buffers: made as they are on a CPU, recorded once and replayed as CUDA graphs on a card.

A frame is some 1,500 small kernels, and to launch each from Python takes longer than to run it. A recorded call is
launched as one. It reads and writes the very buffers that it was recorded with, waits for nothing and decides nothing
on the host.
"""

import gc
from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from typing import Final, Protocol

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
    """Owns CUDA graphs that are replayed one after another on one stream, their memory, and a stream to record on.

    They are all recorded on that one: graphs recorded on different streams share no memory, and libraries have a
    workspace for each stream, of 32 MB on a Hopper card. Two owners, whose graphs may run at the same time, have two.
    """

    WARM_UPS: Final = 2
    """Runs before recording: libraries choose their kernels and take their workspaces then."""

    def __init__(self) -> None:
        # cuDNN's attention comes first on some cards, and makes a plan for each shape and thread, of 25 ms each.
        torch.backends.cuda.enable_cudnn_sdp(False)
        self._pool = torch.cuda.graph_pool_handle()
        self._aside = torch.cuda.Stream()
        self._recorded: dict[Hashable, tuple[torch.cuda.CUDAGraph, Tensor]] = {}

    def knows(self, key: Hashable) -> bool:
        return key in self._recorded

    def record(self, key: Hashable, call: Call) -> None:
        here, aside = torch.cuda.current_stream(), self._aside
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            for _ in range(self.WARM_UPS):
                call()
            aside.synchronize()
            graph = torch.cuda.CUDAGraph()
            with (
                _no_collecting(),
                torch.cuda.graph(graph, pool=self._pool, stream=aside, capture_error_mode="thread_local"),
            ):
                made = call()
        here.wait_stream(aside)
        self._recorded[key] = (graph, made)

    def run(self, key: Hashable, call: Call) -> Tensor:
        graph, made = self._recorded[key]
        graph.replay()
        return made


@contextmanager
def _no_collecting() -> Generator[None]:
    """A graph that happened to be freed meanwhile would spoil the recording."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def recorder_for(device: torch.device | str) -> Recorder:
    """Graphs on a card."""
    return Graphs() if torch.device(device).type == "cuda" else Direct()
