"""A WebSocket client that may say anything: whole frames, pieces of messages, and bytes that are no frame."""

import socket
from pathlib import Path
from typing import Final, Self

import msgspec
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

PATIENCE_S: Final = 20.0
LOST: Final = 0
"""In the place of a close code: the connection ended without one."""
ABNORMAL: Final = 1006
"""What wsproto makes of such an end; nobody sends it."""


class Peer:
    """One connection, blocking, and all that came on it."""

    def __init__(self, path: Path, target: str, subprotocol: str) -> None:
        self.texts: list[bytes] = []
        self.sound_bytes = 0
        self.closed: int | None = None
        """The close code, once there is one; `LOST` for an end without."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(str(path))
        self.socket.sendall(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        self.status = int(head.split(b" ", 2)[1])
        self._framing = Connection(ConnectionType.CLIENT)
        self._parts: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, event: Event) -> None:
        """A frame, unless the other end has closed."""
        if self._framing.state is ConnectionState.OPEN:
            self.raw(self._framing.send(event))

    def say(self, text: str) -> None:
        self.send(TextMessage(text))

    def raw(self, data: bytes) -> None:
        """Whatever it is; nobody may be there any more."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.closed = LOST

    def goodbye(self) -> int:
        """Say that it is over and read to the end; the close code. Raises TimeoutError when there is no end."""
        try:
            self.send(CloseConnection(1000))
        except LocalProtocolError:  # in the middle of a message: a close frame may stand there
            self.raw(b"\x88\x82\x00\x00\x00\x00\x03\xe8")
        while self.closed is None:
            self.hear()
        return self.closed

    def hear(self) -> None:
        """Take what has come."""
        try:
            data = self.socket.recv(2**16)
        except ConnectionResetError:
            data = b""
        try:
            self._framing.receive_data(data or None)
            for event in self._framing.events():
                self._take(event)
        except RemoteProtocolError as error:
            raise AssertionError(f"the daemon sent what is no frame: {error}") from error
        except LocalProtocolError:
            pass
        if not data and self.closed is None:
            self.closed = LOST

    def _take(self, event: Event) -> None:
        match event:
            case TextMessage(data=data, message_finished=True):
                self.texts.append(("".join([*self._parts, data])).encode())
                self._parts.clear()
            case TextMessage(data=data):
                self._parts.append(data)
            case BytesMessage(data=data):
                self.sound_bytes += len(data)
            case CloseConnection(code=code):
                self.closed = LOST if code == ABNORMAL else int(code)
            case Ping():
                self.raw(self._framing.send(event.response()))
            case Pong() | _:
                pass


def message(struct: msgspec.Struct) -> str:
    return msgspec.json.encode(struct).decode()
