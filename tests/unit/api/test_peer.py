"""Who is at the other end of a connection."""

import asyncio
import os
import socket

from ttsd.api.peer import peer_behind, peer_of


async def test_who_connected_is_known() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        _, writer = await asyncio.open_unix_connection(sock=ours)
        peer = peer_behind(writer.transport)
        assert peer is not None
        assert (peer.uid, peer.gid, peer.pid) == (os.getuid(), os.getgid(), os.getpid())
        assert peer.groups == {os.getgid(), *os.getgroups()}
        assert peer_of({"type": "http", "state": {"peer": peer}}) is peer

        writer.close()
        await writer.wait_closed()

        assert peer_behind(writer.transport) is None


async def test_nobody_is_known_over_tcp() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert peer_behind(writer.transport) is None
        writer.close()
        await writer.wait_closed()
    assert peer_of({"type": "http"}) is None
