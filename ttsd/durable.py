"""What must still be there after a power cut, and what must be nobody else's to look into."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple


class Access(NamedTuple):
    """Whose a file is, and who may do what with it; -1: whoever makes it."""

    owner: int
    group: int
    mode: int


def write_synced(path: Path, data: bytes, *, mode: int = 0o666, access: Access | None = None) -> None:
    """Write `data` so that it is on the disk when this returns; a new file gets `mode`, less the umask.

    `access` it gets before there is anything in it.
    """
    write_pieces_synced(path, (data,), mode=mode, access=access)


def write_pieces_synced(
    path: Path, pieces: Iterable[bytes], *, mode: int = 0o666, access: Access | None = None
) -> None:
    """The same of what comes piece by piece."""
    with open(path, "wb", opener=partial(os.open, mode=mode)) as file:
        if access is not None:
            os.fchown(file.fileno(), access.owner, access.group)
            os.fchmod(file.fileno(), access.mode)
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, data: bytes, *, mode: int = 0o666, access: Access | None = None) -> None:
    """Make `data` the content of `path`: at any moment, also after a power cut, it has the old one or the new, whole.

    After a crash the hidden `.NAME.part` may lie beside it. Raises OSError.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        write_synced(part, data, mode=mode, access=access)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def private_folder(path: Path) -> None:
    """Have a folder that only its owner may look into, whatever the umask, and whatever it was before."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)


def sync_directory(path: Path) -> None:
    """Make renames in `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
