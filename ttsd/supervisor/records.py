"""What children say becomes our log records: the daemon is the one writer of logs."""

import logging
from collections.abc import Callable
from typing import Final

from ttsd.protocol.engine import WorkerLog

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def relay(logger: logging.Logger, message: WorkerLog) -> None:
    """A record that the worker sent; its fields are whatever it likes, so they are passed on as one thing."""
    logger.log(_LEVELS[message.level], "%s", message.event, extra={"fields": message.fields})


def line_relay(logger: logging.Logger) -> Callable[[str], None]:
    """What to do with a line that a child printed: libraries print what somebody should see."""
    return lambda line: logger.warning("printed", extra={"fields": {"line": line}})
