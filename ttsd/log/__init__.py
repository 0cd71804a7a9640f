"""Logs: events with fields, on stderr and in a rotated file, written by a thread so that the event loop never waits.

    log = get_logger(__name__)
    log.info("job.finished", job=job.id, audio_s=12.5)

Loggers may be called on any thread. Until `configure` has run, warnings and errors go to stderr plainly.
"""

from ttsd.log.discretion import Guarded, confide, confided, printed, quoting, spoken_text, text_field
from ttsd.log.handle import LogHandle, configure
from ttsd.log.hindrance import Hindrance
from ttsd.log.loggers import get_logger

__all__ = [
    "Guarded",
    "Hindrance",
    "LogHandle",
    "confide",
    "confided",
    "configure",
    "get_logger",
    "printed",
    "quoting",
    "spoken_text",
    "text_field",
]
