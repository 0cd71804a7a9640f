"""Waiting for what another process does: the one place that looks again and again."""

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

import psutil
import pytest

LOOK_EVERY_S = 0.01
"""Between two looks; no test depends on how long it is."""


def wait_for(condition: Callable[[], Any], timeout_s: float = 20.0, what: str = "the condition") -> Any:
    """What `condition` returns as soon as that is true; for tests without a loop."""
    deadline = time.monotonic() + timeout_s
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not hold within {timeout_s:g} s")
        time.sleep(LOOK_EVERY_S)
    return result


def wait_ended(processes: Iterable[psutil.Process], timeout_s: float = 10.0) -> None:
    """Until none of them runs; whether somebody has collected them is not looked at.

    Those that outlive their parent are for the first process to collect: in a container a second later, or never.
    """
    processes = list(processes)
    wait_for(lambda: not any(map(_runs, processes)), timeout_s, f"the end of {[each.pid for each in processes]}")


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
