"""A job's segments, several of them spoken at once, handed out in their order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from ttsd.log import get_logger
from ttsd.protocol.errors import TtsdError

T = TypeVar("T")

log = get_logger(__name__)


class Ahead(Generic[T]):
    """Owns the tasks that make what comes next; `width` says how many may be under way now.

    Use it as a context: what is under way at its end is cancelled, and has ended.
    """

    def __init__(
        self,
        positions: Iterable[int],
        make: Callable[[int], Awaitable[T]],
        width: Callable[[], int],
        going: asyncio.Event,
        group: asyncio.TaskGroup,
    ) -> None:
        """While `going` is not set, background work is paused: what is under way ends, and nothing is begun."""
        self._waiting = deque(positions)
        self._make = make
        self._width = width
        self._going = going
        self._group = group
        self._under_way: deque[tuple[int, asyncio.Task[T | TtsdError]]] = deque()

    async def next(self) -> tuple[int, T]:
        """The next position, and what was made of it. Raises what its making raised."""
        if not self._under_way:
            await self._going.wait()
        self._begin()
        position, task = self._under_way[0]
        made = await task
        self._under_way.popleft()
        self._begin()  # now, not when the caller has dealt with this one
        if isinstance(made, TtsdError):
            raise made
        return position, made

    def _begin(self) -> None:
        while self._going.is_set() and self._waiting and len(self._under_way) < max(1, self._width()):
            position = self._waiting.popleft()
            self._under_way.append((position, self._group.create_task(self._outcome(position))))

    async def _outcome(self, position: int) -> T | TtsdError:
        """A failure is its position's alone: raised where that is asked for, not in the group."""
        try:
            return await self._make(position)
        except TtsdError as error:
            return error
        except Exception as error:
            log.exception("segment.crashed")
            return TtsdError(f"internal error: {error!r}; the log has the details")

    async def skip(self, positions: range) -> None:
        """These are not wanted any more."""
        self._waiting = deque(position for position in self._waiting if position not in positions)
        dropped = [task for position, task in self._under_way if position in positions]
        self._under_way = deque(entry for entry in self._under_way if entry[0] not in positions)
        await _end(dropped)

    async def __aenter__(self) -> "Ahead[T]":
        return self

    async def __aexit__(self, *_: object) -> None:
        await _end([task for _, task in self._under_way])


async def _end(tasks: list[asyncio.Task[T | TtsdError]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
