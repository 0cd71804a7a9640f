"""Telling the bus of the worker, often enough to follow it and seldom enough to be cheap."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from ttsd.bus import Bus
from ttsd.protocol.events import WorkerChanged
from ttsd.protocol.health import WorkerStatus

EVERY_S: Final = 0.1


class Announcer:
    """Publishes `WorkerChanged`: urgent changes at once, the others at most every `EVERY_S`, the last one always."""

    def __init__(self, bus: Bus, status: Callable[[], WorkerStatus]) -> None:
        self._bus = bus
        self._status = status
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def changed(self, *, urgent: bool) -> None:
        """The status is not what it was."""
        if urgent:
            self._tell()
        elif self._timer is None:
            wait_s = self._told_at + EVERY_S - time.monotonic()
            if wait_s <= 0:
                self._tell()
            else:
                self._timer = asyncio.get_running_loop().call_later(wait_s, self._tell)

    def _tell(self) -> None:
        self.close()
        self._told_at = time.monotonic()
        self._bus.publish(WorkerChanged(0, self._status()))

    def close(self) -> None:
        """Forget what is still to be told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
