"""A WebSocket over an exchange that switched protocols: whole messages in, whole messages out."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final, cast

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, generate_accept_token, generate_nonce

from ttsd.client.exchange import Exchange, Request
from ttsd.protocol.errors import BadRequest, Stopping, TtsdError, Unavailable

MAX_MESSAGE_BYTES: Final = 64 * 2**20

QUIET_CLOSE: Final = frozenset({1000, 1001, 1005, 1012})
"""Closed on purpose: done, going away, no code given, restarting."""
CLOSE_CODES: Final[dict[int, type[TtsdError]]] = {
    1002: BadRequest,
    1003: BadRequest,
    1006: Unavailable,
    1007: BadRequest,
    1008: BadRequest,
    1009: BadRequest,
    1013: Unavailable,
}


def upgrade(target: str, subprotocol: str) -> tuple[Request, str]:
    """The request for a WebSocket, and the accept token that the answer must carry."""
    nonce = generate_nonce()
    headers = (
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", nonce.decode()),
        ("sec-websocket-protocol", subprotocol),
    )
    return Request("GET", target, headers=headers), generate_accept_token(nonce).decode()


class WebSocket:
    """Owns the framing; one task may send while another reads."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._framing = Connection(ConnectionType.CLIENT, trailing_data=exchange.surplus)

    async def send(self, text: str) -> None:
        """Send one text message. Raises Unavailable when the daemon has closed the session."""
        try:
            await self._exchange.send(self._framing.send(TextMessage(text)))
        except (ConnectionError, LocalProtocolError) as error:
            raise Stopping("the daemon has closed the session") from error

    async def messages(self) -> AsyncGenerator[str | bytes]:
        """Every message until the daemon closes the session. Raises TtsdError when it does so for a fault."""
        parts: list[str | bytes] = []
        while True:
            for event in list(self._framing.events()):
                match event:
                    case TextMessage() | BytesMessage():
                        if (whole := _joined(parts, event)) is not None:
                            yield whole
                    case CloseConnection(code=code, reason=reason):
                        await self.close()
                        _raise_for(code, reason)
                        return
                    case Ping():
                        with suppress(ConnectionError, LocalProtocolError):
                            await self._exchange.send(self._framing.send(event.response()))
                    case _:
                        pass
            self._framing.receive_data(await self._exchange.receive(wait=True) or None)

    async def close(self) -> None:
        """Say goodbye, unless it has been said."""
        if self._framing.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            with suppress(ConnectionError):
                await self._exchange.send(self._framing.send(CloseConnection(1000)))


def _joined(parts: list[str | bytes], event: Message[str] | Message[bytes]) -> str | bytes | None:
    """The whole message once `event` completes it; `parts` holds what came before."""
    parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
    if sum(map(len, parts)) > MAX_MESSAGE_BYTES:
        raise Unavailable(f"the daemon sent a message over {MAX_MESSAGE_BYTES} bytes")
    if not event.message_finished:
        return None
    whole = "".join(cast("list[str]", parts)) if isinstance(parts[0], str) else b"".join(cast("list[bytes]", parts))
    parts.clear()
    return whole


def _raise_for(code: int, reason: str | None) -> None:
    if code not in QUIET_CLOSE:
        message = reason or f"the connection to the daemon was lost (WebSocket close code {int(code)})"
        raise CLOSE_CODES.get(code, TtsdError)(message)
