"""Whose job runs next: by door, fair between users and their folders, and nobody waits for ever. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ttsd.protocol.jobs import Door
from ttsd.storage.lanes import Head

PATIENCE_S: Final = 300.0
"""A job that has waited for so long is as urgent as any."""
_RANK: Final = {Door.HTTP: 0, Door.SPOOL: 1, Door.BATCH: 2}


class Turns:
    """Who had their turn when: a count for each lane, of which the latest are remembered."""

    REMEMBERED: Final = 1024

    def __init__(self) -> None:
        self.last: dict[str, int] = {}
        self._count = 0

    def take(self, lane: str) -> None:
        """It is this one's."""
        self._count += 1
        self.last.pop(lane, None)
        self.last[lane] = self._count
        if len(self.last) > self.REMEMBERED:
            del self.last[next(iter(self.last))]


class Seats:
    """How many jobs may run: `plain` for all, and some more that only a lane with nothing running may take.

    So a lane full of books never keeps another lane's note waiting for the end of a book.
    """

    def __init__(self, plain: int, spare: int, running: Mapping[tuple[str, str], int]) -> None:
        """`running`: jobs under way, by user and lane."""
        self._left = plain - sum(running.values())
        self._spare = spare + min(0, self._left)
        self.lanes = Counter({lane: jobs for (_, lane), jobs in running.items()})
        self.users: Counter[str] = Counter()
        for (user, _), jobs in running.items():
            self.users[user] += jobs

    @property
    def most(self) -> int:
        """How many could sit down at most."""
        return max(0, self._left) + max(0, self._spare)

    @property
    def full(self) -> bool:
        """Whether nobody can sit down any more."""
        return self._left <= 0 and self._spare <= 0

    def open_to(self, head: Head) -> bool:
        """Whether this one can."""
        return self._left > 0 or (self._spare > 0 and not self.lanes[head.lane])

    def take(self, head: Head) -> None:
        """This one does."""
        if self._left > 0:
            self._left -= 1
        else:
            self._spare -= 1
        self.lanes[head.lane] += 1
        self.users[head.user] += 1


def choose(heads: Sequence[Head], seats: Seats, served: Mapping[str, int], now_s: float) -> list[Head]:
    """Who runs now, in this order; `served` tells when each lane had its last turn (a count that grows).

    What an operator put first comes before all; then more urgent doors; then the user, and the lane, with the fewest
    jobs under way; then who waited longest for a turn; within a lane first come, first served.
    """
    queues: dict[str, list[Head]] = {}
    for head in heads:
        queues.setdefault(head.lane, []).append(head)
    turn = max(served.values(), default=0)
    last = dict(served)
    chosen: list[Head] = []
    while not seats.full:
        firsts = [queue[0] for queue in queues.values() if queue and seats.open_to(queue[0])]
        if not firsts:
            break
        best = min(
            firsts,
            key=lambda head: (
                (0, head.place) if head.is_first else (1, 0),
                rank(head.door, now_s - head.created_s),
                seats.users[head.user],
                seats.lanes[head.lane],
                last.get(head.lane, 0),
                head.seq,
            ),
        )
        queues[best.lane].pop(0)
        seats.take(best)
        turn += 1
        last[best.lane] = turn
        chosen.append(best)
    return chosen


def rank(door: Door, waited_s: float) -> int:
    """Lower is more urgent."""
    return 0 if waited_s >= PATIENCE_S else _RANK[door]
