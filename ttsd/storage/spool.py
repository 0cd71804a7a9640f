"""The spool's folders: every step is one rename, so a crash at any instant leaves something to go on from.

inbox/<path>  ──claim──▶  .work/<job>/source/<path>  ──finish──▶  done/<path>
                          .work/<job>/<scratch>      ──publish─▶  outbox/<output>
"""

import contextlib
import errno
import os
import shutil
import stat
import threading
from collections.abc import Generator, Iterator
from pathlib import Path, PurePath
from typing import Final, NamedTuple

import msgspec

from ttsd.durable import sync_directory, write_synced
from ttsd.protocol.errors import BadRequest, StorageFull
from ttsd.protocol.jobs import Receipt

FOLDERS: Final = ("inbox", "outbox", "done", "failed")
SPACE_ERRORS: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


class Claimed(NamedTuple):
    """A source in the work folder: its job and its path below the inbox."""

    job: str
    relative: PurePath


@contextlib.contextmanager
def storage_errors(what: str) -> Generator[None]:
    """Turn the operating system's complaints about space and permission into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in SPACE_ERRORS:
            raise StorageFull(f"{what}: {error.strerror}; free some space or mend the permissions") from error
        raise


class Spool:
    """Owns the folders below `root`. Blocking: call it from a thread. Safe from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox, self.outbox, self.done, self.failed = (root / name for name in FOLDERS)
        self.work = root / ".work"
        self._publishing = threading.Lock()

    def prepare(self) -> None:
        """Make the folders. Raises StorageFull when that cannot be done."""
        with storage_errors(str(self.root)):
            for folder in (self.inbox, self.outbox, self.done, self.failed, self.work):
                folder.mkdir(parents=True, exist_ok=True)

    # --- from the inbox ---

    def claim(self, relative: PurePath, job: str) -> bool:
        """Take `inbox/<relative>` for `job`; false when it has gone. Raises StorageFull."""
        target = self._source_folder(job) / relative
        with storage_errors(str(self.work)):
            target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with storage_errors(str(self.inbox / relative)):
                (self.inbox / relative).rename(target)
        except (FileNotFoundError, NotADirectoryError):
            self._forget(job)
            return False
        return True

    def release(self, job: str, relative: PurePath) -> None:
        """Undo a claim that could not be recorded: the file goes back to the inbox unless its name is taken."""
        home = self.inbox / relative
        home.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(home):
            self.source(job, relative).rename(home)
            self._forget(job)

    def source(self, job: str, relative: PurePath) -> Path:
        """Where the claimed file lies."""
        return self._source_folder(job) / relative

    def check_source(self, job: str, relative: PurePath) -> None:
        """Refuse what is no regular file. Raises BadRequest with the remedy."""
        mode = self.source(job, relative).lstat().st_mode
        if stat.S_ISLNK(mode):
            raise BadRequest(
                "this is a symbolic link, which the spool does not follow; copy the file itself into the inbox"
            )
        if not stat.S_ISREG(mode):
            raise BadRequest("this is no regular file (a pipe, socket or device); drop a text file instead")

    def orphans(self) -> list[Claimed]:
        """Every claimed source, whether or not the database knows its job."""
        found: list[Claimed] = []
        for folder in sorted(self.work.iterdir()):
            source = folder / "source"
            found += [Claimed(folder.name, path.relative_to(source)) for path in _files_below(source)]
        return found

    def sweep(self, keep: set[str]) -> None:
        """Remove work folders of jobs not in `keep`: what a crash left after the source had moved on."""
        for folder in self.work.iterdir():
            if folder.name not in keep and not any(_files_below(folder / "source")):
                shutil.rmtree(folder, ignore_errors=True)

    # --- to the outbox ---

    def scratch(self, job: str, name: str) -> Path:
        """A path for a file under way; it vanishes with the job's work folder."""
        return self.work / job / name

    def publish(self, scratch: Path, relative: PurePath, suffix: str) -> Path:
        """Move finished audio to the outbox under its name there; returns the final path. Raises StorageFull."""
        with storage_errors(str(self.outbox)), self._publishing:
            target = self.outbox / self.output_name(relative, suffix)
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(scratch, target)
            sync_directory(target.parent)
        return target

    def publish_receipt(self, job: str, output: Path, receipt: Receipt) -> None:
        """Write the receipt beside `output`, whole or not at all. Raises StorageFull."""
        with storage_errors(str(self.outbox)):
            scratch = self.scratch(job, "receipt.json")
            write_synced(scratch, msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n")
            _replace(scratch, receipt_path(output))
            sync_directory(output.parent)

    def output_name(self, relative: PurePath, suffix: str) -> PurePath:
        """`a.txt` → `a.wav`; where that is another source's output, `a.txt.wav`."""
        plain = relative.with_suffix(suffix)
        receipt = read_receipt(receipt_path(self.outbox / plain))
        if receipt is None or receipt.source == str(relative):
            return plain
        return relative.with_name(relative.name + suffix)

    def find_receipt(self, job: str, relative: PurePath) -> Receipt | None:
        """The receipt that `job` left for this source, if it got so far."""
        for name in (relative.with_suffix(".json"), relative.with_name(relative.name + ".json")):
            receipt = read_receipt(self.outbox / name)
            if receipt is not None and receipt.job == job:
                return receipt
        return None

    def finish(self, job: str, relative: PurePath) -> None:
        """The source moves to `done/`; an older one of that name is kept as `a~<job>.txt`. Raises StorageFull."""
        self._file_away(job, relative, self.done)

    def fail(self, job: str, relative: PurePath, explanation: str) -> None:
        """The source moves to `failed/`, with `<name>.error.txt` beside it. Raises StorageFull."""
        target = self.failed / relative
        with storage_errors(str(self.failed)):
            target.parent.mkdir(parents=True, exist_ok=True)
            scratch = self.scratch(job, "error.txt")
            write_synced(scratch, explanation.encode("utf-8", "replace"))
            _replace(scratch, error_path(target))
        self._file_away(job, relative, self.failed)

    def find_failure(self, relative: PurePath) -> str | None:
        """What the explanation beside a failed source says; `None` when there is no such source."""
        failed = self.failed / relative
        if not os.path.lexists(failed):
            return None
        try:
            return error_path(failed).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def reclaim(self, job: str, relative: PurePath) -> bool:
        """Take a failed source back for another try; false when it is not in `failed/` any more."""
        failed = self.failed / relative
        target = self.source(job, relative)
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                failed.rename(target)
            except FileNotFoundError:
                self._forget(job)
                return False
        error_path(failed).unlink(missing_ok=True)
        return True

    def _file_away(self, job: str, relative: PurePath, folder: Path) -> None:
        target = folder / relative
        with storage_errors(str(folder)), self._publishing:
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target):
                target.rename(target.with_name(f"{target.stem}~{job}{target.suffix}"))
            with contextlib.suppress(FileNotFoundError):  # a crash came between this rename and the database
                _replace(self.source(job, relative), target)
        self._forget(job)

    def _source_folder(self, job: str) -> Path:
        return self.work / job / "source"

    def _forget(self, job: str) -> None:
        try:  # as a finished job leaves it: two calls instead of a walk
            self._source_folder(job).rmdir()
            (self.work / job).rmdir()
        except OSError:
            shutil.rmtree(self.work / job, ignore_errors=True)


def error_path(failed: Path) -> Path:
    """`failed/a.txt` → `failed/a.txt.error.txt`"""
    return failed.with_name(failed.name + ".error.txt")


def receipt_path(output: Path) -> Path:
    """`outbox/a.wav` → `outbox/a.json`"""
    return output.with_suffix(".json")


def read_receipt(path: Path) -> Receipt | None:
    """The receipt at `path`; `None` when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError):
        return None


def _replace(source: Path, target: Path) -> None:
    """Rename; across file systems, copy to a hidden name beside the target first."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        hidden = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, hidden)
        with hidden.open("rb") as file:
            os.fsync(file.fileno())
        hidden.replace(target)
        source.unlink()


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from (Path(parent, name) for name in (*files, *links))
