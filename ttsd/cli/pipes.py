"""Reading standard input and writing standard output without ever blocking the loop."""

import asyncio
import os
import select
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

READ_BYTES: Final = 4096
"""Small, so that speech begins with the first sentence of a long text."""


async def read_chunks(fd: int) -> AsyncGenerator[bytes]:
    """What arrives on `fd`, as it arrives, until its end."""
    loop = asyncio.get_running_loop()
    while True:
        await _ready(fd, loop.add_reader, loop.remove_reader)
        data = os.read(fd, READ_BYTES)
        if not data:
            return
        yield data


async def write_all(fd: int, data: bytes) -> None:
    """Write `data` to `fd`. Raises BrokenPipeError when nobody reads any more."""
    loop = asyncio.get_running_loop()
    rest = memoryview(data)
    while rest:
        await _ready(fd, loop.add_writer, loop.remove_writer)
        # A pipe that is writable takes PIPE_BUF bytes without blocking, and perhaps no more.
        rest = rest[os.write(fd, rest[: select.PIPE_BUF]) :]


async def _ready(fd: int, add: Callable[..., None], remove: Callable[[int], Any]) -> None:
    """Wait until `fd` can be read or written; regular files, which cannot be waited for, always can."""
    ready = asyncio.Event()
    try:
        add(fd, ready.set)
    except PermissionError:
        return
    try:
        await ready.wait()
    finally:
        remove(fd)
