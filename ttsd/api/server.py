"""The server: uvicorn on sockets that we bind ourselves, inside our own TaskGroup."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Generator, Sequence
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from ttsd.api.crowd import Crowd, TurnedAway
from ttsd.api.peer import peer_behind
from ttsd.api.services import Services
from ttsd.listening import WAITING
from ttsd.protocol.errors import BadRequest

MAX_WS_MESSAGE_BYTES: Final = 4 * 2**20
"""The server's own bound; the doors' smaller one answers with an error first."""
MAX_HEAD_BYTES: Final = 64 * 1024
GRACE_S: Final = 1
HEAD_S: Final = 30.0
"""How long the head of a request may take to come, from the connection or its first byte on."""
AT_ONCE: Final = 64
"""Accepted in one turn of the loop; with no descriptor left, asyncio tries in vain so often before it rests."""
FRESH_S: Final = 0.2
"""Who has just connected as the server stops, and has not asked yet, gets so long to do it."""


class Connection(HttpToolsProtocol):
    """Tells the app who is there, bounds what comes before a body, and refuses broken requests in our own form."""

    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport, "peer": peer_behind(transport)}
        self._head_bytes = 0
        self._head_due = self.loop.call_later(HEAD_S, self._head_is_late)
        self._head_is_open = False
        self._has_asked = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_is_open and self._head_due is None:  # hardly ever: heads come whole
            self._head_due = self.loop.call_later(HEAD_S, self._head_is_late)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._has_asked = self._head_is_open = True

    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    def _head_is_there(self) -> None:
        self._head_is_open = False
        due, self._head_due = self._head_due, None
        if due is not None:
            due.cancel()

    def _head_is_late(self) -> None:
        self._head_due = None
        self.send_400_response(f"no whole request has come within {HEAD_S:g} s")

    def shutdown(self) -> None:
        """Hang up, after the answer under way; a request that is still in the socket is answered too."""
        if self._has_asked:
            super().shutdown()
        else:
            self.loop.call_later(FRESH_S, super().shutdown)

    def on_url(self, url: bytes) -> None:
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._grow(len(name) + len(value))
        super().on_header(name, value)

    def _grow(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            raise ValueError("the request's headers are too long")

    def send_400_response(self, msg: str) -> None:
        """Not HTTP, or a head out of bounds: answered and hung up on."""
        body = msgspec.json.encode({"error": BadRequest(msg).body()})
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-request-id: {os.urandom(8).hex()}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class _Uvicorn(uvicorn.Server):
    """Signals are the daemon's business; waiting to be stopped costs one look a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.stopped = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(WAITING)  # asyncio listens for as many as it accepts in one turn
        self.listening.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.stopped.wait()


class Server:
    """Serves an app until `stop`; owns the connections."""

    def __init__(self, app: Starlette) -> None:
        self._services: Services = app.state.services
        self.turned_away = 0
        """Connections that were one too many."""
        self._crowd = Crowd(lambda: self._services.config.limits.max_connections)
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                app,
                loop="none",
                http=self._protocol,  # pyright: ignore[reportArgumentType] — what it makes is all that counts
                backlog=AT_ONCE,
                ws="wsproto",
                ws_max_size=MAX_WS_MESSAGE_BYTES,
                ws_ping_interval=30.0,
                ws_ping_timeout=60.0,
                ws_per_message_deflate=False,  # sound does not shrink
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",  # what goes wrong is logged by `edge`, once
                access_log=False,
                proxy_headers=False,  # whoever connects could claim to be somebody trusted
                server_header=False,
                timeout_keep_alive=15,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    def _protocol(self, *, server_state: ServerState, **given: Any) -> asyncio.Protocol:
        """For a new connection."""
        if not self._crowd.admits(len(server_state.connections)):
            self.turned_away += 1
            return TurnedAway(self._crowd.refusal())
        return Connection(server_state=server_state, **given)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._uvicorn.server_state.connections)

    async def serve(self, sockets: Sequence[socket.socket]) -> None:
        """Answer on `sockets` until `stop`; they are closed then."""
        asyncio.get_running_loop().set_exception_handler(self._crowd.loop_trouble)
        await self._uvicorn.serve(sockets=list(sockets))

    async def started(self) -> None:
        """Wait until requests are answered."""
        await self._uvicorn.listening.wait()

    async def drain(self) -> None:
        """End live sessions, and wait until every answer under way is out."""
        self._services.closing.set()
        tasks = self._uvicorn.server_state.tasks
        while tasks:
            await asyncio.wait(set(tasks), return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Close the sockets, give what is under way a moment, cut off the rest. `serve` returns soon after."""
        self._services.closing.set()
        self._uvicorn.should_exit = True
        self._uvicorn.stopped.set()
