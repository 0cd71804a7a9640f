"""What the worker asks of an engine, and which engines there are."""

import queue
import threading
from collections.abc import Callable, Generator
from typing import Final, NamedTuple, Protocol, runtime_checkable

from ttsd.protocol.engine import EngineConfig, EngineGauges, EngineInfo, Reason, Synthesize
from ttsd.protocol.errors import ConfigError

Report = Callable[[float, str], None]
"""Progress of loading: 0..1, and what is being done."""

_PLANNED: Final = ("remote",)


class Engine(Protocol):
    """A model that turns segments into sound.

    `load` runs once, before anything else and in a thread of its own. Then `speak` is called from as many
    threads at once as `info.slots` says; each call may work by itself, or hand its request to one stepping
    thread and wait for its share of the batch. Errors of a request are raised as `TtsdError`; a `MemoryError`
    means that the host or the device is out of memory, and ends the process.
    """

    @property
    def info(self) -> EngineInfo:
        """What the daemon is told; final once `load` has returned."""
        ...

    def load(self, report: Report) -> None:
        """Read the weights and warm up: the first request is as fast as the next. Raises TtsdError."""
        ...

    def speak(self, request: Synthesize, cancelled: threading.Event) -> Generator[bytes, None, Reason | None]:
        """PCM of `request` (24 kHz, mono, s16le), the first of it as early as can be.

        The same request gives the same bytes, whatever else is spoken at the time. Ends early once `cancelled`
        is set, within 100 ms. Returns `length` when it had to be stopped. Raises TtsdError, also when there is
        nothing to be heard.
        """
        ...

    def gauges(self) -> EngineGauges:
        """What is to be told of it now; asked once a second or so, from another thread."""
        ...

    def close(self) -> None:
        """Release what would not go with the process; nothing is being spoken any more."""
        ...


class Piece(NamedTuple):
    """A piece of a text that arrives bit by bit."""

    text: str
    last: bool


@runtime_checkable
class AppendingEngine(Engine, Protocol):
    """An engine whose `info.can_append`: it speaks a text while that is still being written."""

    def speak_live(
        self, request: Synthesize, more: "queue.SimpleQueue[Piece]", cancelled: threading.Event
    ) -> Generator[bytes, None, Reason | None]:
        """As `speak`, of the request's text and all pieces that come, up to the one that is the last.

        However the text was cut, the sound is that of the whole text in one piece.
        """
        ...


def build_engine(config: EngineConfig) -> Engine:
    """The engine `config` names, not loaded yet. Raises ConfigError."""
    match config.name:
        case "builtin":
            from ttsd.worker.builtin import Builtin

            return Builtin(config)
        case "fake":
            from ttsd.worker.fake import Fake

            return Fake(config)
        case "qwen3":
            try:
                from ttsd.worker.qwen3.engine import Qwen3
            except ModuleNotFoundError as error:
                raise ConfigError(
                    f'engine qwen3 needs {error.name}: pip install "ttsd[qwen]"', param="engine.name"
                ) from error
            return Qwen3(config)
        case name if name in _PLANNED:
            raise ConfigError(
                f'this version has no engine {name!r} yet; set [engine] name = "builtin"', param="engine.name"
            )
        case name:
            raise ConfigError(f"there is no engine {name!r}; there are builtin and fake", param="engine.name")
