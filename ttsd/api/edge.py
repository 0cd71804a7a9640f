"""The outermost layer: who may enter, request ids, slow clients, and the last word on what went wrong."""

import asyncio
import logging
import os
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ttsd.api.guard import Guard
from ttsd.api.patience import send_patiently
from ttsd.api.services import Services
from ttsd.log import get_logger
from ttsd.protocol.errors import TtsdError

REQUEST_ID: Final = b"x-request-id"
INTERNAL_ERROR: Final = 1011

_SANE_ID: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_LOOKS: Final = frozenset({"GET", "HEAD", "WEBSOCKET"})
_HEADS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")

log = get_logger(__name__)


class Edge:
    """Owns nothing; whatever happens inside, the client gets a whole answer or a connection that breaks off."""

    def __init__(self, app: ASGIApp, services: Services, guard: Guard, answer: Callable[[Exception], Response]) -> None:
        self._app = app
        self._services = services
        self._guard = guard
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        reply = Reply(scope, send, request_id(given), self._services)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=reply.request_id)
        try:
            asker = self._guard.admit(scope)
            scope.setdefault("state", {})["asker"] = asker
            structlog.contextvars.bind_contextvars(user=asker.name)
            await self._app(scope, receive, reply.send)
            _note(scope, reply)
        except Exception as error:  # noqa: BLE001 — the border of a request
            await self._last_word(error, scope, receive, reply)

    async def _last_word(self, error: Exception, scope: Scope, receive: Receive, reply: "Reply") -> None:
        response = self._answer(error)
        if isinstance(error, TtsdError):
            log.warning("request.refused", path=scope["path"], code=error.code, reason=error.message)
        else:
            log.error("request.crashed", path=scope["path"], exc_info=error)
        if not reply.begun:
            await response(scope, receive, reply.send)
        elif scope["type"] == "websocket":
            with suppress(RuntimeError, OSError):
                await reply.send({"type": "websocket.close", "code": INTERNAL_ERROR, "reason": "internal error"})


def _note(scope: Scope, reply: "Reply") -> None:
    """A line for each request, with who asked: of those that may change something for everybody to see."""
    method: str = scope.get("method", "WEBSOCKET")
    level = logging.DEBUG if method in _LOOKS else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, "request.done", method=method, path=scope["path"], status=reply.status)


class Reply:
    """What goes out for one request: each answer with its id, each client with its time to read."""

    def __init__(self, scope: Scope, send: Send, request_id: str, services: Services) -> None:
        self.request_id = request_id
        self.begun = False
        self.status = 0
        """Of an answer over HTTP, once it has begun."""
        self._send = send
        self._services = services
        self._transport: asyncio.WriteTransport | None = scope.get("state", {}).get("transport")

    async def send(self, message: Message) -> None:
        """Pass `message` on."""
        if message["type"] in _HEADS:
            self._begin(message)
        if self._transport is None:
            await self._send(message)
            return
        patience_s = self._services.config.limits.slow_reader_s
        if not await send_patiently(self._send, message, self._transport, patience_s):
            self._services.metrics.slow_readers.inc()
            log.warning("client.too_slow", patience_s=patience_s)

    def _begin(self, message: Message) -> None:
        self.begun = True
        message["headers"] = [*message.get("headers", ()), (REQUEST_ID, self.request_id.encode())]
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._services.metrics.requests.labels(f"{message['status'] // 100}xx").inc()


def request_id(given: str) -> str:
    """The client's own id when it is one that can be logged, else a new one."""
    return given if _SANE_ID.fullmatch(given) else os.urandom(8).hex()
