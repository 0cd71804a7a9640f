"""Complete files on their way to who takes them."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from ttsd.ingest.stability import Seen

BATCH: Final = 500
"""Most files handed over at once."""

Accept = Callable[[Sequence[str]], Awaitable[None]]


class Hand:
    """Owns the complete files on their way to `accept`: one batch at a time, while watching goes on.

    What was left in place is not handed over again before `again`, unless something happened to it.
    """

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._waiting: dict[str, None] = {}
        self._going: frozenset[str] = frozenset()
        self._given: dict[str, Seen] = {}
        self._filled = asyncio.Event()

    def __contains__(self, path: str) -> bool:
        return path in self._waiting or path in self._going

    def add(self, path: str, seen: Seen) -> None:
        """Hand this one over soon."""
        if self._given.get(path) != seen:
            self._given[path] = seen
            self._waiting[path] = None
            self._filled.set()

    def changed(self, path: str) -> None:
        """Something happened to it: it counts as new, though it may look the same."""
        self._given.pop(path, None)

    def only(self, paths: Iterable[str]) -> None:
        """Nothing but these is there now: others, should they come again, are new."""
        there = self._given.keys() & paths
        self._given = {path: self._given[path] for path in there}

    def again(self) -> None:
        """What still lies there may be handed over once more."""
        self._given.clear()

    async def run(self) -> None:
        """Hand over until cancelled."""
        while True:
            await self._filled.wait()
            batch = list(itertools.islice(self._waiting, BATCH))
            for path in batch:
                del self._waiting[path]
            if not self._waiting:
                self._filled.clear()
            self._going = frozenset(batch)
            await self._accept(batch)
            self._going = frozenset()
