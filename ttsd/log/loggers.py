"""The loggers of this project, and their records (and those of libraries) as flat events."""

import logging
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
import structlog

from ttsd.log.discretion import Guarded, Mode, confided, discreet
from ttsd.log.lines import Value
from ttsd.protocol.events import LogEvent

MAX_VALUE_CHARS: Final = 8192
_NAMES: Final = frozenset({"logger", "job", "request_id", "user", "title", "path", "code", "text"})
"""Fields that quote nothing: ids and names, and what is fit for a log already."""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of module `name` (below `ttsd`)."""
    return structlog.stdlib.get_logger(name)


def _as_record(_: Any, __: str, event: dict[str, Any]) -> tuple[tuple[Any], dict[str, Any]]:
    """The last processor: hand event and fields to stdlib logging, which also carries what libraries log."""
    special = {name: event.pop(name) for name in ("exc_info", "stack_info", "stacklevel") if name in event}
    return (event.pop("event", ""),), {"extra": {"fields": event}, **special}


structlog.configure(
    processors=[structlog.stdlib.filter_by_level, cast("Any", _as_record)],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def as_event(record: logging.LogRecord, mode: Mode = "full") -> LogEvent:
    """A record of ours or of a library as one flat event whose strings are short and valid UTF-8.

    With `hash` they do not quote what was confided to the task that logs.
    """
    event = _flat(record, mode)
    texts = confided() if mode == "hash" else ()
    return _discreet(event, texts) if texts else event


def _discreet(event: LogEvent, texts: tuple[str, ...]) -> LogEvent:
    fields = {
        name: discreet(value, texts) if isinstance(value, str) and name not in _NAMES else value
        for name, value in event.fields.items()
    }
    said = discreet(event.event, texts) if " " in event.event else event.event  # ours are names
    return msgspec.structs.replace(event, event=said, fields=fields)


def _flat(record: logging.LogRecord, mode: Mode) -> LogEvent:
    own = cast("Mapping[str, Any]", vars(record).get("fields", {}))
    ids = structlog.contextvars.get_contextvars()  # libraries and children log in the name of a job or request too
    fields = {_clean(name): _value(value, mode) for name, value in {**dict(sorted(ids.items())), **own}.items()}
    if record.exc_info and record.exc_info[0] is not None:
        fields["exception"] = _clean(logging.Formatter().formatException(record.exc_info))
    return LogEvent(
        seq=0,
        at_s=record.created,
        level=record.levelname.lower(),
        event=_clean(record.getMessage()),
        fields={"logger": record.name, **fields},
    )


def _value(value: Any, mode: Mode) -> Value:
    if isinstance(value, Guarded):
        return _clean(value.shown(mode))
    plain = value is None or isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 64)
    return value if plain else _clean(str(value))


def _clean(text: str) -> str:
    """File names may hold bytes that are no UTF-8; JSON may not."""
    text = shortened(text)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def shortened(text: str) -> str:
    """`text`, or its beginning and how long it was."""
    # A text that was shortened before is a little longer than MAX_VALUE_CHARS, and stays as it is.
    return text if len(text) <= MAX_VALUE_CHARS + 24 else f"{text[:MAX_VALUE_CHARS]}… ({len(text)} chars)"
