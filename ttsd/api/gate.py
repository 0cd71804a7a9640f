"""A bound on how much of one kind is under way at once."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from ttsd.asker import name_of
from ttsd.protocol.errors import Busy


class Gate:
    """Owns the count of what is under way; whoever would be one too many is refused."""

    def __init__(self, what: str, bound: str, own_bound: str = "") -> None:
        """`what` is counted, in the plural; the others say where limits come from: a key, or a sentence."""
        self._what = what
        self._bound = bound
        self._own_bound = own_bound
        self._users: Counter[str] = Counter()
        self.taken = 0

    @contextmanager
    def enter(self, limit: int, user: str = "", own_limit: int | None = None) -> Generator[None]:
        """Count one, of `user`, for as long as the block runs. Raises Busy."""
        if self.taken >= limit:
            raise Busy(f"{self.taken} {self._what} are under way; at most {limit} may be ({self._bound})")
        own = self._users[user]
        if own_limit is not None and own >= own_limit:
            raise Busy(
                f"{own} {self._what} of {name_of(user) or 'this client'} are under way; "
                f"at most {own_limit} may be ({self._own_bound})"
            )
        self.taken += 1
        self._users[user] += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._users[user] -= 1
            if not self._users[user]:
                del self._users[user]
