"""What loading a model takes beside its weights: modules without numbers, memory given back, progress."""

import ctypes
from collections.abc import Callable
from typing import Any, Final

from torch import nn
from torch.overrides import TorchFunctionMode

Report = Callable[[float, str], None]
"""Progress, 0..1, and what is being done."""

READ: Final = 0.8
"""Share of loading that is told of as reading; the rest is arranging the weights, and warming up."""


class Unfilled(TorchFunctionMode):
    """Modules made under it are left without numbers: theirs come from the checkpoint.

    Not only for the time it takes: to draw normal numbers on the meta device, torch imports its compiler, which takes
    longer than reading a small model.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", None) == nn.init.__name__:
            return None
        return func(*args, **(kwargs or {}))


def give_back() -> None:
    """Return to the system what loading has freed: the holes between arranged weights are a seventh of their size."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


class Reading:
    """Reports how far reading has come, by bytes: a hundred times, not for each tensor."""

    def __init__(self, report: Report, size_bytes: int) -> None:
        self._report = report
        self._size_bytes = size_bytes
        self._read_bytes = 0
        self._told = -1
        self._note = ""

    def note(self, note: str) -> None:
        """What is read from now on."""
        self._note, self._told = note, -1
        self.count(0)

    def count(self, size_bytes: int) -> None:
        """So much more was read."""
        self._read_bytes += size_bytes
        percent = 100 * self._read_bytes // self._size_bytes
        if percent > self._told:
            self._told = percent
            self._report(READ * percent / 100, self._note)
