"""The files below a folder, as they lie there now."""

import os
from collections.abc import Callable
from pathlib import Path


def walk(root: Path, folder: str, enter: Callable[[str], None]) -> list[str]:
    """Everything below `root/folder` that is no folder, relative to `root`; hidden folders are left out.

    `enter` is called with each folder before it is read. No symlink is followed. A folder that cannot be read
    (it has gone, or is not ours) is passed over; only for the root itself OSError is raised.
    """
    found: list[str] = []
    folders = [folder]
    while folders:
        below = folders.pop()
        enter(below)
        try:
            names, inner = _listing(root / below, follow=not below)
        except OSError:
            if not below:
                raise
            continue
        prefix = f"{below}/" if below else ""
        found += (prefix + name for name in names)
        folders += (prefix + name for name in inner if not name.startswith("."))
    return found


def _listing(folder: Path, *, follow: bool) -> tuple[list[str], list[str]]:
    """Names of what is no folder, and of the folders."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(folder, flags)
    names: list[str] = []
    inner: list[str] = []
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                (inner if entry.is_dir(follow_symlinks=False) else names).append(entry.name)
    finally:
        os.close(descriptor)
    return names, inner
