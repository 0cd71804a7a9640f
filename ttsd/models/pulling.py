"""Fetching a checkpoint: pinned to a commit, going on where it was broken off, checked, and put in place as a whole."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO, Final

from ttsd.models.hub import FILES, Commit, Hub, HubFile
from ttsd.models.local import REVISION_FILE, folder_of, revision_in
from ttsd.protocol.errors import Conflict, Forbidden, StorageFull, Unavailable

Report = Callable[[str, int, int], None]
"""What is being done, the bytes of it that are done, and all."""

PARTS: Final = ".parts"
"""In the checkpoint's folder: what was fetched, until all is there."""
BLOCK: Final = 2**20
SHA256_DIGITS: Final = 64


def pull(model_id: str, revision: str | None, report: Report) -> Path:
    """Fetch a checkpoint, or what of it is missing or damaged; its folder.

    What was there before stays in use until the new is there as a whole. Raises TtsdError.
    """
    folder = folder_of(model_id)
    hub = Hub(model_id)
    commit = hub.commit(revision)
    with _on_disk(folder), _alone(folder):
        Pull(hub, commit, folder, report).run()
    return folder


class Pull:
    """Brings one commit into one folder, which nobody else changes meanwhile."""

    def __init__(self, hub: Hub, commit: Commit, folder: Path, report: Report) -> None:
        self._hub = hub
        self._commit = commit
        self._folder = folder
        self._parts = folder / PARTS
        self._report = report

    def run(self) -> None:
        """Raises TtsdError, OSError; what was fetched until then is kept."""
        lacking = [file for file in self._commit.files if not self._is_whole(self._folder / file.name, file)]
        self._check_room(lacking)
        for file in lacking:
            self._fetch(file)
        if lacking or revision_in(self._folder) != self._commit.id:
            self._install(lacking)
        shutil.rmtree(self._parts, ignore_errors=True)

    def _is_whole(self, path: Path, file: HubFile) -> bool:
        return _size(path) == file.size and path.is_file() and self._digest(path, file) == file.digest

    def _digest(self, path: Path, file: HubFile) -> str:
        is_sha256 = len(file.digest) == SHA256_DIGITS
        # Git hashes a file with a header; it is its choice of SHA-1, and ours only to compare.
        found = hashlib.sha256() if is_sha256 else hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
        done = 0
        with path.open("rb") as data:
            while block := data.read(BLOCK):
                found.update(block)
                done += len(block)
                self._report(f"checking {file.name}", done, file.size)
        return found.hexdigest()

    def _check_room(self, lacking: Sequence[HubFile]) -> None:
        needed = sum(file.size - _size(self._part(file)) for file in lacking)
        free = shutil.disk_usage(self._folder).free
        if needed > free:
            raise StorageFull(
                f"{needed / 1e9:,.1f} GB are to be fetched, and {self._folder} has room for {free / 1e9:,.1f} GB: "
                "make room, or set XDG_CACHE_HOME to a larger disk, for the daemon too"
            )

    def _part(self, file: HubFile) -> Path:
        """Named by its content: what was begun for one commit is of use to another."""
        return self._parts / f"{file.digest}.{file.name.replace('/', '--')}"

    def _fetch(self, file: HubFile) -> None:
        part = self._part(file)
        part.parent.mkdir(exist_ok=True)
        if not part.exists() and (cached := self._hub.cached(self._commit, file)) is not None:
            shutil.copyfile(cached, part)
        if _size(part) > file.size:
            part.unlink()
        with part.open("ab") as data:
            growing = Growing(data, lambda done: self._report(f"fetching {file.name}", done, file.size))
            self._hub.fetch(self._commit, file, growing, data.tell())
            data.flush()
            os.fsync(data.fileno())
        if not self._is_whole(part, file):
            part.unlink()
            raise Unavailable(
                f"{file.name} came damaged: it has not the hash that the hub gives for it, and was deleted; try again, "
                "and if it comes so again, by another mirror or network"
            )

    def _install(self, fetched: Sequence[HubFile]) -> None:
        """Short, as a worker that starts now finds no checkpoint; one that runs has the old files open."""
        marker = self._folder / REVISION_FILE
        marker.unlink(missing_ok=True)
        for file in fetched:
            target = self._folder / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            self._part(file).replace(target)
        self._remove_what_the_commit_has_not()
        written = self._folder / f"{REVISION_FILE}.new"
        with written.open("w") as data:
            data.write(f"{self._commit.id}\n")
            data.flush()
            os.fsync(data.fileno())
        written.replace(marker)

    def _remove_what_the_commit_has_not(self) -> None:
        """An index of weights that are no longer in several files would be believed."""
        wanted = {file.name for file in self._commit.files}
        for path in self._folder.rglob("*"):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and name not in wanted and any(fnmatch(name, pattern) for pattern in FILES):
                path.unlink()


class Growing:
    """A file that tells how long it is now; of a file it has what the hub's client asks for."""

    def __init__(self, data: BinaryIO, told: Callable[[int], None]) -> None:
        self._data = data
        self._told = told
        self.seek = data.seek
        self.tell = data.tell
        self.truncate = data.truncate

    def write(self, block: bytes) -> int:
        count = self._data.write(block)
        self._told(self._data.tell())
        return count


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Raises Conflict when another process fetches into the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"another ttsd model pull is fetching into {folder}; wait for it") from None
        yield


@contextlib.contextmanager
def _on_disk(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                f"no room is left for {folder} ({error.strerror}): make room and run it again; what is here is kept"
            ) from error
        raise Forbidden(
            f"{error.filename or folder} cannot be written ({error.strerror}); give this user access, or set "
            "XDG_CACHE_HOME to another place, for the daemon too"
        ) from error
