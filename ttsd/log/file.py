"""The log file: whole lines, a new file each day or at a size, the old ones compressed and bounded."""

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
TIDY_TIMEOUT_S: Final = 5.0
_ROTATED: Final = re.compile(r"ttsd-(?P<day>\d{4}-\d\d-\d\d)(?:\.(?P<number>\d+))?\.log(?P<gz>\.gz)?")


def local_day(at_s: float) -> date:
    """The day on the machine's calendar."""
    return datetime.fromtimestamp(at_s, tz=UTC).astimezone().date()


class LogFile:
    """Owns `ttsd.log` in one directory; used by one thread.

    A line is written whole or not at all, and no line is lost between two files. A file that somebody moved
    or removed is made again. Raises OSError when a line could not be written.
    """

    def __init__(self, directory: Path, settings: config.Log) -> None:
        self.settings = settings
        self._directory = directory
        self._path = directory / NAME
        self._archive = Archive(directory)
        self._fd = -1
        self._size = 0
        self._day = date.min

    def write(self, line: bytes, at_s: float) -> None:
        """Append `line`, which ends in a newline; first begin a new file when one is due."""
        today = local_day(at_s)
        self._ensure_open(today)
        if today != self._day or self._size + len(line) > self.settings.max_mb * MEGABYTE:
            # Not being able to rotate is no reason to lose the line: a file too large is better than none.
            with suppress(OSError):
                self.rotate(today)
        self._append(line)

    def rotate(self, today: date | None = None) -> None:
        """Put the file aside, dated by its last line, and begin another; nothing to do while it is empty."""
        self._ensure_open(today)
        if self._size:
            self._path.rename(self._archive.free_name(self._day))
            self.close_file()
            self._ensure_open(today or self._day)
            self._archive.tidy_soon(self._day, self.settings)
        self._day = today or self._day

    def close(self) -> None:
        """Everything is on the disk afterwards; an archive left unfinished is finished at the next start."""
        if self._fd >= 0:
            with suppress(OSError):
                os.fsync(self._fd)
        self.close_file()
        self._archive.wait(TIDY_TIMEOUT_S)

    def close_file(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _append(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._fd, line[written:])
        except OSError:
            if written:
                os.ftruncate(self._fd, self._size)
            raise
        self._size += written

    def _ensure_open(self, today: date | None) -> None:
        if self._fd >= 0 and self._still_there():
            return
        self.close_file()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        found = os.fstat(self._fd)
        self._size = found.st_size
        self._day = local_day(found.st_mtime)
        if self._size and os.pread(self._fd, 1, self._size - 1) != b"\n":
            self._append(b"\n")  # a crash cut the last line short: keep the next one apart from it
        if today is not None:
            self._archive.tidy_soon(today, self.settings)

    def _still_there(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except OSError:
            return False


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
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def free_name(self, day: date) -> Path:
        """Where the next file of `day` goes."""
        taken = [file.number for file in self.files() if file.day == day]
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
        """Compress and bound the files, without making the caller wait."""
        self._thread = threading.Thread(target=self.tidy, args=(today, settings), name="log-archive", daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float) -> None:
        """Let the work under way end."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def tidy(self, today: date, settings: config.Log) -> None:
        """Compress what is not, finish what a crash interrupted, remove what is too old or too much."""
        with self._lock, suppress(OSError):  # a full disk: tried again at the next rotation
            self._expire(today, settings)
            for leftover in self._directory.glob("ttsd-*.log.gz.tmp"):
                leftover.unlink()
            for file in self.files():
                if not file.compressed:
                    compress(file.path)
            self._expire(today, settings)

    def _expire(self, today: date, settings: config.Log) -> None:
        oldest = today - timedelta(days=settings.keep_days)
        room = settings.max_total_mb * MEGABYTE - _size(self._directory / NAME)
        for file in reversed(self.files()):
            room -= _size(file.path)
            if file.day < oldest or room < 0:
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
