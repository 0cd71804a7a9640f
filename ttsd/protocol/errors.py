"""The one exception tree, and the form in which an error crosses a process border.

    TtsdError
    ├── BadRequest             the request cannot work as it was sent
    │   ├── UnknownVoice       no such voice on this engine
    │   ├── UnsupportedLanguage the engine has no voice for that language
    │   ├── CannotClone        a reference clip was sent to an engine that cannot clone
    │   ├── CannotListen       no recogniser is installed that could hear a clip
    │   ├── NothingToSay       no speakable text is left
    │   ├── TooLarge           over a limit named in config
    │   └── UnreadableDocument the file is not what its name says, or not text
    ├── Forbidden              a path or an origin that config does not allow
    │   └── Unauthorized       the token is missing or wrong
    ├── NotFound               no such job, voice or route
    ├── Conflict               the job is in a state that does not allow this
    ├── Unavailable            passes by itself: try again later
    │   ├── EngineNotReady     the worker is starting, loading, or has failed
    │   ├── Busy               a queue or a session limit is full
    │   │   └── Throttled      somebody asks too often, or has had their share
    │   ├── MemoryPressure     the worker's memory has no room for more
    │   ├── Stopping           the daemon is shutting down
    │   ├── StorageFull        the disk has no room, or is read-only
    │   └── WorkerLost         the worker process died under the request
    ├── EngineFailed           the engine ran and could not speak this text
    ├── ConfigError            a bad key or value; the daemon does not start
    ├── DaemonUnreachable      no daemon answers on the socket (clients only)
    └── PlaybackFailed         no sound device, or it went away (clients only)

Edges translate by table: `api.app` into a status, `api.websocket` into a message, `cli` into an exit code.
"""

from typing import ClassVar

import msgspec


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=False):
    """An error as clients and processes see it: `{"error": {...}}` over HTTP."""

    code: str
    message: str
    param: str | None = None
    retryable: bool = False


class TtsdError(Exception):
    """Base of every error this project raises on purpose; `message` is one sentence with the way out."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param

    def body(self) -> ErrorBody:
        """The wire form."""
        return ErrorBody(self.code, self.message, self.param, self.retryable)


class BadRequest(TtsdError):
    code = "bad_request"


class UnknownVoice(BadRequest):
    code = "unknown_voice"


class UnsupportedLanguage(BadRequest):
    code = "unsupported_language"


class CannotClone(BadRequest):
    code = "cannot_clone"


class CannotListen(BadRequest):
    code = "cannot_listen"


class NothingToSay(BadRequest):
    code = "nothing_to_say"


class TooLarge(BadRequest):
    code = "too_large"


class UnreadableDocument(BadRequest):
    code = "unreadable_document"


class Forbidden(TtsdError):
    code = "forbidden"


class Unauthorized(Forbidden):
    code = "unauthorized"


class NotFound(TtsdError):
    code = "not_found"


class Conflict(TtsdError):
    code = "conflict"


class Unavailable(TtsdError):
    code = "unavailable"
    retryable = True


class EngineNotReady(Unavailable):
    code = "engine_not_ready"


class Busy(Unavailable):
    code = "busy"


class MemoryPressure(Unavailable):
    code = "memory_pressure"


class Throttled(Busy):
    """`retry_after_s` is when it goes on."""

    code = "rate_limited"

    def __init__(self, message: str, *, param: str | None = None, retry_after_s: int = 1) -> None:
        super().__init__(message, param=param)
        self.retry_after_s = retry_after_s


class Stopping(Unavailable):
    code = "stopping"


class StorageFull(Unavailable):
    code = "storage_full"


class WorkerLost(Unavailable):
    code = "worker_lost"


class EngineFailed(TtsdError):
    code = "engine_failed"


class ConfigError(TtsdError):
    code = "bad_config"


class DaemonUnreachable(TtsdError):
    code = "daemon_unreachable"


class PlaybackFailed(TtsdError):
    code = "playback_failed"


def _tree(root: type[TtsdError]) -> dict[str, type[TtsdError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found |= _tree(child)
    return found


BY_CODE = _tree(TtsdError)


def raised_from(body: ErrorBody) -> TtsdError:
    """The exception that `body` came from; an unknown code (a newer peer) becomes a plain `TtsdError`."""
    return BY_CODE.get(body.code, TtsdError)(body.message, param=body.param)
