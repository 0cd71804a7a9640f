"""A prep process for as long as a test needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil

from ttsd.supervisor.prep import Prep


@asynccontextmanager
async def running(prep: Prep) -> AsyncIterator[Prep]:
    """`prep` runs while the block does, and leaves no process behind."""
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        try:
            yield prep
        finally:
            await prep.stop()
    assert psutil.Process().children() == []
