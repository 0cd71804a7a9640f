"""The outbox side of a spool: results get their names, receipts tell whose they are, what is out of date goes."""

import contextlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

import msgspec

from ttsd.durable import sync_directory, write_synced
from ttsd.protocol.jobs import Receipt
from ttsd.storage.namebook import NameBook
from ttsd.storage.naming import receipt_path, row_name, with_ending
from ttsd.storage.placing import Ownership, make_folder, place, remove_empty, storage_errors

STALE_NOTE: Final = "stale.json"
PUBLISHED_NOTE: Final = "published.jsonl"
"""In a job's work folder: what it has put into the outbox, or was about to, one path a line."""


class Publishing:
    """Owns what lies in `outbox`. Blocking: call it from a thread. Safe from several threads.

    What it publishes, and the folders it makes for that, get their mode and group before they are seen.
    """

    def __init__(self, outbox: Path, work: Path, ownership: Ownership) -> None:
        self.outbox = outbox
        self.work = work
        self._ownership = ownership
        self._names = NameBook(outbox)
        self._placing = threading.Lock()

    def scratch(self, job: str, name: str) -> Path:
        """A path for a file under way; it vanishes with the job's work folder."""
        return self.work / job / name

    def publish(self, scratch: Path, relative: PurePath, suffix: str) -> Path:
        """Move finished audio to the outbox under its name there; returns the final path.

        Raises StorageFull, and BadRequest where something else has that name.
        """
        with storage_errors(str(self.outbox)):
            name = self._hold(scratch, relative)
            return self._publish_result(scratch, self.outbox / with_ending(name, suffix))

    def publish_row(self, scratch: Path, relative: PurePath, row: str, suffix: str) -> Path:
        """Move a table's row to `outbox/<table>/<row><suffix>`; returns the final path.

        Raises StorageFull, and BadRequest where `row` is no path below the table's folder.
        """
        below = row_name(row)
        with storage_errors(str(self.outbox)):
            name = self._names.row(self._hold(scratch, relative, is_table=True), below)
            return self._publish_result(scratch, self.outbox / with_ending(name, suffix))

    def rows_folder(self, job: str, relative: PurePath) -> Path:
        """Where the rows of this table go, from the first call on until the job is over; there may be none yet."""
        with storage_errors(str(self.outbox)):
            return self.outbox / self._hold(self.scratch(job, "rows"), relative, is_table=True)

    def publish_beside(self, job: str, output: Path, suffix: str, data: bytes) -> Path:
        """Write `data` beside a published `output`, whole or not at all; returns its path. Raises StorageFull."""
        with storage_errors(str(self.outbox)):
            scratch = self.scratch(job, f"beside{suffix}")
            write_synced(scratch, data)
            return self._publish_result(scratch, output.with_suffix(suffix))

    def publish_receipt(
        self, job: str, output: Path, receipt: Receipt, *, old: Iterable[str] = (), new: Iterable[str] = ()
    ) -> None:
        """Write the receipt beside `output`, whole or not at all. Raises StorageFull.

        Files that are in `old`, or were published by an earlier try of this job, and not in `new` are stale: `finish`
        removes them, after a crash too.
        """
        held = self._names.held_by(job)
        target = receipt_path(output) if held is None else self.outbox / with_ending(held, ".json")
        with storage_errors(str(self.outbox)):
            noted = self._stale(job)
            stale = {*noted, *(self._published(job) if new else ()), *old} - {*new}
            if noted or stale:
                write_synced(self.scratch(job, STALE_NOTE), msgspec.json.encode(sorted(stale)))
            scratch = self.scratch(job, "receipt.json")
            write_synced(scratch, msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n")
            self._publish(scratch, target)

    def withdraw(self, job: str, relative: PurePath) -> None:
        """Remove what this job has published and no receipt tells of. Raises StorageFull."""
        last = self.last_receipt(relative)
        told = () if last is None else last.files or (last.output,)
        self.remove_stale([*self._published(job), *self._stale(job)], told)

    def remove_stale(self, old: Iterable[str], new: Iterable[str]) -> None:
        """Remove those of `old` that are not in `new`, paths below the outbox, and folders that are empty then.

        Raises StorageFull.
        """
        gone = [PurePath(path) for path in sorted(set(old) - set(new))]
        with storage_errors(str(self.outbox)), self._placing:
            for path in gone:
                folder = self.outbox / path.parent
                if ".." in path.parts or not _is_below(folder, self.outbox):
                    continue
                with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                    (self.outbox / path).unlink()
                    sync_directory(folder)
                    remove_empty(folder, self.outbox)

    def find_receipt(self, job: str, relative: PurePath) -> Receipt | None:
        """The receipt that `job` left for this source, if it got so far."""
        return next((receipt for receipt in self._names.receipts(relative) if receipt.job == job), None)

    def last_receipt(self, relative: PurePath) -> Receipt | None:
        """The receipt of this source's results as they are now, whatever job made them."""
        return next(self._names.receipts(relative), None)

    def _hold(self, scratch: Path, relative: PurePath, *, is_table: bool = False) -> PurePath:
        folder = self._folder(scratch)
        return self._names.hold(folder.name, folder, relative, is_table=is_table)

    def _folder(self, scratch: Path) -> Path:
        """The work folder of the job whose file this is."""
        return self.work / scratch.relative_to(self.work).parts[0]

    def _publish_result(self, scratch: Path, target: Path) -> Path:
        """Noted first: a crash may leave it in the outbox without a receipt."""
        line = msgspec.json.encode(str(target.relative_to(self.outbox)))
        with (self._folder(scratch) / PUBLISHED_NOTE).open("ab") as note:
            note.write(line + b"\n")
        return self._publish(scratch, target)

    def _published(self, job: str) -> list[str]:
        try:
            lines = self.scratch(job, PUBLISHED_NOTE).read_bytes().splitlines()
        except OSError:
            return []
        found: list[str] = []
        for line in lines:
            with contextlib.suppress(msgspec.DecodeError):  # half a line: that was not published
                found.append(msgspec.json.decode(line, type=str))
        return found

    def _publish(self, scratch: Path, target: Path) -> Path:
        with self._placing:
            make_folder(target.parent, self._ownership)
            place(scratch, target, self._ownership)
        sync_directory(target.parent)
        return target

    def _stale(self, job: str) -> list[str]:
        try:
            return msgspec.json.decode(self.scratch(job, STALE_NOTE).read_bytes(), type=list[str])
        except (OSError, msgspec.DecodeError):
            return []


def _is_below(folder: Path, top: Path) -> bool:
    """Whether `folder` really is `top` or below it, wherever symlinks lead."""
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(top))
