"""Odd times, for who reads the log later: the wall clock was set, or the process did not run for a while."""

import asyncio
from typing import Final

from ttsd.clock import Clock
from ttsd.log import get_logger

EVERY_S: Final = 1.0
NOTED_S: Final = 1.5
"""Shorter ones are a busy machine, or NTP at its work."""

log = get_logger(__name__)


async def keep_time(wall: Clock, steady: Clock) -> None:
    """Look every second, until cancelled; nobody sets the clock `steady`, and it stands while the machine sleeps."""
    seen_s, since_s = wall(), steady()
    while True:
        await asyncio.sleep(EVERY_S)
        now_s, passed_s = wall(), steady() - since_s
        jumped_s = now_s - seen_s - passed_s
        if abs(jumped_s) > NOTED_S:
            log.warning("clock.jumped", by_s=round(jumped_s, 3), reason="it was set, or the machine has slept")
        if passed_s > EVERY_S + NOTED_S:
            reason = "the machine was too busy, or the process was stopped"
            log.warning("daemon.overslept", by_s=round(passed_s - EVERY_S, 3), reason=reason)
        seen_s, since_s = now_s, since_s + passed_s
