"""The daemon's own history, over its door: it outlives the daemon, however that ended."""

import asyncio

from ttsd.client import TtsdClient
from ttsd.protocol.history import HealthHistory


def told(daemon) -> HealthHistory:
    return asyncio.run(TtsdClient(daemon.socket).history(60, 60))


def rows(history: HealthHistory) -> int:
    return sum(figure is not None for figure in history.machine.daemon_rss_bytes.mean)


def test_the_history_goes_on_after_kill_9(daemon, wait_for):
    wait_for(lambda: rows(told(daemon)) >= 1, 15, "a row")
    assert max(cpu or 0 for cpu in told(daemon).machine.cpu.high) <= 1
    daemon.kill()
    daemon.start()
    wait_for(lambda: rows(told(daemon)) >= 2, 15, "a row of the second daemon beside that of the first")
