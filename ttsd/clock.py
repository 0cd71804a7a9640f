"""The wall clock, in one place: code that needs the time takes a `Clock`, and tests pass their own."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Returns Unix seconds."""

wall: Clock = time.time  # noqa: TID251 — the one use that the ban points to
