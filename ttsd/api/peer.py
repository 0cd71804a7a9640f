"""Who is at the other end of a connection."""

import socket
import struct
from typing import Final

from starlette.requests import HTTPConnection

_PEER: Final = struct.Struct("3i")
"""pid, uid and gid of a Unix socket's other end: unix(7), SO_PEERCRED."""


def user(connection: HTTPConnection) -> str:
    """Who asks, as the queue knows users: whoever connected to the Unix socket (`uid 1000`), or an address."""
    if connection.client is not None:
        return connection.client.host
    transport = getattr(connection.state, "transport", None)
    peer = None if transport is None else transport.get_extra_info("socket")
    if peer is None or peer.family != socket.AF_UNIX:
        return ""
    _, uid, _ = _PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return f"uid {uid}"
