"""A bound on how much of one kind is under way at once."""

from collections.abc import Generator
from contextlib import contextmanager

from ttsd.protocol.errors import Busy


class Gate:
    """Owns the count of what is under way; whoever would be one too many is refused."""

    def __init__(self, what: str, key: str) -> None:
        self._what = what
        self._key = key
        self.taken = 0

    @contextmanager
    def enter(self, limit: int) -> Generator[None]:
        """Count one for as long as the block runs. Raises Busy."""
        if self.taken >= limit:
            raise Busy(
                f"{self.taken} {self._what} are under way; at most {limit} may be ({self._key})", param=self._key
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
