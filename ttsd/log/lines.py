"""How a log event looks: a JSON line in the file; on stderr a line for people, for journald, or JSON."""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from ttsd.protocol.events import LogEvent

Value = str | int | float | bool | None
Format = Literal["auto", "console", "json"]
_PRIORITY: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_COLOUR: Final = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "31;1"}
_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@+,()")


def timestamp(at_s: float) -> str:
    """Local time with its offset, to the millisecond."""
    return datetime.fromtimestamp(at_s, tz=UTC).astimezone().isoformat(timespec="milliseconds")


def json_line(event: LogEvent) -> bytes:
    """One line of JSON; `ts`, `level` and `event` are always there, and no field takes their place."""
    head = {"ts": timestamp(event.at_s), "level": event.level, "event": event.event}
    return msgspec.json.encode({**head, **{_free(key): value for key, value in event.fields.items()}}) + b"\n"


def _free(key: str) -> str:
    return f"{key}_" if key in ("ts", "level", "event") else key


def plain(event: LogEvent) -> str:
    """`event key=value key="two words"`, always one line of printable characters."""
    return " ".join((_printable(event.event), *_pairs(event, "logger")))


def coloured(event: LogEvent) -> str:
    """For a terminal: time, level in colour, the event in bold, its fields; a traceback below."""
    level = f"\x1b[{_COLOUR.get(event.level, '0')}m{event.level:<7}\x1b[0m"
    head = f"\x1b[2m{timestamp(event.at_s)[11:19]}\x1b[0m {level} \x1b[1m{_printable(event.event)}\x1b[0m"
    trace = str(event.fields.get("exception", "")).splitlines()
    return "\n".join((" ".join((head, *_pairs(event, "logger", "exception"))), *map(_printable, trace)))


def _pairs(event: LogEvent, *without: str) -> Iterator[str]:
    return (f"{_bare(key)}={_bare(value)}" for key, value in event.fields.items() if key not in without)


def _bare(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text and _BARE.issuperset(text) else json.dumps(text, ensure_ascii=not text.isprintable())


def _printable(text: str) -> str:
    """Log lines must not be able to steer a terminal, nor to look like two."""
    return text if text.isprintable() else json.dumps(text)


class Stderr:
    """Writes events to standard error. Raises OSError when it is gone."""

    def __init__(self, style: Format, fd: int | None = None) -> None:
        self.format: Format = style
        self._fd = _standard_error() if fd is None else fd
        self._journal = _is_journal(self._fd)
        self._terminal = os.isatty(self._fd)

    def write(self, event: LogEvent) -> None:
        data = self._render(event)
        while data:
            data = data[os.write(self._fd, data) :]

    def close(self) -> None:
        """Standard error is the process's, not ours."""

    def _render(self, event: LogEvent) -> bytes:
        prefix = f"<{_PRIORITY.get(event.level, 6)}>" if self._journal else ""
        if self.format == "json":
            return prefix.encode() + json_line(event)
        return f"{prefix}{self._line(event)}\n".encode()

    def _line(self, event: LogEvent) -> str:
        if self._journal:
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
