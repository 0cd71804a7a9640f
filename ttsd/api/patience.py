"""Sending to clients that take their time, and giving up on those that take nothing at all."""

import asyncio
import fcntl
import struct
import termios
import time
from typing import Final

from starlette.types import Message, Send

LOOKS: Final = 8
"""How often in its time a slow client is looked at."""


async def send_patiently(send: Send, message: Message, transport: asyncio.WriteTransport, patience_s: float) -> bool:
    """Send `message`; a client that accepts no byte for `patience_s` is cut off. False when that was needed.

    The server waits before it writes, never after: a wait that was interrupted has written nothing.
    """
    if not transport.get_write_buffer_size():
        await send(message)
        return True
    waiting = unread(transport)
    since = time.monotonic()
    while True:
        try:
            async with asyncio.timeout(patience_s / LOOKS):
                await send(message)
        except TimeoutError:
            left = unread(transport)
            now = time.monotonic()
            if left < waiting:
                waiting, since = left, now
            elif now - since >= patience_s:
                transport.abort()
                return False
        else:
            return True


def unread(transport: asyncio.WriteTransport) -> int:
    """Bytes that the client has not taken: what the transport holds and what the kernel holds for it.

    The transport alone would not do: on a Unix socket it writes again only when most of the kernel's 200 KB are read.
    """
    held = transport.get_write_buffer_size()
    try:
        answer = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return held
    return held + struct.unpack("i", answer)[0]
