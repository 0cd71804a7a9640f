"""Reading back through the log: `ttsd.log` and the files put aside, newest line first, a page at a time."""

import asyncio
import gzip
import hashlib
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Final, NamedTuple, Self

import msgspec

from ttsd.clock import Clock
from ttsd.log.archive import NAME, Archive
from ttsd.log.loggers import shortened
from ttsd.log.sieve import sieve
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogPage, LogQuery, matcher

TIME_S: Final = 1.0
"""How long one page may look; the first file's unpacking is not counted, so that every page comes further."""
PAGE_BYTES: Final = 4 * 2**20
LONGEST: Final = 4 * 2**20
"""Of a longer line only the beginning is looked at, and then it is no JSON."""
BLOCK: Final = 2**16
HEAD: Final = 4096
GLANCE: Final = 256
"""Lines between two looks at the clock."""
BREATH_S: Final = 0.0003
"""A rest after so many lines: Python runs one thread at a time, and the daemon's loop is not to wait for this one."""

_decoder: Final = msgspec.json.Decoder(dict[str, str | int | float | bool | None])
_BEFORE: Final = re.compile(r"(?P<head>[0-9a-f]{16})-(?P<offset>\d{1,18})|(?P<moment>\d{1,12}(?:\.\d{1,6})?)")


class Place(NamedTuple):
    """Where a page begins. A file is known by its first line: names change when it is put aside and compressed."""

    head: str = ""
    offset: int = 0
    moment_s: float | None = None

    @classmethod
    def parse(cls, before: str) -> "Place":
        """Raises BadRequest."""
        if not before:
            return cls()
        if (found := _BEFORE.fullmatch(before)) is None:
            raise BadRequest("before is the `next` of a page, or seconds since 1970", param="before")
        if found["moment"]:
            return cls(moment_s=float(found["moment"]))
        return cls(found["head"], int(found["offset"]))


class LogSearch:
    """Owns nothing on the disk but, for a moment, a file without a name that a compressed one is unpacked into.

    One page is looked for at a time, on a thread. A line that is put aside while it is looked for is found once.
    """

    def __init__(self, directory: Path, scratch: Path, clock: Clock) -> None:
        self._directory = directory
        self._scratch = scratch
        self._clock = clock
        self._turn = asyncio.Lock()

    async def read(self, query: LogQuery, before: str, limit: int) -> LogPage:
        """At most `limit` lines of `query`, newest first, from `before` back. Raises BadRequest."""
        place = Place.parse(before)
        async with self._turn:
            return await asyncio.to_thread(self.page, query, place, limit)

    def page(self, query: LogQuery, place: Place, limit: int) -> LogPage:
        """The same on this thread."""
        reading = Reading(query, place, limit, self._clock)
        found = not place.head
        for file in self._files(reading):
            with file:
                if not found and file.head != place.head:
                    continue
                if not file.begins_before(place.moment_s):
                    continue
                end = place.offset if not found else None
                found = True
                if self._unpack(file, reading) and not reading.take(file, end):
                    return reading.page()
        if not found:
            reading.notes.append("the file that this page begins in is gone, and all older ones with it")
        reading.next = None
        return reading.page()

    def _files(self, reading: "Reading") -> Iterator["Opened"]:
        """Newest first, each once. The one in use is opened before the others are listed: none slips through."""
        seen: set[str] = set()
        for path in self._paths():
            try:
                file = opened(path)
            except (OSError, EOFError, zlib.error) as error:
                if not isinstance(error, FileNotFoundError):
                    reading.notes.append(f"{path.name} cannot be read: {error}")
                continue
            if file.head and file.head not in seen:
                seen.add(file.head)
                yield file
            else:
                file.close()

    def _paths(self) -> Iterator[Path]:
        yield self._directory / NAME
        try:
            put_aside = Archive(self._directory).files()
        except OSError:  # no folder yet: nothing was logged
            return
        yield from (file.path for file in reversed(put_aside))

    def _unpack(self, file: "Opened", reading: "Reading") -> bool:
        """Make `file` one that can be read from its end; whether there is anything to read."""
        if not file.packed:
            return True
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
            whole = file.unpack(self._scratch)
        except OSError as error:
            reading.notes.append(f"{file.name} cannot be unpacked: {error}")
            return False
        if not whole:
            reading.notes.append(f"{file.name} is damaged; what comes before the damage is there")
        return True


