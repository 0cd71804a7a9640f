"""Sending to clients that take their time, and giving up on those that take nothing at all."""

import asyncio
import time
from typing import Final

from starlette.types import Message, Send

LOOKS: Final = 8
"""How often in its time a slow client is looked at."""


async def send_patiently(
    send: Send, message: Message, transport: asyncio.WriteTransport, patience_s: float
) -> bool:
    """Send `message`; a client that accepts no byte for `patience_s` is cut off. False when that was needed.

    The server waits before it writes, never after: a wait that was interrupted has written nothing.
    """
    waiting = transport.get_write_buffer_size()
    since = time.monotonic()
    while True:
        try:
            async with asyncio.timeout(patience_s / LOOKS if waiting else None):
                await send(message)
        except TimeoutError:
            left = transport.get_write_buffer_size()
            now = time.monotonic()
            if left < waiting:
                waiting, since = left, now
            elif now - since >= patience_s:
                transport.abort()
                return False
        else:
            return True


