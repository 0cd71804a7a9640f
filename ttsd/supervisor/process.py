"""Starting, watching and ending child programs: the only place that starts processes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from ttsd.ipc import FD_VARIABLE, Peer

MAX_LINE_BYTES: Final = 8192
"""A longer line of output is cut: the child decides its length, we decide our memory."""
LINGER_S: Final = 0.5
"""How long an exited child's socket and output may stay open (a grandchild holds them) before we close our end."""
KILLED_WITHIN_S: Final = 1.0
"""A child that survives SIGKILL for so long hangs in a driver: it is left to the kernel, and reaped when it goes."""

_NOT_FOR_CHILDREN: Final = frozenset(
    {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}
)
_FOR_CHILDREN: Final = {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}


class Listener(NamedTuple):
    """What a child's owner wants to hear of it."""

    kind: Any
    """Union of the messages the child sends."""
    on_message: Callable[[Any], None]
    on_lost: Callable[[Exception | None], None]
    """Called once, after the last message."""
    on_line: Callable[[str], None]
    """A line of the child's standard output or error."""


class _Output(asyncio.SubprocessProtocol):
    """Cuts what a child prints into lines; knows when the child has exited and when its pipe has closed."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self.on_exit: Callable[[], None] = lambda: None
        self._on_line = on_line
        self._partial = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._tell(line)
        if len(self._partial) > MAX_LINE_BYTES:
            self._tell(self._partial)
            self._partial = b""

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._tell(self._partial)
        self._partial = b""

    def _tell(self, line: bytes) -> None:
        for start in range(0, len(line), MAX_LINE_BYTES):
            if text := line[start : start + MAX_LINE_BYTES].decode(errors="replace").rstrip():
                self._on_line(text)

    def process_exited(self) -> None:
        self.exited.set()
        self.on_exit()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


class ChildProcess:
    """One child started as `python -m MODULE` with a message socket; what it prints becomes lines.

    It is its own session (Ctrl-C in the daemon's terminal does not reach it) and is always reaped. Whoever
    spawned it calls `stop`, or `kill` and `wait`.
    """

    def __init__(self, transport: asyncio.SubprocessTransport, output: _Output, peer: Peer) -> None:
        self.pid = transport.get_pid()
        self._transport = transport
        self._output = output
        self._peer = peer
        self._linger: asyncio.TimerHandle | None = None
        output.on_exit = self._exited
        if output.exited.is_set():
            self._exited()

    @classmethod
    async def spawn(cls, module: str, listener: Listener, *, env: Mapping[str, str]) -> "ChildProcess":
        """Start `module` with `env` on top of our environment. Raises OSError when the system refuses."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                transport, output = await _execute(module, listener.on_line, theirs, env)
        except BaseException:
            ours.close()
            raise
        try:
            peer = await Peer.connect(ours, listener.kind, listener.on_message, listener.on_lost)
        except BaseException:
            ours.close()
            transport.close()
            raise
        return cls(transport, output, peer)

    def _exited(self) -> None:
        self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._release)

    def _release(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
        self._peer.close()
        self._transport.close()

    def send(self, message: msgspec.Struct) -> None:
        """Queue `message` for the child; dropped when it is gone (`on_lost` tells of that)."""
        self._peer.send(message)

    async def wait(self) -> int:
        """The exit status, once the child is reaped and its last line was told; a signal is negative."""
        await self._output.exited.wait()
        await self._output.closed.wait()
        self._release()
        return self._status()

    def _status(self) -> int:
        status = self._transport.get_returncode()
        return -signal.SIGKILL if status is None else status

    async def stop(self, *, grace_s: float) -> int:
        """Close the socket, which asks the child to end; then SIGTERM; after `grace_s` SIGKILL. The exit status."""
        self._peer.close()
        steps = (
            (lambda: None, grace_s * 0.7),
            (lambda: self._signal(signal.SIGTERM), grace_s * 0.3),
            (self.kill, KILLED_WITHIN_S),
        )
        for act, patience_s in steps:
            act()
            try:
                async with asyncio.timeout(patience_s):
                    return await self.wait()
            except TimeoutError:
                continue
        return self._status()

    def kill(self) -> None:
        """SIGKILL the child and what it started; nothing happens when it has exited."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._output.exited.is_set():
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return


async def _execute(
    module: str, on_line: Callable[[str], None], theirs: socket.socket, env: Mapping[str, str]
) -> tuple[asyncio.SubprocessTransport, _Output]:
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CHILDREN}
    return await asyncio.get_running_loop().subprocess_exec(
        lambda: _Output(on_line),
        sys.executable,
        "-P",  # a random.py in the directory that the daemon was started in is not our random
        "-m",
        module,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=(theirs.fileno(),),
        start_new_session=True,
        env={**inherited, **_FOR_CHILDREN, **env, FD_VARIABLE: str(theirs.fileno())},
    )
