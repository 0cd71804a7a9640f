"""A file of the newest rows of figures: of fixed size, whole after a `kill -9`, without a database."""

import math
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

MAGIC: Final = b"ttsdring"
_HEADER: Final = struct.Struct("<8sIII96s")
"""Magic, rows, figures a row, CRC of their names, whose figures these are."""
_CRC: Final = struct.Struct("<I")
_PIECE: Final = 512
"""Rows read at once, from the newest back."""


class Timed(NamedTuple):
    """A row, and when it was written in Unix seconds; NaN where there was no figure."""

    at_s: float
    figures: tuple[float, ...]


class Ring:
    """Owns one file: a header, then `capacity` rows; row `n` has the place `n` modulo `capacity`.

    Each row has a checksum: one that was torn, by a crash or a power cut, is not there. Nothing is synced: a power cut
    takes what the kernel had not written yet, the last half minute. A file of another shape is begun anew.
    """

    def __init__(self, path: Path, names: Sequence[str], capacity: int, subject: str = "") -> None:
        """Rows have one figure, kept as a float32, for each of `names`. Raises OSError."""
        self._capacity = capacity
        self._body = struct.Struct(f"<Qd{len(names)}f")
        self._row_bytes = self._body.size + _CRC.size
        names_crc = zlib.crc32("\n".join(names).encode())
        header = _HEADER.pack(MAGIC, capacity, len(names), names_crc, subject.encode()[:96])
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        if self._read(0, _HEADER.size) != header:
            self._file.truncate(0)
            os.pwrite(self._file.fileno(), header, 0)
        self._last = max(self._numbers(), default=0)

    def close(self) -> None:
        self._file.close()

    def append(self, at_s: float, figures: Sequence[float | None]) -> None:
        """Put a row in the place of the oldest. Raises OSError; then the row before is still the newest."""
        kept = (math.nan if figure is None else figure for figure in figures)
        body = self._body.pack(self._last + 1, at_s, *kept)
        os.pwrite(self._file.fileno(), body + _CRC.pack(zlib.crc32(body)), self._offset(self._last + 1))
        self._last += 1

    def since(self, from_s: float) -> list[Timed]:
        """The rows from `from_s` on, oldest first.

        Where the clock was set back, what was written in the time that comes again is left out: the newest row is right
        about what time it is.
        """
        rows: list[Timed] = []
        before_s = math.inf
        for row in self._backwards():
            if row.at_s < from_s:
                break
            if row.at_s < before_s:
                before_s = row.at_s
                rows.append(row)
        return rows[::-1]

    def _offset(self, number: int) -> int:
        return _HEADER.size + number % self._capacity * self._row_bytes

    def _read(self, offset: int, count: int) -> bytes:
        return os.pread(self._file.fileno(), count, offset)

    def _numbers(self) -> Iterator[int]:
        """Of all rows that are whole, in the order of the file."""
        data = self._read(_HEADER.size, self._capacity * self._row_bytes)
        for start in range(0, len(data), self._row_bytes):
            if (found := self._whole(data[start : start + self._row_bytes])) is not None:
                yield found[0]

    def _whole(self, row: bytes) -> tuple[int, Timed] | None:
        """Number and content of a row that is as it was written."""
        body = row[: self._body.size]
        if len(row) != self._row_bytes or row[self._body.size :] != _CRC.pack(zlib.crc32(body)):
            return None
        number, at_s, *figures = self._body.unpack(body)
        return number, Timed(at_s, tuple(figures))

    def _backwards(self) -> Iterator[Timed]:
        """The rows, newest first. Those that are overwritten meanwhile are left out."""
        number = self._last
        oldest = max(0, number - self._capacity) + 1
        while number >= oldest:
            count = min(number % self._capacity + 1, _PIECE, number - oldest + 1)
            data = self._read(self._offset(number - count + 1), count * self._row_bytes)
            for place in reversed(range(count)):
                found = self._whole(data[place * self._row_bytes : (place + 1) * self._row_bytes])
                if found is not None and found[0] == number - count + 1 + place:
                    yield found[1]
            number -= count


def subject(path: Path) -> str:
    """Whose figures the file has; empty when it is no ring. Raises OSError."""
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
    if len(header) != _HEADER.size or not header.startswith(MAGIC):
        return ""
    return _HEADER.unpack(header)[4].rstrip(b"\0").decode(errors="ignore")
