"""Log files that were put aside: named by their day, compressed, and gone when they are too old or too much."""

import gzip
import os
import re
import shutil
import threading
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from ttsd import config

NAME: Final = "ttsd.log"
MODE: Final = 0o640
MEGABYTE: Final = 10**6
WRONG_BEFORE: Final = date(2026, 1, 1)
"""A clock that shows an earlier day was not set yet: such a file's age is not known, and only the bound ends it."""
_ROTATED: Final = re.compile(r"ttsd-(?P<day>\d{4}-\d\d-\d\d)(?:\.(?P<number>\d+))?\.log(?P<gz>\.gz)?")


def local_day(at_s: float) -> date:
    """The day on the machine's calendar."""
    return datetime.fromtimestamp(at_s, tz=UTC).astimezone().date()


def largest_bytes(settings: config.Log) -> float:
    """How large a file may become: the bound of all is for one in use, one being packed, and those packed before."""
    return min(settings.max_mb, settings.max_total_mb / 3) * MEGABYTE


def dated(last: date, today: date, newest: date | None) -> date:
    """The day that a file is put aside under, which has lines up to `last`, when the next line is of `today`.

    Names sort as the lines were written, though clocks jump: `newest` is the last name there is. Where the two days
    disagree the other way, that one is believed which fits to it.
    """
    if newest is None:
        return last
    if last <= today:
        return max(last, newest) if newest <= today else last
    return today if newest <= today else max(last, newest)


class Rotated(NamedTuple):
    """A file that was put aside; sorts by age."""

    day: date
    number: int
    compressed: bool
    path: Path


class Archive:
    """Owns the files put aside: `ttsd-DAY[.N].log.gz`. Compresses and removes in a thread of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._asked: tuple[date, config.Log] | None = None
        self._thread: threading.Thread | None = None

    def free_name(self, last: date, today: date) -> Path:
        """Where a file goes that has lines up to `last`, when the next line is of `today`."""
        files = self.files()
        day = dated(last, today, max((file.day for file in files), default=None))
        taken = [file.number for file in files if file.day == day]
        suffix = f".{max(taken) + 1}" if taken else ""
        return self._directory / f"ttsd-{day.isoformat()}{suffix}.log"

    def files(self) -> list[Rotated]:
        """Oldest first."""
        found: list[Rotated] = []
        for path in self._directory.iterdir():
            if (match := _ROTATED.fullmatch(path.name)) is not None:
                with suppress(ValueError):  # a name such as 2026-99-99 is not ours
                    day = date.fromisoformat(match["day"])
                    found.append(Rotated(day, int(match["number"] or 0), bool(match["gz"]), path))
        return sorted(found)

    def tidy_soon(self, today: date, settings: config.Log) -> None:
        """Compress and bound the files, without making the caller wait; while that is done, once more after it."""
        with self._state:
            self._asked = (today, settings)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="log-archive", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            with self._state:
                if (asked := self._asked) is None:
                    self._thread = None
                    return
                self._asked = None
            self.tidy(*asked)

    def wait(self, timeout_s: float) -> None:
        """Let the work under way end."""
        with self._state:
            thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def tidy(self, today: date, settings: config.Log) -> None:
        """Compress what is not, finish what a crash interrupted, remove what is too old or too much."""
        with self._turn, suppress(OSError):  # a full disk: tried again at the next rotation
            self._expire(today, settings)
            for leftover in self._directory.glob("ttsd-*.log.gz.tmp"):
                leftover.unlink()
            for file in self.files():
                if not file.compressed:
                    compress(file.path)
            self._expire(today, settings)

    def _expire(self, today: date, settings: config.Log) -> None:
        """Afterwards there is room for a full file in use, and for the packed copy of another."""
        oldest = today - timedelta(days=settings.keep_days)
        largest = largest_bytes(settings)
        room = settings.max_total_mb * MEGABYTE - max(largest, _size(self._directory / NAME)) - largest
        for file in reversed(self.files()):
            room -= _size(file.path)
            if WRONG_BEFORE <= file.day < oldest or room < 0:
                file.path.unlink(missing_ok=True)


def compress(path: Path) -> None:
    """Replace `path` by `path.gz`; at every moment one of the two is complete."""
    partial = path.with_name(path.name + ".gz.tmp")
    try:
        _gzip(path, partial)
        partial.rename(path.with_name(path.name + ".gz"))
    finally:
        partial.unlink(missing_ok=True)
    path.unlink()


def _gzip(path: Path, target: Path) -> None:
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
    with os.fdopen(fd, "wb") as raw:
        with path.open("rb") as source, gzip.GzipFile(path.name, "wb", 6, raw) as packed:
            shutil.copyfileobj(source, packed)
        raw.flush()
        os.fsync(fd)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
