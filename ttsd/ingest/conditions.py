"""What is out of order with an inbox, told once when it begins and once when it is over."""

import enum
from pathlib import Path
from typing import Final

from ttsd.log import Hindrance


class Condition(enum.Enum):
    """Event names in the log: when it begins, and when it is over."""

    ABSENT = ("inbox.absent", "inbox.back")
    """It is not there, or cannot be read."""
    POLLING = ("inbox.polling", "inbox.watching")
    """The kernel does not tell what happens there, or in some of its folders."""
    LOST_EVENTS = ("inbox.lost_events", "inbox.caught_up")
    """The kernel told less than what happened."""
    UNREADABLE = ("inbox.unreadable", "inbox.readable")
    """Some of its folders cannot be read."""


class Conditions:
    """Owns which conditions hold for the inbox at `path`."""

    def __init__(self, path: Path) -> None:
        self._all: Final = {each: Hindrance(*each.value, path=str(path)) for each in Condition}

    def begin(self, condition: Condition, reason: str, remedy: str = "") -> None:
        """It holds from now on; only the first reason is told."""
        self._all[condition].met(reason, **({"remedy": remedy} if remedy else {}))

    def end(self, condition: Condition) -> None:
        """It holds no more."""
        self._all[condition].over()
