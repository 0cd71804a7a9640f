"""Programs beside a test, and what they need to be heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PIPE = asyncio.subprocess.PIPE
QUIET = asyncio.subprocess.DEVNULL


@asynccontextmanager
async def program(*command: str, env: dict[str, str], **pipes: int) -> AsyncIterator["asyncio.subprocess.Process"]:
    """Runs for as long as the block, at most."""
    process = await asyncio.create_subprocess_exec(*command, env=env, **pipes)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
