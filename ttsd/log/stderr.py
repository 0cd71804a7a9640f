"""Where people and journald look: standard error, with colours on a terminal, with fields in the journal."""

import os
import sys
from typing import Final, Literal

from ttsd.log.journal import Journal
from ttsd.log.lines import PRIORITY, coloured, json_line, plain, timestamp
from ttsd.protocol.events import LogEvent

Format = Literal["auto", "console", "json"]
USUAL: Final = 6
"""The priority of what has no level that syslog knows."""


class Stderr:
    """Writes events to standard error. Raises OSError when it is gone.

    Where that is the journal, `auto` hands events over with their fields, and writes lines only to a journald that
    does not take them.
    """

    def __init__(self, style: Format, fd: int | None = None, journal: Journal | None = None) -> None:
        self.format: Format = style
        self._fd = _standard_error() if fd is None else fd
        self._is_journal = _is_journal(self._fd)
        self._journal = (journal or Journal()) if self._is_journal else None
        self._terminal = os.isatty(self._fd)

    def write(self, event: LogEvent) -> None:
        if self.format == "auto" and self._journal is not None and self._journal.take(event):
            return
        data = self._render(event)
        while data:
            data = data[os.write(self._fd, data) :]

    def close(self) -> None:
        """Standard error is the process's, not ours."""
        if self._journal is not None:
            self._journal.close()

    def _render(self, event: LogEvent) -> bytes:
        prefix = f"<{PRIORITY.get(event.level, USUAL)}>" if self._is_journal else ""
        if self.format == "json":
            return prefix.encode() + json_line(event)
        return f"{prefix}{self._line(event)}\n".encode()

    def _line(self, event: LogEvent) -> str:
        if self._is_journal:
            return plain(event)
        if (self._terminal or self.format == "console") and not os.environ.get("NO_COLOR"):
            return coloured(event)
        return f"{timestamp(event.at_s)} {event.level} {plain(event)}"


def _standard_error() -> int:
    # A process started with standard error closed may have anything at its number: a database, a client.
    return 2 if sys.__stderr__ is not None else os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)


def _is_journal(fd: int) -> bool:
    """Whether systemd connected `fd` to the journal and nobody redirected it since."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(fd)
    except OSError:
        return False
    return (device, inode) == (str(found.st_dev), str(found.st_ino))
