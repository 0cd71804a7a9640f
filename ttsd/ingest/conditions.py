"""What is out of order with an inbox, told once when it begins and once when it is over."""

import enum
from pathlib import Path
from typing import Final

from ttsd.log import get_logger

log = get_logger(__name__)


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
        self._path: Final = str(path)
        self._holding: set[Condition] = set()

    def begin(self, condition: Condition, reason: str, remedy: str = "") -> None:
        """It holds from now on; only the first reason is told."""
        if condition not in self._holding:
            self._holding.add(condition)
            fields = {"remedy": remedy} if remedy else {}
            log.warning(condition.value[0], path=self._path, reason=reason, **fields)

    def end(self, condition: Condition) -> None:
        """It holds no more."""
        if condition in self._holding:
            self._holding.remove(condition)
            log.info(condition.value[1], path=self._path)
