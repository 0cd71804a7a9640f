"""What `GET /v1/logs` is asked and answers, and which lines a search means: for files, live lines and pages alike."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Final, Literal, get_args

import msgspec

from ttsd.protocol.events import LogEvent

Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
NOT_SAID: Final = "logger"
"""The field that is no part of what a line says: the event's name tells the same."""
_CONSTANTS: Final = {None: "null", True: "true", False: "false"}


class LogQuery(msgspec.Struct, frozen=True):
    """Which lines are wanted; all that is given must hold."""

    level: Level = "debug"
    """The least."""
    q: str = ""
    """Words, each somewhere in `said`, in capitals or not."""
    job: str = ""
    request: str = ""
    """Ids of which the line is."""
    user: str = ""
    """Who asked, by name: only lines of what they asked for."""


class LogPage(msgspec.Struct, frozen=True):
    """Lines of the log files, newest first; their `seq` is 0."""

    lines: tuple[LogEvent, ...] = ()
    next: str | None = None
    """`before` of the page that follows; `None`: there are no older lines."""
    cut: bool = False
    """Time was up before the page was full: with `next` the search goes on."""
    reached_s: float | None = None
    """The time of the oldest line that was looked at."""
    notes: tuple[str, ...] = ()
    """What could not be read, one sentence each."""


def rank(level: str) -> int:
    """The place of `level` among LEVELS; `critical` is an error, and what nobody knows is information."""
    if level == "critical":
        return len(LEVELS) - 1
    return LEVELS.index(level) if level in LEVELS else LEVELS.index("info")


def said(line: LogEvent) -> str:
    """The event and its fields, `event name=value …`: what is searched. Not for showing: it holds anything."""
    text = line.event
    for name, value in line.fields.items():
        if name != NOT_SAID:
            text += f" {name}={value if isinstance(value, str) else in_words(value)}"
    return text


def in_words(value: str | float | bool | None) -> str:
    """A field's value as text, as JSON writes it."""
    if isinstance(value, str):
        return value
    return _CONSTANTS[value] if value is None or isinstance(value, bool) else repr(value)


def words_of(q: str) -> tuple[str, ...]:
    """The words that `q` looks for, in small letters."""
    return tuple(q.lower().split())


def matcher(query: LogQuery) -> Callable[[LogEvent], bool]:
    """Says of a line whether `query` means it."""
    least, words = rank(query.level), words_of(query.q)

    def matches(line: LogEvent) -> bool:
        if rank(line.level) < least:
            return False
        if query.job and line.fields.get("job") != query.job:
            return False
        if query.request and line.fields.get("request_id") != query.request:
            return False
        if query.user and line.fields.get("user") != query.user:
            return False
        if not words:
            return True
        text = said(line).lower()
        return all(word in text for word in words)

    return matches


def before_line(line: LogEvent) -> str:
    """`before` for a page that ends where live lines begin, with `line`; `without` takes out what both have."""
    return f"{(_milliseconds(line) + 1) / 1000:.3f}"


def without(found: Iterable[LogEvent], known: Sequence[LogEvent]) -> list[LogEvent]:
    """Those of `found` that are not among `known`. In files, times have milliseconds, and lines have no number."""
    first = _milliseconds(known[0]) if known else 0
    there = [(line.event, line.fields) for line in takewhile(lambda line: _milliseconds(line) == first, known)]
    return [line for line in found if _milliseconds(line) < first or (line.event, line.fields) not in there]


def _milliseconds(line: LogEvent) -> int:
    return round(line.at_s * 1e6) // 1000