class Opened:
    """A log file that is open, whatever becomes of its name."""

    def __init__(self, name: str, file: IO[bytes], *, packed: bool) -> None:
        self.name = name
        self.packed = packed
        self._file = file
        first = (gzip.GzipFile(fileobj=file) if packed else file).read(HEAD).partition(b"\n")
        self._first = first[0]
        self.head = hashlib.sha256(first[0]).hexdigest()[:16] if first[1] or len(first[0]) == HEAD else ""

    def begins_before(self, moment_s: float | None) -> bool:
        """Whether it may hold lines of before that moment."""
        event = parsed(self._first)
        return moment_s is None or event is None or event.at_s < moment_s

    def unpack(self, scratch: Path) -> bool:
        """Into a file without a name; whether all of it could be. Raises OSError when there is no room."""
        packed, self._file = self._file, tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 — `close` closes it
        self.packed = False
        packed.seek(0)
        with packed, gzip.GzipFile(fileobj=packed) as source:
            try:
                shutil.copyfileobj(source, self._file, BLOCK)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                return False
        return True

    def lines_back(self, end: int | None) -> Iterator[tuple[int, bytes]]:
        """Each whole line before `end` (default: all there are) with its offset, the last one first."""
        position = self._file.seek(0, 2) if end is None else end
        rest: bytes | None = None
        while position > 0:
            begin = max(0, position - BLOCK)
            self._file.seek(begin)
            data = self._file.read(position - begin) + (rest or b"")
            position = begin
            pieces = data.split(b"\n")
            offset = begin + len(data)
            if rest is None:  # behind the last newline there is nothing, or a line that is being written
                offset -= len(pieces.pop()) + 1 if len(pieces) > 1 else 0
            for piece in reversed(pieces[1:] if begin else pieces):
                offset -= len(piece)
                yield offset, piece
                offset -= 1
            rest = pieces[0][:LONGEST]

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def opened(path: Path) -> Opened:
    """`path`, or what it became while it was looked for. Raises OSError, EOFError or zlib.error."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        path = path.with_name(f"{path.name}.gz")
        file = path.open("rb")
    try:
        return Opened(path.name, file, packed=path.suffix == ".gz")
    except BaseException:
        file.close()
        raise


class Reading:
    """Owns one page while it fills: its bounds, and what was met on the way."""

    def __init__(self, query: LogQuery, place: Place, limit: int, clock: Clock) -> None:
        self.notes: list[str] = []
        self.next: str | None = None
        self._may_match = sieve(query)
        self._matches = matcher(query)
        self._before_s = place.moment_s
        self._limit = limit
        self._clock = clock
        self._deadline_s: float | None = None
        self._lines: list[LogEvent] = []
        self._bytes = 0
        self._torn = 0
        self._looked = 0
        self._last = b""
        self._cut = False

    def take(self, file: Opened, end: int | None) -> bool:
        """Look through `file` from `end` back; whether the page can take more."""
        if self._deadline_s is None:
            self._deadline_s = self._clock() + TIME_S
        for offset, raw in file.lines_back(end):
            self._looked, self._last = self._looked + 1, raw
            if self._may_match(raw):
                self._look(raw)
            self.next = f"{file.head}-{offset}"
            if len(self._lines) >= self._limit or self._bytes > PAGE_BYTES:
                return False
            if self._looked % GLANCE == 0:
                time.sleep(BREATH_S)
                if self._clock() > self._deadline_s:
                    self._cut = True
                    return False
        return True

    def _look(self, raw: bytes) -> None:
        event = parsed(raw)
        if event is None:
            self._torn += bool(raw)
        elif self._matches(event) and (self._before_s is None or event.at_s < self._before_s):
            self._lines.append(event)
            self._bytes += len(raw)

    def page(self) -> LogPage:
        if self._torn:
            self.notes.append(f"torn lines left out: {self._torn}")
        last = parsed(self._last)
        return LogPage(tuple(self._lines), self.next, self._cut, last.at_s if last else None, tuple(self.notes))


def parsed(raw: bytes) -> LogEvent | None:
    """The event of a line; `None` when a crash tore it."""
    try:
        fields = _decoder.decode(raw)
        at_s = datetime.fromisoformat(str(fields.pop("ts"))).timestamp()
        level, event = str(fields.pop("level")), str(fields.pop("event"))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, ValueError, OverflowError, RecursionError):
        return None
    short = {name: shortened(value) if isinstance(value, str) else value for name, value in fields.items()}
    return LogEvent(0, at_s, level, shortened(event), short)
