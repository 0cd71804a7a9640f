"""File systems of a test's own: what spans two of them is shown with two of them."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path


def mount(folder: Path, size: str = "16m") -> None:
    """Have an empty file system at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "ttsd-test", folder], check=True)


def unmount(folder: Path) -> None:
    """What is open there stays open: as with a share that has gone."""
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def mounted(folder: Path, size: str = "16m") -> Generator[Path]:
    """An empty file system at `folder` while the block runs, unless it was unmounted in between."""
    mount(folder, size)
    try:
        yield folder
    finally:
        if os.path.ismount(folder):
            unmount(folder)


def small_disk(folder: Path) -> contextlib.AbstractContextManager[Path]:
    """One that a daemon finds large enough, and that is soon full."""
    return mounted(folder, "40m")


def fill(disk: Path) -> Path:
    """Leave no byte; returns what takes it all."""
    ballast = disk / "ballast"
    size = 1 << 20
    with ballast.open("wb", buffering=0) as file:
        while size >= 1:
            try:
                if file.write(bytes(size)) < size:
                    size //= 2
            except OSError:
                size //= 2
    return ballast


def open_to_all(folder: Path) -> None:
    """Everybody may go to a folder of a test, and into it."""
    top = Path(tempfile.gettempdir())
    for each in (folder, *(parent for parent in folder.parents if parent.is_relative_to(top) and parent != top)):
        each.chmod(0o755)


@contextlib.contextmanager
def nobody() -> Generator[None]:
    """This process has no rights to files but everybody's while the block runs."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
