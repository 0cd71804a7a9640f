"""What the command line sets, and what every measurement is given."""

import functools
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.gpu.card import Card
from benchmarks.report import Target

MOST_SLOTS: Final = 64
FRAMES: Final = 63
"""Of every stream: five seconds. The end of speech is never drawn from these weights."""


class Options(msgspec.Struct, frozen=True, dict=True):
    device: str = "cuda"
    size: str = "1.7b"
    quick: bool = False
    """A tenth of the samples."""
    daemon: bool = False
    """Through a daemon's socket too."""
    official: Path | None = None
    """Python of an environment with `qwen-tts`."""
    faster: Path | None = None
    """Python of an environment with `faster-qwen3-tts`."""

    @property
    def rehearsal(self) -> str:
        """Why the figures are none to be kept; empty when they are."""
        if self.device != "cuda":
            return "on a CPU"
        if self.size == "tiny":
            return "with a tiny model"
        return "with a tenth of the samples" if self.quick else ""

    def count(self, usual: int) -> int:
        return max(3, usual // 10) if self.quick else usual

    @property
    def slots(self) -> int:
        return MOST_SLOTS if self.device == "cuda" else 8

    def target(self, value: float, *, at_least: bool = False) -> Target | None:
        """A promise for one H200 and the large model; there is none for a rehearsal."""
        promised = not self.rehearsal and self.size == "1.7b"
        return Target(value, at_least) if promised else None


class Bench(msgspec.Struct, frozen=True, dict=True):
    """One run: what is wanted, the card, a checkpoint on it, and a folder that goes away with the run."""

    options: Options
    card: Card
    checkpoint: Path
    folder: Path

    @functools.cached_property
    def model(self) -> Any:
        """The checkpoint's model on the card, without slots."""
        from ttsd.worker.qwen3.checkpoint import Checkpoint
        from ttsd.worker.qwen3.model import Model

        made = Model(Checkpoint.open(self.checkpoint), self.card.device, self.card.dtype)
        made.load(lambda _progress, _note: None)
        return made
