"""A live session: text goes up as it is written, sound comes down as it is made."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from ttsd.protocol.errors import Stopping, Unavailable
from ttsd.protocol.speech import ClientMessage, Ended, ServerMessage

if TYPE_CHECKING:
    from ttsd.client.websocket import WebSocket

_decoder = msgspec.json.Decoder(ServerMessage)


class LiveSession:
    """One `WS /v1/speak`: the caller sends `Start` first, and may send while it iterates.

    Iterating gives the server's messages, and PCM as `bytes`; it ends when the daemon closes the session
    after `Ended`, and raises TtsdError when that happens before.
    """

    def __init__(self, socket: "WebSocket") -> None:
        self._socket = socket

    async def send(self, message: ClientMessage) -> None:
        """Raises Stopping when the daemon has closed the session."""
        await self._socket.send(msgspec.json.encode(message).decode())

    def __aiter__(self) -> AsyncIterator[ServerMessage | bytes]:
        return self._messages()

    async def _messages(self) -> AsyncGenerator[ServerMessage | bytes]:
        ended = False
        async for message in self._socket.messages():
            if isinstance(message, bytes):
                yield message
                continue
            decoded = _decode(message)
            ended = isinstance(decoded, Ended)
            yield decoded
        if not ended:
            raise Stopping("the daemon closed the session before everything was spoken")


def _decode(message: str) -> ServerMessage:
    try:
        return _decoder.decode(message)
    except msgspec.DecodeError as error:
        raise Unavailable(f"the daemon speaks another version of the live protocol: {error}") from error
