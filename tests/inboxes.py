"""A real inbox under a running watcher, and one who takes files out of it."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from ttsd.config import Spool
from ttsd.ingest.watcher import Watcher

SETTLE_S = 0.1
LATER_S = 3600.0
"""No rescan within a test, unless it asks for one: events alone must do."""


class Intake:
    """Takes what is handed over out of the inbox, as the daemon does, and remembers when."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.taken: list[str] = []
        self.contents: dict[str, bytes] = {}
        self.batches: list[int] = []
        self.leave = False

    async def accept(self, paths: Sequence[str]) -> None:
        self.batches.append(len(paths))
        for path in paths:
            self.taken.append(path)
            if self.leave:
                continue
            source = self.inbox / path
            if source.is_file() and not source.is_symlink():
                self.contents[path] = source.read_bytes()
            source.unlink()

    def has(self, *paths: str) -> bool:
        return set(paths) <= set(self.taken)


@contextlib.asynccontextmanager
async def watching(intake: Intake, **settings) -> AsyncIterator[Watcher]:
    """A running watcher that has looked at the inbox once."""
    spool = Spool(**{"settle_s": SETTLE_S, "rescan_s": LATER_S, **settings})
    found = Watcher(intake.inbox, spool, intake.accept)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(found.run())
        await asyncio.to_thread(shutil.copyfile, __file__, intake.inbox / "ready")
        while not intake.has("ready"):
            await asyncio.sleep(0.01)
        intake.taken.clear()
        try:
            yield found
        finally:
            running.cancel()


async def shell(inbox: Path, script: str) -> None:
    process = await asyncio.create_subprocess_exec("sh", "-c", script, cwd=inbox)
    assert await process.wait() == 0
