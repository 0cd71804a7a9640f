"""HTTP/1.1 over the daemon's Unix socket: one connection for each request, gone when the request is.

Written on httptools, which the server needs anyway: importing a general HTTP client takes longer than
the whole of `ttsd say` may take to its first byte.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httptools
import msgspec

from ttsd import places
from ttsd.protocol.errors import DaemonUnreachable, TtsdError, Unavailable

TOKEN: Final = "TTSD_TOKEN"  # noqa: S105 — a name, no secret
"""The variable with a token, for who asks in its name: not an option, for everybody sees the options of a process."""
READ_BYTES: Final = 64 * 1024
CONNECT_S: Final = 5.0
CLOSE_S: Final = 1.0


class Request(msgspec.Struct, frozen=True):
    """What is sent; `idle_s` is how long the daemon may stay silent, before its answer and within it."""

    method: str
    target: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    idle_s: float = 30.0
    content_type: str = "application/json"

    def encode(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "host: localhost"]
        if token := os.environ.get(TOKEN, ""):
            lines.append(f"authorization: Bearer {token}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method == "POST":
            lines += [f"content-type: {self.content_type}", f"content-length: {len(self.body)}"]
        return "\r\n".join([*lines, "\r\n"]).encode() + self.body


class _Answer:
    """Collects what the parser finds: httptools calls the `on_…` methods."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body: deque[bytes] = deque()
        self.head_done = False
        self.complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.head_done = True

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.complete = True


class Exchange:
    """One request's answer, read as it comes; owns the connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, idle_s: float) -> None:
        self._reader = reader
        self._writer = writer
        self._idle_s = idle_s
        self._answer = _Answer()
        self._parser = httptools.HttpResponseParser(self._answer)
        self.surplus = b""
        """Bytes that came after the head of a switch of protocols."""

    @property
    def status(self) -> int:
        return self._parser.get_status_code()

    def header(self, name: str) -> str:
        """The header `name` (in lower case), or the empty string."""
        return self._answer.headers.get(name, "")

    async def read_head(self) -> None:
        """Wait for the status line and the headers."""
        while not self._answer.head_done:
            await self._feed()

    async def body(self) -> AsyncIterator[bytes]:
        """The body in the pieces it comes in. Raises Unavailable when it ends before its end."""
        chunks = self._answer.body
        while chunks or not self._answer.complete:
            if chunks:
                yield chunks.popleft()
            else:
                await self._feed()

    async def read(self) -> bytes:
        """The whole body."""
        return b"".join([chunk async for chunk in self.body()])

    async def receive(self, *, wait: bool = False) -> bytes:
        """Raw bytes after a switch of protocols; empty when the daemon hung up. `wait`: for as long as it takes."""
        try:
            async with asyncio.timeout(None if wait else self._idle_s):
                return await self._reader.read(READ_BYTES)
        except TimeoutError:
            raise Unavailable(f"the daemon has not answered for {self._idle_s:.0f} seconds") from None
        except ConnectionError:
            return b""

    async def send(self, data: bytes) -> None:
        """Write `data`. Raises ConnectionError when the daemon hung up."""
        self._writer.write(data)
        await self._writer.drain()

    async def close(self) -> None:
        """Hang up; what was sent still goes out, when the daemon takes it."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _feed(self) -> None:
        data = await self.receive()
        if not data:
            raise Unavailable(_cut_short(head_done=self._answer.head_done))
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.surplus = data[int(upgrade.args[0]) :]
        except httptools.HttpParserError as error:
            raise Unavailable(f"what answers on the socket does not speak HTTP: {error}") from error


def _cut_short(*, head_done: bool) -> str:
    where = "within its answer" if head_done else "before it answered"
    return f"the daemon hung up {where}; its log says why"


@asynccontextmanager
async def exchange(socket: Path, request: Request) -> AsyncGenerator[Exchange]:
    """Send `request` and read the answer's head; leaving the block hangs up.

    Raises DaemonUnreachable when nothing answers on `socket`.
    """
    reader, writer = await _connect(socket)
    answer = Exchange(reader, writer, request.idle_s)
    try:
        # A daemon that refuses a body hangs up on the rest of it, and has answered by then.
        with suppress(ConnectionError):
            await answer.send(request.encode())
        await answer.read_head()
        yield answer
    finally:
        await answer.close()


async def _connect(socket: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(CONNECT_S):
            return await asyncio.open_unix_connection(socket)
    except OSError as error:
        raise unreachable(socket, error) from error


def _group_of(socket: Path) -> str:
    """The group that may connect; the service's where this user may not even look, or it has no name."""
    try:
        return socket.group()
    except (OSError, KeyError):
        return "ttsd"


def unreachable(socket: Path, error: OSError) -> TtsdError:
    """Why nobody can be reached on `socket`, and what to do about it."""
    service = places.service_of(socket)
    if isinstance(error, PermissionError):
        return DaemonUnreachable(
            f"{socket}: permission denied, for you are not in its group: `sudo usermod -aG {_group_of(socket)} $USER`, "
            "then log in again"
        )
    if isinstance(error, TimeoutError):
        see = f"see `systemctl status {service}`" if service else "see its log"
        return DaemonUnreachable(f"the daemon on {socket} accepts no connection; {see}")
    if service:
        return DaemonUnreachable(
            f"no daemon answers on {socket}; `systemctl status {service}.service {service}.socket` says why, "
            f"`sudo systemctl start {service}` starts it"
        )
    return DaemonUnreachable(
        f"no daemon answers on {socket}; start one with `ttsd serve`, or `systemctl start ttsd`; "
        "name another socket with --socket or TTSD_SOCKET"
    )
