"""Opening a WebSocket in the subprotocol that both sides know."""

from starlette.websockets import WebSocket

from ttsd.protocol.errors import BadRequest


async def accept(socket: WebSocket, subprotocol: str) -> None:
    """Accept in `subprotocol`, or without one for a client that names none.

    Raises BadRequest, which refuses the handshake, for a client that only speaks others.
    """
    offered: list[str] = socket.scope["subprotocols"]
    if offered and subprotocol not in offered:
        raise BadRequest(f"this path speaks the WebSocket subprotocol {subprotocol}", param="Sec-WebSocket-Protocol")
    await socket.accept(subprotocol if offered else None)
