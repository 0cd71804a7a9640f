"""A memory limit for some processes, as a unit or a container has it: by control groups of either version."""

import contextlib
import os
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Final

from tests.needs import require

ROOT: Final = Path("/sys/fs/cgroup")
NAME: Final = f"ttsd-test-{os.getpid()}"


@contextlib.contextmanager
def limited(pids: Iterable[int], limit_bytes: int) -> Generator[None]:
    """These processes have no more memory than that in all while the block runs; what they hold already is not counted.

    At the end they go back to where they came from.
    """
    parent, file = _parent()
    folder = parent / NAME
    pids = list(pids)
    folder.mkdir()
    try:
        (folder / file).write_text(str(limit_bytes))
        _move(pids, folder)
        yield
    finally:
        _move(map(int, (folder / "cgroup.procs").read_text().split()), parent)
        folder.rmdir()


def _parent() -> tuple[Path, str]:
    """A group that may have one below it with a memory limit, and the file of that limit."""
    for parent, file in ((ROOT / "memory", "memory.limit_in_bytes"), (ROOT, "memory.max")):
        probe = parent / f"{NAME}-probe"
        with contextlib.suppress(OSError):
            probe.mkdir()
            there = (probe / file).exists()
            probe.rmdir()
            if there:
                return parent, file
    require(None, "needs a control group for memory that root may divide")
    raise AssertionError


def _move(pids: Iterable[int], group: Path) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # it has ended
            (group / "cgroup.procs").write_text(str(pid))
