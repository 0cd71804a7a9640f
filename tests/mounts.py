"""File systems of a test's own: what spans two of them is shown with two of them."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path


def mount(folder: Path) -> None:
    """Have an empty file system at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "ttsd-test", folder], check=True)


def unmount(folder: Path) -> None:
    """What is open there stays open: as with a share that has gone."""
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def mounted(folder: Path) -> Generator[Path]:
    """An empty file system at `folder` while the block runs, unless it was unmounted in between."""
    mount(folder)
    try:
        yield folder
    finally:
        if os.path.ismount(folder):
            unmount(folder)


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
