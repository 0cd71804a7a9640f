"""The threads that write logs, and what they do with sinks that fail."""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from ttsd.log.file import LogFile
from ttsd.log.lines import Value, json_line
from ttsd.protocol.events import LogEvent

QUEUE: Final = 4096
"""Records that may wait for a slow disk; more are dropped and counted."""


class Sink(Protocol):
    """Where events go; raises OSError for one that it could not take."""

    def write(self, event: LogEvent) -> None: ...
    def close(self) -> None: ...


class FileSink:
    """`ttsd.log` as JSON lines."""

    def __init__(self, file: LogFile) -> None:
        self._file = file

    def write(self, event: LogEvent) -> None:
        self._file.write(json_line(event), event.at_s)

    def close(self) -> None:
        self._file.close()


class Writer:
    """Owns one sink, the thread that writes to it and the bounded queue between: putting never waits.

    A sink that fails costs lines, not the process: they are counted, and `tell` gets one event when it begins
    to fail and one when it works again. Each sink has a writer of its own: a stopped terminal holds up no file.
    """

    def __init__(self, name: str, sink: Sink, tell: Callable[[LogEvent], None]) -> None:
        self._name = name
        self._sink = sink
        self._tell = tell
        # Not queue.Queue: a destructor that logs may interrupt `put` on the same thread, and that one would deadlock.
        self._queue: queue.SimpleQueue[LogEvent | Callable[[], None] | None] = queue.SimpleQueue()
        self._dropped = 0
        self._lost = 0
        self._overrun = 0
        self._thread = threading.Thread(target=self._run, name=f"log-{name}", daemon=True)
        self._thread.start()

    @property
    def works(self) -> bool:
        """Whether the last write went well."""
        return self._lost == 0

    @property
    def dropped(self) -> int:
        """Events that the sink, or the queue, could not take."""
        return self._dropped

    def put(self, item: LogEvent | Callable[[], None]) -> None:
        """Write an event, or call something between two of them, after everything that was put before."""
        if self._queue.qsize() < QUEUE:
            self._queue.put(item)
        else:
            self._dropped += 1
            self._overrun += 1

    def flush(self, timeout_s: float) -> None:
        """Wait until what was put before is written, or until the deadline; a closed writer has nothing left."""
        if not self._thread.is_alive():
            return
        written = threading.Event()
        self._queue.put(written.set)
        written.wait(timeout_s)

    def close(self, timeout_s: float) -> None:
        """Write what waits, then close the sink; a sink that hangs is left behind at the deadline."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        closing = False
        while not (closing and self._queue.empty()):
            item = self._queue.get()
            if isinstance(item, LogEvent):
                self._write(item)
            elif item is not None:
                with suppress(OSError):
                    item()
            else:
                closing = True
        with suppress(OSError):
            self._sink.close()

    def _write(self, event: LogEvent) -> None:
        try:
            self._sink.write(event)
        except OSError as error:
            self._dropped += 1
            self._lost += 1
            if self._lost == 1:
                self._notice(event, "failed", error=str(error))
            return
        lost, self._lost = self._lost, 0
        if lost:
            self._notice(event, "works_again", lost=lost)
        if (overrun := self._overrun) > 0:
            self._overrun -= overrun
            self._notice(event, "overrun", lost=overrun)

    def _notice(self, cause: LogEvent, what: str, **fields: Value) -> None:
        event = f"log.{self._name}_{what}"
        self._tell(LogEvent(seq=0, at_s=cause.at_s, level="warning", event=event, fields=dict(fields)))
