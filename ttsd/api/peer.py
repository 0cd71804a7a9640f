"""Who is at the other end of a connection."""

import asyncio
import os
import pwd
import socket
import struct
from typing import Final

import msgspec
from starlette.requests import HTTPConnection
from starlette.types import Scope

from ttsd.asker import Asker

_PEER: Final = struct.Struct("3i")
"""pid, uid and gid of a Unix socket's other end: unix(7), SO_PEERCRED."""
_SO_PEERGROUPS: Final = 59
_MOST_BYTES: Final = 1024
"""What Python reads of a socket's option at most: 256 groups."""


class Peer(msgspec.Struct, frozen=True):
    """The process that connected to the Unix socket, as it was then; the kernel vouches for it."""

    uid: int
    gid: int
    pid: int
    groups: frozenset[int]
    """All of its groups, `gid` among them."""


def peer_of(scope: Scope) -> Peer | None:
    """Who asks over the Unix socket; `None` over TCP, and when they had hung up before anybody could look."""
    return scope.get("state", {}).get("peer")


def peer_behind(transport: asyncio.BaseTransport) -> Peer | None:
    """Who has connected, for the connection's `state`."""
    connected = transport.get_extra_info("socket")
    if connected is None or connected.family != socket.AF_UNIX:
        return None
    try:
        pid, uid, gid = _PEER.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        return Peer(uid, gid, pid, frozenset({gid, *_groups(connected, uid, gid)}))
    except OSError:
        return None


def _groups(connected: socket.socket, uid: int, gid: int) -> list[int]:
    """The supplementary groups; those of the account where the process is in more than can be read."""
    try:
        data = connected.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_BYTES)
    except OSError:
        return _account_groups(uid, gid)
    return list(struct.unpack(f"{len(data) // 4}I", data))


def _account_groups(uid: int, gid: int) -> list[int]:
    try:
        return os.getgrouplist(pwd.getpwuid(uid).pw_name, gid)
    except KeyError:
        return []


def asker(connection: HTTPConnection) -> Asker:
    """Who asks, as `edge` found out."""
    found: Asker = connection.state.asker
    return found


def user(connection: HTTPConnection) -> str:
    """The same, as the queue knows users; empty for a caller who had hung up: there is nobody to be known."""
    return asker(connection).user
