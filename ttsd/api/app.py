"""The app behind the sockets: all routes, and the one table that turns an exception into a status."""

from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from ttsd.api.answers import as_json
from ttsd.api.edge import Edge
from ttsd.api.encoding import EncodingDoor
from ttsd.api.events import EventsDoor
from ttsd.api.guard import Guard
from ttsd.api.jobs import JobsDoor
from ttsd.api.lexicon import LexiconDoor
from ttsd.api.logs import LogsDoor
from ttsd.api.openapi import OpenApiDoor
from ttsd.api.services import Services
from ttsd.api.speech import SpeechDoor
from ttsd.api.system import SystemDoor
from ttsd.api.token_list import TokensDoor
from ttsd.api.usage import UsageDoor
from ttsd.api.voices import VoicesDoor
from ttsd.api.websocket import LiveDoor
from ttsd.api.worker import WorkerDoor
from ttsd.log import get_logger
from ttsd.protocol import errors

__all__ = ["Services", "answer", "build_app"]

STATUS: Final[dict[type[Exception], int]] = {
    errors.BadRequest: 400,
    errors.UnknownVoice: 422,
    errors.UnsupportedLanguage: 422,
    errors.CannotClone: 422,
    errors.CannotListen: 422,
    errors.NothingToSay: 422,
    errors.UnreadableDocument: 422,
    errors.TooLarge: 413,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Busy: 429,
    errors.Unavailable: 503,
}
"""The nearest class in an exception's ancestry decides; all that is not here is a 500."""

RETRY_AFTER_S: Final[dict[type[Exception], int]] = {
    errors.StorageFull: 30,
    errors.EngineNotReady: 5,
    errors.MemoryPressure: 30,
    errors.Stopping: 5,
    errors.Unavailable: 1,
}

log = get_logger(__name__)

CODES: Final = {404: "not_found", 405: "method_not_allowed"}


def build_app(services: Services) -> Starlette:
    """Every route of the daemon, behind its `state.guard`. Raises ConfigError for a bad `[http]`."""
    guard = Guard(services.config, services.state_folder / "tokens-used.json")
    doors = (
        SystemDoor(services),
        WorkerDoor(services),
        SpeechDoor(services),
        JobsDoor(services),
        VoicesDoor(services),
        LiveDoor(services, guard),
        LexiconDoor(services),
        EventsDoor(services, guard),
        LogsDoor(services),
        EncodingDoor(services),
        TokensDoor(guard),
        UsageDoor(services),
        OpenApiDoor(),
    )
    app = Starlette(
        routes=[route for door in doors for route in door.routes()],
        middleware=[Middleware(Edge, services=services, guard=guard, answer=answer)],
        exception_handlers={errors.TtsdError: _handle, HTTPException: _handle_route},
    )
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.guard = guard
    return app


async def _handle(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.TtsdError)
    # Without its message: that may quote the text, and [log] log_text decides where texts appear.
    log.info("request.failed", path=request.url.path, code=error.code, param=error.param)
    return answer(error)


async def _handle_route(request: Request, error: Exception) -> Response:
    """Unknown routes and wrong methods, as the router reports them."""
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail.lower()}"
    if allowed := (error.headers or {}).get("Allow"):
        message += f"; this path takes {allowed}"
    body = errors.ErrorBody(CODES.get(error.status_code, "bad_request"), message)
    return respond(body, error.status_code, dict(error.headers or {}))


def answer(error: Exception) -> Response:
    """What a client sees of `error`: never a traceback."""
    if not isinstance(error, errors.TtsdError):
        body = errors.ErrorBody("internal", "internal error; the daemon's log has the details under this request's id")
        return respond(body, 500, {})
    headers: dict[str, str] = {}
    if retry_s := error.retry_after_s if isinstance(error, errors.Throttled) else nearest(RETRY_AFTER_S, error):
        headers["Retry-After"] = str(retry_s)
    if isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    return respond(error.body(), nearest(STATUS, error) or 500, headers)


def nearest(table: dict[type[Exception], int], error: Exception) -> int | None:
    """The entry of the nearest class in the ancestry of `error`."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)


def respond(body: errors.ErrorBody, status: int, headers: dict[str, str]) -> Response:
    """`{"error": {…}}`"""
    return as_json({"error": body}, status, headers)
