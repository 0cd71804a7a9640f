"""Waiting for what another process does: the one place that looks again and again."""

import time
from collections.abc import Callable
from typing import Any

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
