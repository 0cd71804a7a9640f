"""Logs: events with fields, on stderr and in a rotated file, written by a thread so that the event loop never waits.

    log = get_logger(__name__)
    log.info("job.finished", job=job.id, audio_s=12.5)

Loggers may be called on any thread. Until `configure` has run, warnings and errors go to stderr plainly.
"""

from ttsd.log.handle import LogHandle, configure
from ttsd.log.hindrance import Hindrance
from ttsd.log.loggers import get_logger, text_field

__all__ = ["Hindrance", "LogHandle", "configure", "get_logger", "text_field"]
