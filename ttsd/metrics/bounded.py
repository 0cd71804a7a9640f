"""Label values that clients choose, and that are few all the same."""

from typing import Final

OTHER: Final = "other"


class Bounded:
    """The first so many values, each by its name; all others together. None ever loses its name: counters only rise."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def label(self, value: str) -> str:
        """What to call it."""
        if value not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(value)
        return value
