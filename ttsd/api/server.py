"""The server: uvicorn on sockets that we bind ourselves, inside our own TaskGroup."""

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ttsd.api.services import Services
from ttsd.protocol.errors import BadRequest, ConfigError, Conflict

MAX_WS_MESSAGE_BYTES: Final = 4 * 2**20
"""The server's own bound; the doors' smaller one answers with an error first."""
MAX_HEAD_BYTES: Final = 64 * 1024
SOCKET_MODE: Final = 0o660
MAX_PATH_BYTES: Final = 107
"""What the kernel takes as the address of a Unix socket."""
GRACE_S: Final = 1


class Connection(HttpToolsProtocol):
    """Tells the app its transport, bounds what comes before a body, and refuses broken requests in our own form."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        self._head_bytes = 0

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0

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
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                app,
                loop="none",
                http=Connection,
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

    async def serve(self, sockets: Sequence[socket.socket]) -> None:
        """Answer on `sockets` until `stop`; they are closed then."""
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


class UnixListener(socket.socket):
    """A bound Unix socket that removes its file when it is closed, unless another has taken the place."""

    path: Path | None = None
    inode: int = 0

    def close(self) -> None:
        super().close()
        path, self.path = self.path, None
        if path is not None:
            with contextlib.suppress(OSError):
                if path.stat().st_ino == self.inode:
                    path.unlink()


def bind_unix(path: Path) -> socket.socket:
    """A socket at `path`, 0660 from its first moment. Raises Conflict if it is taken, ConfigError if it cannot be."""
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise _unusable(path, f"the path is over {MAX_PATH_BYTES} bytes long")
    try:
        _make_folder(path.parent)
        _check_free(path)
        return _bind_hidden(path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _unusable(path: Path, reason: str) -> ConfigError:
    return ConfigError(f"socket {path}: {reason}; [daemon] socket names another", param="daemon.socket")


def _make_folder(folder: Path) -> None:
    """The folder, private when we make it. One that somebody else could have put into /tmp first is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    anybody_can_make = folder.parent.stat().st_mode & stat.S_ISVTX
    if anybody_can_make and folder.stat().st_uid != os.geteuid():
        raise PermissionError(1, f"{folder} belongs to another user")


def _check_free(path: Path) -> None:
    """A file left by a dead daemon is no obstacle; a living one, or a file that is no socket, is."""
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_socket():
        raise _unusable(path, "there is a file in its place that is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            pass  # its backlog is full: somebody listens
        except OSError:
            return
    raise Conflict(f"socket {path}: another daemon answers there; stop it first, or name another in [daemon] socket")


def _bind_hidden(path: Path) -> UnixListener:
    """Bind under a hidden name, set the mode, and only then give it its name: it is never open to all."""
    hidden = path.with_name(f".{os.getpid():x}")  # short, for the kernel counts its bytes too
    listener = UnixListener(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        hidden.unlink(missing_ok=True)
        listener.bind(str(hidden))
        hidden.chmod(SOCKET_MODE)
        listener.inode = hidden.stat().st_ino
        hidden.rename(path)
    except BaseException:
        listener.close()
        hidden.unlink(missing_ok=True)
        raise
    listener.path = path
    return listener


def bind_tcp(listen: str) -> list[socket.socket]:
    """Sockets on `host:port`, one for each address of the host; none when `listen` is empty. Raises ConfigError."""
    if not listen:
        return []
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f'[http] listen = "{listen}": write host:port, as 127.0.0.1:7860', param="http.listen")
    bound: list[socket.socket] = []
    try:
        for family, _, _, _, address in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM):
            bound.append(_bind_one(family, address))
    except OSError as error:
        for listener in bound:
            listener.close()
        reason = error.strerror or str(error)
        raise ConfigError(f'[http] listen = "{listen}": {reason}', param="http.listen") from error
    return bound


def _bind_one(family: int, address: Any) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    except BaseException:
        listener.close()
        raise
    return listener
