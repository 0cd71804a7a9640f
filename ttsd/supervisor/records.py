"""What children say becomes our log records: the daemon is the one writer of logs."""

import logging
from typing import Final

from ttsd.log import printed
from ttsd.protocol.engine import WorkerLog

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def relay(logger: logging.Logger, message: WorkerLog) -> None:
    """A record that the worker sent; its fields are whatever it likes, so they are passed on as one thing."""
    logger.log(_LEVELS[message.level], "%s", message.event, extra={"fields": message.fields})


def relay_line(logger: logging.Logger, line: str, *, guarded: bool = False) -> None:
    """A line that a child printed: libraries print what somebody should see. `guarded`: it may quote what is secret."""
    logger.warning("printed", extra={"fields": {"line": printed(line) if guarded else line}})
