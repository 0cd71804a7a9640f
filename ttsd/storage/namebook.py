"""Which source has which name in the outbox: no two share one, and a crash changes nothing of that."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

import msgspec

from ttsd.protocol.jobs import Receipt
from ttsd.storage.naming import output_names, with_ending

NOTE: Final = "name.json"


class Held(msgspec.Struct, frozen=True):
    """The name (without ending, below the outbox) that a job under way has for its source's results."""

    source: str
    name: str
    is_table: bool = False
    """The name is a folder's, with a file for each row."""


class Owner(msgspec.Struct, frozen=True):
    """What the name's receipt, of whatever version, says of whose it is."""

    source: str
    job: str
    output: str = ""


class NameBook:
    """Owns the names of jobs under way; each is noted in the job's work folder. Safe from several threads."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._held: dict[str, Held] = {}
        self._lock = threading.Lock()

    def load(self, work: Path) -> None:
        """Remember what the last daemon's jobs held."""
        for folder in work.iterdir():
            with contextlib.suppress(OSError, msgspec.DecodeError):
                self._held[folder.name] = msgspec.json.decode((folder / NOTE).read_bytes(), type=Held)

    def hold(self, job: str, folder: Path, source: PurePath, *, is_table: bool = False) -> PurePath:
        """The name of the results of `source`, from now on that of `job`, whose work folder is `folder`."""
        with self._lock:
            held = self._held.get(job)
            if held is None:
                name = next((name for name in output_names(source) if self._is_free(name, source, is_table)), None)
                held = Held(str(source), str(name or [*output_names(source)][-1]), is_table)
                (folder / NOTE).write_bytes(msgspec.json.encode(held))
                self._held[job] = held
            return PurePath(held.name)

    def held_by(self, job: str) -> PurePath | None:
        """The name that `job` has, if it has one yet."""
        held = self._held.get(job)
        return PurePath(held.name) if held is not None else None

    def forget(self, job: str) -> None:
        """The job is over; what it has published is told by its receipt."""
        self._held.pop(job, None)

    def is_taken(self, name: PurePath) -> bool:
        """Whether there is a receipt of that name."""
        return self._owner(name) is not None

    def receipts(self, source: PurePath) -> Iterator[Receipt]:
        """Those of `source`, whatever job left them; there is one at most, unless somebody has copied files about."""
        for name in output_names(source):
            owner = self._owner(name)
            if owner is not None and owner.source == str(source):
                receipt = read_receipt(self._receipt_path(name))
                if receipt is not None:
                    yield receipt

    def _is_free(self, name: PurePath, source: PurePath, is_table: bool) -> bool:
        mine = Held(str(source), str(name), is_table)
        if any(held.source != mine.source and _collide(held, mine) for held in self._held.values()):
            return False
        file = self._outbox / name if is_table else None
        if self._receipt_path(name).is_dir() or (file is not None and file.exists() and not file.is_dir()):
            return False
        owner = self._owner(name)
        return owner.source == mine.source if owner is not None else not self._is_row(name)

    def _is_row(self, name: PurePath) -> bool:
        """Whether a file of that name, which has no receipt, is a row of a table whose folder is on the way to it."""
        folders = name.parents[:-1]
        tables = {held.name for held in self._held.values() if held.is_table}
        inside = any(str(folder) in tables or self._is_table(folder) for folder in folders)
        return inside and any(path.stem == name.name for path in _listing(self._outbox / name.parent))

    def _is_table(self, folder: PurePath) -> bool:
        owner = self._owner(folder)
        return owner is not None and owner.output == str(folder)

    def _owner(self, name: PurePath) -> Owner | None:
        try:
            return msgspec.json.decode(self._receipt_path(name).read_bytes(), type=Owner)
        except (OSError, msgspec.DecodeError):
            return None

    def _receipt_path(self, name: PurePath) -> Path:
        return self._outbox / with_ending(name, ".json")


def _collide(one: Held, other: Held) -> bool:
    """Whether they have one name, or the folder of one is called as a file of the other (`a.json/`, a receipt)."""
    return (
        one.name == other.name
        or (one.is_table and str(PurePath(one.name).with_suffix("")) == other.name)
        or (other.is_table and str(PurePath(other.name).with_suffix("")) == one.name)
    )


def read_receipt(path: Path) -> Receipt | None:
    """The receipt at `path`; `None` when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError):
        return None


def _listing(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
