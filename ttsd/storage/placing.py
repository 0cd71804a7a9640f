"""Files get their final names: whole or not at all, with the mode and group that are asked for, on any file system."""

import contextlib
import errno
import itertools
import os
import shutil
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ttsd.durable import sync_directory
from ttsd.protocol.errors import BadRequest, StorageFull
from ttsd.storage.naming import hidden_beside

SPACE_ERRORS: Final = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOENT, errno.EXDEV,
    errno.ESTALE, errno.ENOTCONN, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EBUSY,
}  # fmt: skip
"""What passes, or what somebody mends: no room, no permission, a folder or a mount that has gone."""
EXHAUSTED: Final = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}
"""The kernel gives this process, or the machine, no more files or memory: that passes too."""
PROBE: Final = ".probe.part"
IN_THE_WAY: Final = {errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY}


@contextlib.contextmanager
def storage_errors(what: str) -> Generator[None]:
    """Turn the operating system's complaints into StorageFull, or into BadRequest where names are the trouble."""
    try:
        yield
    except OSError as error:
        if (passing := exhausted(error)) is not None:
            raise passing from error
        if error.errno in SPACE_ERRORS:
            remedy = "free some space or mend the permissions"
            if error.errno in (errno.ENOENT, errno.EXDEV, errno.ENODEV):
                remedy = "a folder or a mount has gone, or come: put it back as it was"
            raise StorageFull(f"{what}: {error.strerror}; {remedy}") from error
        if error.errno in IN_THE_WAY:
            where = error.filename2 or error.filename or what
            raise BadRequest(f"{what}: {error.strerror}: {where}; rename one of the two that want this name") from error
        if error.errno == errno.ENAMETOOLONG:
            raise BadRequest(f"{what}: the path is too long; use shorter names, or fewer folders") from error
        raise


def exhausted(error: Exception) -> StorageFull | None:
    """What to say where the kernel would open nothing more; `None` for other errors."""
    if not isinstance(error, OSError) or error.errno not in EXHAUSTED:
        return None
    return StorageFull(f"{error.filename or 'a file'}: {error.strerror}; raise LimitNOFILE= of the service, or wait")


class Ownership(NamedTuple):
    """Mode and group of what is published; `None` leaves them as they come."""

    mode: int | None = None
    gid: int | None = None

    def give(self, path: Path) -> None:
        """To a file."""
        if self.gid is not None:
            os.chown(path, -1, self.gid)
        if self.mode is not None:
            path.chmod(self.mode)

    def give_to_folder(self, folder: Path) -> None:
        """To a folder: x where r is; the bit that hands down its group stays."""
        if self.gid is not None:
            os.chown(folder, -1, self.gid)
        if self.mode is not None:
            special = folder.stat().st_mode & (stat.S_ISGID | stat.S_ISVTX)
            folder.chmod(special | self.mode | (self.mode & 0o444) >> 2)


AS_IT_COMES: Final = Ownership()


def make_folder(folder: Path, ownership: Ownership | None = None) -> None:
    """Make `folder` and those above it; with an ownership new ones get that, and survive a power cut.

    Any depth will do: `Path.mkdir` recurs.
    """
    missing = list(itertools.takewhile(lambda path: not path.is_dir(), (folder, *folder.parents)))
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        if ownership is not None:
            ownership.give_to_folder(path)
            sync_directory(path.parent)


def place(source: Path, target: Path, ownership: Ownership = AS_IT_COMES) -> None:
    """Give `source` the name `target`, in place of what has it now; across file systems by way of a hidden copy."""
    ownership.give(source)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        hidden = hidden_beside(target)
        if _copy(source, hidden):
            ownership.give(hidden)
            hidden.replace(target)
        source.unlink()


def _copy(source: Path, hidden: Path) -> bool:
    """Copy a file, or a link as a link; false for a pipe, socket or device, of which nothing could be kept."""
    hidden.unlink(missing_ok=True)
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode):
        hidden.symlink_to(source.readlink())
    elif stat.S_ISREG(mode):
        shutil.copy2(source, hidden, follow_symlinks=False)
        with hidden.open("rb") as file:
            os.fsync(file.fileno())
    return stat.S_ISLNK(mode) or stat.S_ISREG(mode)


def can_rename(source: Path, folder: Path) -> bool:
    """Whether files of the folder `source` can be renamed into `folder`: not so across file systems and mounts."""
    probe, there = source / PROBE, folder / PROBE
    try:
        probe.touch()
        probe.replace(there)
    except OSError as error:
        probe.unlink(missing_ok=True)
        return error.errno != errno.EXDEV
    there.unlink(missing_ok=True)
    return True


def files_below(folder: Path) -> Iterator[Path]:
    """Everything below `folder` that is no folder, at any depth; nothing where there is no such folder."""
    folders = [folder]
    while folders:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                else:
                    yield Path(entry.path)


def remove_tree(folder: Path) -> None:
    """Remove `folder` with all that is in it, as far as that can be done; any depth will do."""
    for path in files_below(folder):
        with contextlib.suppress(OSError):
            path.unlink()
    remove_folders(folder)


def remove_folders(folder: Path) -> None:
    """Remove `folder` and the folders in it, as far as no files are in them; any depth will do."""
    folders = [folder]
    for path in folders:  # grows on the way: inner folders come after outer ones
        with contextlib.suppress(OSError), os.scandir(path) as entries:
            folders += [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    for path in reversed(folders):
        with contextlib.suppress(OSError):
            path.rmdir()


def remove_empty(folder: Path, top: Path) -> None:
    """Remove `folder` and those above it as far as they are empty, up to `top`, which stays."""
    with contextlib.suppress(OSError):
        for path in (folder, *folder.parents):
            if path == top:
                break
            path.rmdir()
