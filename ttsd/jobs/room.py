"""How many jobs may wait: in all, and of one user."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from ttsd.asker import name_of
from ttsd.config import Limits
from ttsd.protocol.errors import Busy


class Room:
    """Owns the count of the jobs that wait, by user, and holds it against the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiting: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting.total()

    @property
    def full(self) -> str:
        """Why no more jobs are taken, from anybody; empty when they are."""
        return self._too_many() if self.waiting >= self.limits.max_queue else ""

    def left(self, user: str, coming: Counter[str]) -> int:
        """How many more jobs of a user may wait, besides those about to come."""
        together = self.limits.max_queue - self.waiting - coming.total()
        return max(0, min(together, self.limits.max_queue_per_user - self._waiting[user] - coming[user]))

    def count(self, waiting: Mapping[str, int]) -> None:
        """So many wait, by user."""
        self._waiting = Counter(waiting)

    def come(self, user: str) -> None:
        """One that was here waits again, room or not."""
        self._waiting[user] += 1

    def go(self, user: str) -> None:
        """One of theirs waits no more."""
        self._waiting[user] -= 1

    @contextmanager
    def taken(self, asked: Counter[str]) -> Generator[None]:
        """So many more wait, by user, unless the block fails. Raises Busy when there is no room for all of them."""
        self._check(asked)
        self._waiting += asked
        try:
            yield
        except BaseException:
            self._waiting -= asked
            raise

    def _check(self, asked: Counter[str]) -> None:
        if asked and self.waiting + asked.total() > self.limits.max_queue:
            raise Busy(self._too_many())
        most = self.limits.max_queue_per_user
        for user, jobs in asked.items():
            if jobs > most - self._waiting[user]:
                raise Busy(
                    f"{self._waiting[user]} jobs of {name_of(user) or 'this client'} are waiting; "
                    f"at most {most} may ([limits] max_queue_per_user)"
                )

    def _too_many(self) -> str:
        return f"{self.waiting} jobs are waiting; at most {self.limits.max_queue} may ([limits] max_queue)"
