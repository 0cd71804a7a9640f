"""What a prep process gives up before its first request."""

import ctypes
import os
import resource
import signal
from typing import Final

MEMORY_BYTES: Final = 3 * 2**29
"""Address space; a request that needs more fails alone."""
_PR_SET_NO_NEW_PRIVS: Final = 38


def enter(*, may_write_bytes: int | None) -> None:
    """No more than `MEMORY_BYTES`, no core files, no new privileges, no file beyond `may_write_bytes`.

    `None` sets no bound to files. Ctrl-C is the daemon's.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _lower(resource.RLIMIT_CORE, 0)
    if may_write_bytes is not None:
        _lower(resource.RLIMIT_FSIZE, may_write_bytes)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _lower(limit: int, to: int) -> None:
    """Never above what was inherited."""
    _, hard = resource.getrlimit(limit)
    value = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(limit, (value, value))
