"""How a log event looks: a JSON line for programs, and lines for people."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from ttsd.protocol.events import LogEvent

Value = str | int | float | bool | None
PRIORITY: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
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


def coloured(event: LogEvent, *, day: bool = False) -> str:
    """For a terminal: time (and `day`), level in colour, the event in bold, its fields; a traceback below."""
    level = f"\x1b[{_COLOUR.get(event.level, '0')}m{event.level:<7}\x1b[0m"
    when = timestamp(event.at_s)[0 if day else 11 : 19].replace("T", " ")
    head = f"\x1b[2m{when}\x1b[0m {level} \x1b[1m{_printable(event.event)}\x1b[0m"
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
