"""Which source has which name in the outbox: no two share one, and a crash changes nothing of that."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

import msgspec

from ttsd.protocol.jobs import Receipt
from ttsd.storage.naming import RESULT_ENDINGS, output_names, receipt_path, with_ending

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


NOBODY: Final = Owner(source="", job="")
"""Where a folder stands in the receipt's place."""


class NameBook:
    """Owns the names of jobs under way; each is noted in the job's work folder. Safe from several threads."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = str(outbox)
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
                held = self._choose(source, is_table)
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

    def row(self, table: PurePath, row: PurePath) -> PurePath:
        """The name of a row below the folder `table`; `~row` is added where a source of its own has that name."""
        name = table
        for part in row.parts[:-1]:
            name /= f"{part}~row" if self._is_table(str(name / part)) else part
        name /= row.name
        owner = self._owner(str(name))
        return name if owner is None or owner.output == str(name) else with_ending(name, "~row")

    def receipts(self, source: PurePath) -> Iterator[Receipt]:
        """Those of `source`, whatever job left them; there is one at most, unless somebody has copied files about."""
        for name in output_names(source):
            owner = self._owner(str(name))
            if owner is not None and owner.source == str(source):
                receipt = read_receipt(Path(f"{self._outbox}/{name}.json"))
                if receipt is not None:
                    yield receipt

    def _choose(self, source: PurePath, is_table: bool) -> Held:
        """The name this source has had before, else the best that is free, else the last, which nobody else would."""
        free = last = None
        for name in output_names(source):
            last = Held(str(source), str(name), is_table)
            owner = self._owner(last.name)
            is_free = self._is_free(last, owner)
            if is_free and owner is not None:
                return last
            free = free or (last if is_free else None)
        assert last is not None
        return free or last

    def _is_free(self, wish: Held, owner: Owner | None) -> bool:
        if any(held.name == wish.name and held.source != wish.source for held in self._held.values()):
            return False
        if wish.is_table and PurePath(wish.name).suffix in RESULT_ENDINGS:  # a file of another source may want it
            return False
        return owner.source == wish.source if owner is not None else not self._is_row(wish.name)

    def _is_row(self, name: str) -> bool:
        """Whether a file of that name, which has no receipt, is a row of a table whose folder is on the way to it."""
        folder, _, last = name.rpartition("/")
        above = folder
        while above and not self._is_table(above):
            above = above.rpartition("/")[0]
        return bool(above) and any(Path(entry).stem == last for entry in _listing(f"{self._outbox}/{folder}"))

    def _is_table(self, folder: str) -> bool:
        if any(held.is_table and held.name == folder for held in self._held.values()):
            return True
        owner = self._owner(folder)
        return owner is not None and owner.output == folder

    def _owner(self, name: str) -> Owner | None:
        try:
            with open(f"{self._outbox}/{name}.json", "rb") as file:  # noqa: PTH123 — asked often: half the time
                return msgspec.json.decode(file.read(), type=Owner)
        except IsADirectoryError:
            return NOBODY
        except (OSError, msgspec.DecodeError):
            return None


def read_receipt(path: Path) -> Receipt | None:
    """The receipt at `path`; `None` when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError):
        return None


def receipt_of(output: Path) -> Receipt | None:
    """The receipt beside a file, or beside a table's folder; whose it is, it says itself."""
    return read_receipt(output.with_name(output.name + ".json") if output.is_dir() else receipt_path(output))


def _listing(folder: str) -> list[str]:
    try:
        return [path.name for path in Path(folder).iterdir()]
    except OSError:
        return []
