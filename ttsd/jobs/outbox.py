"""What a live session has to say to its client, in order, and can still take back."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SegmentStarted, ServerMessage

PIECE_BYTES: Final = 32_000
"""Two thirds of a second: small enough to be cut off at once, and for clients that bound their messages."""


MOST_WAITING: Final = 500
"""Far more than speech ahead of its listener, its announcements and some answers."""


class Sound(msgspec.Struct, frozen=True):
    """PCM of segment `index`."""

    index: int
    pcm: bytes


Item = ServerMessage | Sound


class Outbox:
    """Owns what was made and not handed to the connection yet, and counts both in samples of the stream."""

    def __init__(self, moved: Callable[[], None]) -> None:
        self._moved = moved
        self._items: deque[Item] = deque()
        self._closed = False
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self.made = 0
        """Length of the stream so far."""
        self.sent = 0
        """How much of it was handed to the connection."""

    @property
    def empty(self) -> bool:
        return not self._items

    def tell(self, message: ServerMessage) -> None:
        self._items.append(message)
        self._changed.set()

    def sound(self, index: int, pcm: bytes) -> None:
        """PCM of segment `index` goes out after all that is here."""
        self.made += len(pcm) // BYTES_PER_SAMPLE
        for start in range(0, len(pcm), PIECE_BYTES):
            self._items.append(Sound(index, pcm[start : start + PIECE_BYTES]))
        self._changed.set()

    def take_back(self, index: int) -> set[int]:
        """Forget what has not gone out of segments `index` and up; returns those that were never announced."""
        kept: deque[Item] = deque()
        unannounced: set[int] = set()
        for item in self._items:
            if not isinstance(item, Sound | SegmentStarted) or item.index < index:
                kept.append(item)
            elif isinstance(item, SegmentStarted):
                unannounced.add(item.index)
        self._items = kept
        return unannounced

    async def room(self) -> None:
        """Wait until not too much waits here: who takes no answers is asked no more questions."""
        while len(self._items) > MOST_WAITING:
            self._taken.clear()
            await self._taken.wait()

    def close(self) -> None:
        """Nothing more comes after what is here."""
        self._closed = True
        self._changed.set()

    async def take(self) -> Item | None:
        """The next item, or `None` after the last."""
        while not self._items:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        item = self._items.popleft()
        self._taken.set()
        if isinstance(item, Sound):
            self.sent += len(item.pcm) // BYTES_PER_SAMPLE
        self._moved()
        return item
