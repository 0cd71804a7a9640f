"""The logging of the process: where records enter, and the handle that rotates, reconfigures and ends it."""

import asyncio
import atexit
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ttsd.config import Config, Log
from ttsd.log.discretion import Mode
from ttsd.log.file import LogFile
from ttsd.log.loggers import as_event
from ttsd.log.stderr import Stderr
from ttsd.log.writer import FileSink, Writer
from ttsd.protocol.events import LogEvent

FILE_TIMEOUT_S: Final = 5.0
STDERR_TIMEOUT_S: Final = 0.5

OnRecord = Callable[[LogEvent], None]


class Tap(logging.Handler):
    """Takes every record of the process: to the writers, and to `on_record` on the loop's thread."""

    def __init__(self, writers: Sequence[Writer], on_record: OnRecord | None) -> None:
        super().__init__()
        self._writers = writers
        self._on_record = on_record
        self.log_text: Mode = "hash"
        self._loop = asyncio.get_running_loop() if on_record else None
        self._home = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._hand_on(as_event(record, self.log_text))
        except Exception:  # noqa: BLE001 — logging must never break who logs
            self.handleError(record)

    def _hand_on(self, event: LogEvent) -> None:
        for writer in self._writers:
            writer.put(event)
        if self._on_record is None or self._loop is None:
            return
        if threading.get_ident() == self._home:
            self._on_record(event)
        else:
            with suppress(RuntimeError):  # the loop is closed: only the sinks are left
                self._loop.call_soon_threadsafe(self._on_record, event)


class LogHandle:
    """Owns the logging of the process from `configure` to `close`; also a context manager."""

    def __init__(self, settings: Log, logs_dir: Path, on_record: OnRecord | None) -> None:
        self._file = LogFile(logs_dir, settings)
        self._stderr = Stderr(settings.format)
        self._to_file = Writer("file", FileSink(self._file), self._tell)
        self._to_stderr = Writer("stderr", self._stderr, self._tell)
        self._tap = Tap([self._to_file, self._to_stderr], on_record)
        self._apply(settings)
        logging.getLogger().addHandler(self._tap)
        logging.captureWarnings(True)
        atexit.register(self.close)

    @property
    def dropped(self) -> int:
        """Log events lost to a full disk, a closed stderr or an overrun."""
        return self._to_file.dropped + self._to_stderr.dropped

    def rotate(self) -> None:
        """Begin a new file now."""
        self._to_file.put(self._file.rotate)

    def reload(self, config: Config) -> None:
        """Take over `[log]`; all its keys can change at run time."""
        self._apply(config.log)

    def _apply(self, settings: Log) -> None:
        # Libraries speak up from warnings on: their debugging is not ours.
        logging.getLogger("ttsd").setLevel(settings.level.upper())
        self._file.settings = settings
        self._stderr.format = settings.format
        self._tap.log_text = settings.log_text

    def _tell(self, event: LogEvent) -> None:
        """What the log says about itself goes wherever there is a way."""
        for writer in (self._to_file, self._to_stderr):
            if writer.works:
                writer.put(event)

    def close(self) -> None:
        """Write what waits and stop; later records go where they would have gone without `configure`."""
        logging.getLogger().removeHandler(self._tap)
        logging.captureWarnings(False)
        atexit.unregister(self.close)
        writers = ((self._to_file, FILE_TIMEOUT_S), (self._to_stderr, STDERR_TIMEOUT_S))
        for writer, timeout_s in writers:
            writer.flush(timeout_s)  # both, before either is closed: each may have to tell the other that it failed
        for writer, timeout_s in writers:
            writer.close(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def configure(settings: Log, logs_dir: Path, on_record: OnRecord | None = None) -> LogHandle:
    """Begin to log; `on_record` gets every event on the loop's thread (call this on the loop if you pass one)."""
    return LogHandle(settings, logs_dir, on_record)
