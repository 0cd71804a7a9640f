"""The thread that writes logs, and what it does with sinks that fail."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from ttsd.log.file import LogFile
from ttsd.log.lines import Value, json_line
from ttsd.protocol.events import LogEvent

QUEUE: Final = 4096
"""Records that may wait for a slow disk; more are dropped and counted."""
CLOSE_TIMEOUT_S: Final = 5.0


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


class Guarded:
    """A sink that may fail: counts what it lost, and says so once when it fails and once when it works again."""

    def __init__(self, name: str, sink: Sink) -> None:
        self._name = name
        self._sink = sink
        self._lost = 0
        self.dropped = 0

    @property
    def works(self) -> bool:
        """Whether the last write went well."""
        return self._lost == 0

    def write(self, event: LogEvent) -> LogEvent | None:
        """Write `event`; returns what is to be told about this sink, if anything."""
        try:
            self._sink.write(event)
        except OSError as error:
            self._lost += 1
            self.dropped += 1
            return notice(event, f"log.{self._name}_failed", error=str(error)) if self._lost == 1 else None
        lost, self._lost = self._lost, 0
        return notice(event, f"log.{self._name}_works_again", lost=lost) if lost else None

    def close(self) -> None:
        with suppress(OSError):
            self._sink.close()


def notice(cause: LogEvent, name: str, **fields: Value) -> LogEvent:
    """What the log says about itself; it happened when `cause` was written."""
    return LogEvent(seq=0, at_s=cause.at_s, level="warning", event=name, fields=dict(fields))


class Writer:
    """Owns the thread that writes, and the bounded queue in front of it: putting never waits, a full queue drops."""

    def __init__(self, sinks: Sequence[Guarded]) -> None:
        self._sinks = sinks
        # Not queue.Queue: a destructor that logs may interrupt `put` on the same thread, and that one would deadlock.
        self._queue: queue.SimpleQueue[LogEvent | Callable[[], None] | None] = queue.SimpleQueue()
        self._overrun = 0
        self._overrun_told = 0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Events that a sink, or the queue, could not take."""
        return self._overrun + sum(sink.dropped for sink in self._sinks)

    def put(self, item: LogEvent | Callable[[], None]) -> None:
        """Write an event, or call something between two of them, after everything that was put before."""
        if self._queue.qsize() < QUEUE:
            self._queue.put(item)
        else:
            self._overrun += 1

    def close(self) -> None:
        """Write what waits, then close the sinks."""
        self._queue.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, LogEvent):
                self._write(item)
            else:
                with suppress(OSError):
                    item()
        for sink in self._sinks:
            sink.close()

    def _write(self, event: LogEvent) -> None:
        notices = [told for sink in self._sinks if (told := sink.write(event)) is not None]
        if (lost := self._overrun - self._overrun_told) > 0:
            self._overrun_told += lost
            notices.append(notice(event, "log.overrun", lost=lost))
        for told in notices:
            for sink in self._sinks:
                if sink.works:
                    sink.write(told)
