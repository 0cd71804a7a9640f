"""Room on the file systems that the daemon writes to."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ttsd.protocol.health import DiskSample
from ttsd.supervisor.aside import Aside

PATIENCE_S: Final = 0.5
"""A network mount may not answer for minutes: its last figures stand in."""


class Disks:
    """Owns the last figures of each folder; a mount that hangs holds up neither us nor the others."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """`folders` by what is kept there; the first one on a file system stands for all on it."""
        self._folders = [
            (use, folder, Aside[tuple[int, DiskSample] | None](f"disk {use}", None, patience_s=PATIENCE_S))
            for use, folder in folders.items()
        ]

    async def sample(self) -> tuple[DiskSample, ...]:
        """Each file system once. Never raises."""
        seen: dict[int, DiskSample] = {}
        for use, folder, aside in self._folders:
            found = await aside.ask(lambda use=use, folder=folder: look(use, folder))
            if found is None:
                continue
            device, disk = found
            seen.setdefault(device, disk if not aside.asking else msgspec.structs.replace(disk, answers=False))
        return tuple(seen.values())


def look(use: str, folder: Path) -> tuple[int, DiskSample] | None:
    """Device and room of the file system below `folder`, or below the nearest parent that is there."""
    for path in (folder, *folder.absolute().parents):
        try:
            status, room = path.stat(), os.statvfs(path)
        except OSError:
            continue
        free, total = room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize
        return status.st_dev, DiskSample(str(path), use, free, total)
    return None
