"""Length-prefixed msgpack over a stream socket: how the daemon talks with its worker and prep processes.

A message is a 4-byte big-endian length and that many bytes of msgpack. The daemon's side is asyncio
(`Peer`); the child's side is blocking and may be written to from several threads (`Channel`).
"""

import asyncio
import contextlib
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

MAX_MESSAGE_BYTES: Final = 64 * 2**20
FD_VARIABLE: Final = "TTSD_IPC_FD"
"""Environment variable that tells a child the number of its inherited socket."""

_LENGTH: Final = struct.Struct(">I")
In = TypeVar("In")


class MessageTooLong(ConnectionError):
    """The peer announced a message over `MAX_MESSAGE_BYTES`: it is broken or not our peer."""


class Framer:
    """Cuts a byte stream into messages; owns the bytes of the message under way."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The messages completed by `data`, in order. Raises MessageTooLong."""
        buffer = self._buffer
        buffer += data
        messages: list[bytes] = []
        start = 0
        while len(buffer) - start >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(buffer, start)
            if size > MAX_MESSAGE_BYTES:
                raise MessageTooLong(
                    f"a message of {size} bytes was announced; at most {MAX_MESSAGE_BYTES} are allowed"
                )
            end = start + _LENGTH.size + size
            if len(buffer) < end:
                break
            messages.append(bytes(buffer[start + _LENGTH.size : end]))
            start = end
        del buffer[:start]
        return messages


class Peer(asyncio.Protocol):
    """The daemon's end: calls `on_message` for each message and `on_lost` once when the stream ends.

    Nothing is awaited on sending: commands are small and the child always reads.
    """

    def __init__(
        self, kind: Any, on_message: Callable[[Any], None], on_lost: Callable[[Exception | None], None]
    ) -> None:
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._framer = Framer()
        self._on_message = on_message
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._lost = False

    @classmethod
    async def connect(
        cls,
        sock: socket.socket,
        kind: Any,
        on_message: Callable[[Any], None],
        on_lost: Callable[[Exception | None], None],
    ) -> "Peer":
        """Take over `sock`; messages of the union `kind` are expected from the other end."""
        loop = asyncio.get_running_loop()
        _, peer = await loop.create_connection(lambda: cls(kind, on_message, on_lost), sock=sock)
        return peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._framer.feed(data):
                self._on_message(self._decoder.decode(message))
        except (MessageTooLong, msgspec.DecodeError) as error:
            self._fail(error)
        except UnicodeDecodeError as error:  # a string in it: msgspec has no error of its own for that
            self._fail(msgspec.DecodeError(str(error)))

    def _fail(self, error: Exception) -> None:
        assert self._transport is not None
        self._transport.abort()
        self._report_lost(error)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._report_lost(exc)

    def _report_lost(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._on_lost(error)

    def send(self, message: msgspec.Struct) -> None:
        """Queue `message`; silently dropped once the stream has ended (`on_lost` tells of that)."""
        if self._transport is not None:
            payload = self._encoder.encode(message)
            self._transport.write(_LENGTH.pack(len(payload)) + payload)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Channel:
    """The child's end: blocking; `send` may be called from any thread, `receive` from one."""

    def __init__(self, sock: socket.socket, kind: Any) -> None:
        self._sock = sock
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._framer = Framer()
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()

    @classmethod
    def inherited(cls, kind: Any) -> "Channel":
        """The channel this process was started with. Raises SystemExit when it was started by hand."""
        number = os.environ.pop(FD_VARIABLE, "")
        if not number:
            raise SystemExit("this program is started by ttsd itself; to start the daemon, run: ttsd serve")
        return cls(socket.socket(fileno=int(number)), kind)

    def send(self, message: msgspec.Struct) -> None:
        """Raises BrokenPipeError when the daemon is gone."""
        payload = self._encoder.encode(message)
        with self._lock:
            self._sock.sendall(_LENGTH.pack(len(payload)) + payload)

    def is_quiet(self, for_s: float) -> bool:
        """Whether nothing comes for so long; says so at once when something does, the end too."""
        return not self._waiting and not select.select([self._sock], [], [], for_s)[0]

    def receive(self) -> Any | None:
        """The next message, or `None` when the daemon has gone."""
        while not self._waiting:
            data = self._sock.recv(256 * 1024)
            if not data:
                return None
            self._waiting.extend(self._framer.feed(data))
        return self._decoder.decode(self._waiting.pop(0))

    def hang_up(self) -> None:
        """End the stream: `receive` returns `None`, `send` raises. For any thread."""
        with contextlib.suppress(OSError):  # the daemon may have gone already
            self._sock.shutdown(socket.SHUT_RDWR)
