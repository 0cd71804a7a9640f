"""How many may be connected at once, and what becomes of whoever would be one too many."""

import asyncio
import errno
import os
import resource
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ttsd.log.hindrance import Hindrance
from ttsd.protocol.errors import Busy

SPARED_DESCRIPTORS: Final = 256
"""What the daemon needs for itself: processes, files under way, the database."""
LINGER_S: Final = 1.0
RETRY_AFTER_S: Final = 1
QUIET_S: Final = 10.0
"""After so long without that trouble it is over."""
_NO_ROOM: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def room(max_connections: int, descriptors: int) -> int:
    """How many may be connected where the process may open so many `descriptors`; at least one."""
    return max(1, min(max_connections, max(descriptors - SPARED_DESCRIPTORS, descriptors // 2)))


class Crowd:
    """Knows how many connections there may be, and tells once when the kernel has no descriptor for another."""

    def __init__(self, max_connections: Callable[[], int]) -> None:
        self._max_connections = max_connections
        self._trouble = Hindrance("server.no_descriptors", "server.accepts_again")
        self._last_s = float("-inf")

    def admits(self, connected: int) -> bool:
        """Whether there is room for one more."""
        if time.monotonic() - self._last_s > QUIET_S:
            self._trouble.over()
        return connected < self._limit()

    def _limit(self) -> int:
        return room(self._max_connections(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])

    def refusal(self) -> Busy:
        """What is said to one too many."""
        return Busy(
            f"{self._limit()} connections are open, and no more may be ([limits] max_connections, and how many files "
            "the daemon may open: LimitNOFILE=)"
        )

    def loop_trouble(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The loop's exception handler: that there is no descriptor is no bug; it is told once, without a traceback."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NO_ROOM and "accept" in context["message"]:
            self._last_s = time.monotonic()
            code = errno.errorcode[error.errno]
            self._trouble.met(
                f"{error.strerror} ({code})", remedy="connections wait; raise LimitNOFILE= of the service"
            )
        else:
            loop.default_exception_handler(context)


class TurnedAway(asyncio.Protocol):
    """Answers 503 to a connection that is one too many, and hangs up once that was read."""

    def __init__(self, refusal: Busy) -> None:
        self._refusal = refusal
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        body = msgspec.json.encode({"error": self._refusal.body()})
        head = (
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nretry-after: {RETRY_AFTER_S}\r\nx-request-id: {os.urandom(8).hex()}\r\n"
            "connection: close\r\n\r\n"
        )
        transport.write(head.encode() + body)
        # Closing at once, with the request unread, would make the kernel throw the answer away.
        transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, transport.abort)

    def eof_received(self) -> bool:
        return False
