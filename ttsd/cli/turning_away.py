"""Clients that wait in systemd's socket for a daemon that cannot start: each is told why, none waits for nothing."""

import contextlib
import os
import socket
from collections.abc import Sequence
from typing import Final

import msgspec

from ttsd.protocol.errors import ConfigError

REQUEST_S: Final = 0.2
"""What waits has sent its request long ago."""
REQUEST_BYTES: Final = 64 * 1024


def turn_away(listeners: Sequence[socket.socket], error: ConfigError) -> int:
    """Answer every connection that waits on `listeners` with 503 and the reason; how many they were. Never raises.

    Without it systemd, which sees them wait, would start the daemon again and again for them.
    """
    answer = _answer(ConfigError(f"the daemon cannot start: {error.message}", param=error.param))
    return sum(_turn_away(listener, answer) for listener in listeners)


def _turn_away(listener: socket.socket, answer: bytes) -> int:
    count = 0
    with contextlib.suppress(OSError):  # nobody waits any more
        listener.setblocking(False)
        while True:
            client, _ = listener.accept()
            count += 1
            with client, contextlib.suppress(OSError):  # gone, or in no hurry to speak
                client.settimeout(REQUEST_S)
                client.recv(REQUEST_BYTES)
                client.sendall(answer)
    return count


def _answer(error: ConfigError) -> bytes:
    body = msgspec.json.encode({"error": error.body()})
    head = (
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 60\r\n"
        f"content-length: {len(body)}\r\nx-request-id: {os.urandom(8).hex()}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
