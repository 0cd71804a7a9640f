"""The loggers of this project, and their records (and those of libraries) as flat events."""

import hashlib
import logging
from collections.abc import Mapping
from typing import Any, Final, Literal, cast

import structlog

from ttsd.log.lines import Value
from ttsd.protocol.events import LogEvent

MAX_VALUE_CHARS: Final = 8192


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of module `name` (below `ttsd`)."""
    return structlog.stdlib.get_logger(name)


def text_field(text: str, mode: Literal["hash", "full"]) -> str:
    """A spoken text as `[log] log_text` lets it appear: in full, or the first digits of its SHA-256 and its length."""
    if mode == "full":
        return text
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return f"sha256:{digest[:12]} ({len(text)} chars)"


def _as_record(_: Any, __: str, event: dict[str, Any]) -> tuple[tuple[Any], dict[str, Any]]:
    """The last processor: hand event and fields to stdlib logging, which also carries what libraries log."""
    special = {name: event.pop(name) for name in ("exc_info", "stack_info", "stacklevel") if name in event}
    return (event.pop("event", ""),), {"extra": {"fields": event}, **special}


structlog.configure(
    processors=[structlog.stdlib.filter_by_level, structlog.contextvars.merge_contextvars, cast("Any", _as_record)],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def as_event(record: logging.LogRecord) -> LogEvent:
    """A record of ours or of a library as one flat event whose strings are short and valid UTF-8."""
    fields = {
        _clean(name): _value(value) for name, value in cast("Mapping[str, Any]", vars(record).get("fields", {})).items()
    }
    if record.exc_info and record.exc_info[0] is not None:
        fields["exception"] = _clean(logging.Formatter().formatException(record.exc_info))
    return LogEvent(
        seq=0,
        at_s=record.created,
        level=record.levelname.lower(),
        event=_clean(record.getMessage()),
        fields={"logger": record.name, **fields},
    )


def _value(value: Any) -> Value:
    plain = value is None or isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 64)
    return value if plain else _clean(str(value))


def _clean(text: str) -> str:
    """File names may hold bytes that are no UTF-8; JSON may not."""
    if len(text) > MAX_VALUE_CHARS:
        text = f"{text[:MAX_VALUE_CHARS]}… ({len(text)} chars)"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
