"""The event bus: one numbered stream of events, a bounded history, and bounded queues for who listens."""

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import msgspec

from ttsd.protocol.events import Event, LogEvent, Missed

HISTORY: Final = 2048
QUEUE: Final = 1024


class Subscription:
    """One listener's bounded queue; a listener that falls behind is told how many events it missed."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._missed = 0
        self._wake = asyncio.Event()

    def offer(self, event: Event) -> None:
        """Take `event`, or count it as missed when the queue is full."""
        if len(self._events) >= QUEUE or self._missed:
            self._missed += 1
        else:
            self._events.append(event)
        self._wake.set()

    async def next(self, seq: int) -> Event:
        """The next event; after a gap, `Missed` (its `seq` is the given one) once the queue has run empty."""
        while not self._events and not self._missed:
            self._wake.clear()
            await self._wake.wait()
        if self._events:
            return self._events.popleft()
        missed, self._missed = self._missed, 0
        return Missed(seq=seq, count=missed)

    def waiting(self) -> list[Event]:
        """All that is here already, oldest first."""
        events = list(self._events)
        self._events.clear()
        return events


class Bus:
    """Owns the sequence number and the history; `publish` never blocks. Loop thread only.

    `first_seq` must be above every number of an earlier life, or a client that asks for what it missed since then
    would be told nothing: the daemon takes the milliseconds since 1970.
    """

    def __init__(self, first_seq: int = 0) -> None:
        self.seq = first_seq
        self._history: deque[Event] = deque(maxlen=HISTORY)
        self._log: deque[LogEvent] = deque(maxlen=200)
        self._subscriptions: set[Subscription] = set()

    def publish(self, event: Event) -> None:
        """Number `event` (its own `seq` is ignored) and hand it to every listener."""
        self.seq += 1
        event = msgspec.structs.replace(event, seq=self.seq)
        self._history.append(event)
        if isinstance(event, LogEvent):
            self._log.append(event)
        for subscription in self._subscriptions:
            subscription.offer(event)

    def since(self, seq: int) -> list[Event] | None:
        """Events after `seq`, oldest first; `None` when some of them are forgotten, or never were."""
        if seq > self.seq:
            return None
        wanted = [event for event in self._history if event.seq > seq]
        return wanted if len(wanted) == self.seq - seq else None

    def recent_log(self) -> tuple[LogEvent, ...]:
        """The newest log lines, oldest first."""
        return tuple(self._log)

    @property
    def listened(self) -> bool:
        """Whether anybody hears what is published."""
        return bool(self._subscriptions)

    @contextmanager
    def subscribe(self) -> Generator[Subscription]:
        """Listen for as long as the block runs."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
