"""The log file: whole lines, a new file each day or at a size."""

import os
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from ttsd import config
from ttsd.log.archive import MODE, NAME, Archive, largest_bytes, local_day

TIDY_TIMEOUT_S: Final = 5.0


def begins_a_day(file: date, line: date) -> bool:
    """Whether a line needs a file of another day; two that were written around midnight may come in the other order."""
    return line > file or file - line > timedelta(days=1)


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
        """Of the last line; of none yet."""
        self._believed = date.min
        """The day that the age of files is reckoned from."""

    def write(self, line: bytes, at_s: float) -> None:
        """Append `line`, which ends in a newline; first begin a new file when one is due."""
        today = local_day(at_s)
        self._ensure_open(today)
        if begins_a_day(self._day, today) or self._size + len(line) > largest_bytes(self.settings):
            # Not being able to rotate is no reason to lose the line: a file too large is better than none.
            with suppress(OSError):
                self.rotate(today)
        self._append(line)

    def rotate(self, today: date | None = None) -> None:
        """Put the file aside, dated by its last line, and begin another; nothing to do while it is empty.

        Where lines come faster than they can be compressed, this waits: the bound of all files holds.
        """
        self._ensure_open(today)
        last, today = self._day, today or self._day
        if today != last:
            self._believed = min(last, today)  # a clock that jumps ahead is believed a day later
        if self._size:
            self._archive.wait(TIDY_TIMEOUT_S)
            self._path.rename(self._archive.free_name(last, today))
            self.close_file()
            self._ensure_open(today)
        self._day = today

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
                os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
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
        begins, self._day = self._day == date.min, local_day(found.st_mtime)
        self._end_last_line()
        if today is not None:
            self._believed = min(self._day, today) if begins else self._believed
            self._archive.tidy_soon(self._believed, self.settings)

    def _end_last_line(self) -> None:
        """A crash may have cut it short: the next one is kept apart from it, or not written."""
        try:
            if self._size and os.pread(self._fd, 1, self._size - 1) != b"\n":
                self._append(b"\n")
        except OSError:
            self.close_file()
            raise

    def _still_there(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except OSError:
            return False
