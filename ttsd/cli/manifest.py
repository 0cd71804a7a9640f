"""What a batch has done so far, in a file of JSON lines beside its outputs: the same command goes on from there."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ttsd.protocol.errors import Conflict, TtsdError


class Unwritable(TtsdError):
    """The folder does not take what is written: no other order would fare better."""


class Ordered(msgspec.Struct, frozen=True, tag="ordered"):
    """The daemon is being given the order; it may have it."""

    file: str
    order: str
    """Its fingerprint."""
    at_s: float
    """Unix time; the job is not older."""


class Submitted(msgspec.Struct, frozen=True, tag="submitted"):
    """The daemon has the order as a job."""

    file: str
    order: str
    job: str


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The output is there under its name."""

    file: str
    order: str
    job: str
    bytes: int
    audio_s: float


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The order came to nothing; the next run tries it again."""

    file: str
    order: str
    error: str


Entry = Ordered | Submitted | Finished | Failed

_encode = msgspec.json.Encoder().encode
_entry = msgspec.json.Decoder(Entry)


class Manifest:
    """Owns the file, alone: a second batch into the same folder is refused. Use it as a context manager.

    Appended to and never rewritten, so whatever moment the command is killed at, all lines but the last are whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: dict[str, Entry] = {}

    def __enter__(self) -> Self:
        """Raises Conflict when another batch is at work, Unwritable when the file cannot be written."""
        try:
            self._file = self._path.open("a+b")
        except OSError as error:
            raise self._cannot(error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.seek(0)
            data = self._file.read()
            if data and not data.endswith(b"\n"):
                self._write(b"\n")
        except BlockingIOError as error:
            self._file.close()
            raise Conflict(f"another `ttsd batch` writes into {self._path.parent}: wait for it, or stop it") from error
        self._latest = {entry.file: entry for entry in entries(data)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def latest(self, file: str, order: str) -> Entry | None:
        """What was last heard of `order` for `file`; `None` too when `file` was last ordered otherwise."""
        entry = self._latest.get(file)
        return entry if entry is not None and entry.order == order else None

    def add(self, entry: Entry) -> None:
        """Write it down. Raises Unwritable when the disk does not take it."""
        self._write(_encode(entry) + b"\n")
        self._latest[entry.file] = entry

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file.fileno(), data) :]
        except OSError as error:
            raise self._cannot(error) from error

    def _cannot(self, error: OSError) -> Unwritable:
        return unwritable(self._path, error)


def unwritable(path: Path, error: OSError) -> Unwritable:
    """Why `path` cannot be written, and that nothing is lost."""
    return Unwritable(f"{path}: cannot be written: {error.strerror}; mend that and run the same command again")


def entries(data: bytes) -> Iterator[Entry]:
    """Every whole line; torn ones are passed over."""
    for line in data.split(b"\n"):
        try:
            yield _entry.decode(line)
        except msgspec.DecodeError:
            continue
