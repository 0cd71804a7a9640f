"""`WS /v1/events`: a snapshot, then what happens, to clients of any speed."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from ttsd.api.guard import Guard
from ttsd.api.handshake import accept
from ttsd.api.peer import asker
from ttsd.api.race import race
from ttsd.api.services import Services
from ttsd.bus import Subscription
from ttsd.jobs.sight import Sight
from ttsd.protocol.errors import BadRequest, Unauthorized
from ttsd.protocol.events import (
    EVENTS_SUBPROTOCOL,
    Event,
    EventMessage,
    HealthSampled,
    JobChanged,
    LogEvent,
    Missed,
    QueueChanged,
    Snapshot,
    StoppingEvent,
    VoicesChanged,
    WorkerChanged,
)
from ttsd.storage.listing import Wanted

RECENT_JOBS: Final = 100
PAUSE_S: Final = 0.05
"""Between two bursts: what changes more often than this arrives together, each job once."""
GOODBYE_S: Final = 1.0
GOING_AWAY: Final = 1001
REFUSED: Final = 1008

_encode = msgspec.json.Encoder().encode


class EventsDoor:
    """Passes the bus on; each listener falls behind on its own."""

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute("/v1/events", self.listen)]

    async def listen(self, socket: WebSocket) -> None:
        """`?since=N` resumes after event N where that is still known."""
        since = _since(socket.query_params.get("since"))
        self._services.check_open()
        await accept(socket, EVENTS_SUBPROTOCOL)
        sight = await self._services.queue.sight(asker(socket))
        with self._services.bus.subscribe() as subscription, suppress(WebSocketDisconnect, WebSocketDisconnected):
            try:
                await race(
                    partial(self._tell, _Listener(socket, sight), subscription, since),
                    partial(_until_closed, socket),
                    self._until_shut,
                    partial(self._guard.until_revoked, socket),
                )
            except Unauthorized as error:
                await socket.close(REFUSED, error.message[:100])

    async def _until_shut(self) -> None:
        """A listener that does not read does not hold up the daemon's end."""
        await self._services.closing.wait()
        await asyncio.sleep(GOODBYE_S)

    async def _tell(self, listener: "_Listener", subscription: Subscription, since: int | None) -> None:
        bus = self._services.bus
        told = bus.seq
        past = None if since is None else bus.since(since)
        if past is None:
            told = await self._send_snapshot(listener)
        else:
            await self._send_all(listener, latest(past))
        while True:
            events = latest(unheard(await _burst(subscription, bus.seq), told))
            await self._send_all(listener, events)
            if any(isinstance(event, Missed) for event in events):
                if self._services.condition.stopping:
                    events = [StoppingEvent(bus.seq)]
                    await self._send_all(listener, events)
                else:
                    told = await self._send_snapshot(listener)
            if any(isinstance(event, StoppingEvent) for event in events):
                await listener.socket.close(GOING_AWAY, "the daemon is stopping")
                return
            await asyncio.sleep(PAUSE_S)

    async def _send_snapshot(self, listener: "_Listener") -> int:
        """Send the whole state; returns the number of the last event that is in it."""
        snapshot = await self._snapshot()
        await listener.send(listener.sight.snapshot(snapshot))
        return snapshot.seq

    async def _snapshot(self) -> Snapshot:
        """Its number is taken first: what happens meanwhile is told again, never lost."""
        services = self._services
        seq = services.bus.seq
        status = await services.condition.status()
        page = await services.queue.page(Wanted(limit=RECENT_JOBS))
        return Snapshot(seq=seq, status=status, jobs=page.jobs, log=services.bus.recent_log())

    async def _send_all(self, listener: "_Listener", events: Sequence[Event]) -> None:
        """All of `events`; who is far behind when the doors close hears of that instead of old log lines."""
        for event in events:
            if not (isinstance(event, LogEvent) and self._services.closing.is_set()):
                await listener.hear(event)


class _Listener(NamedTuple):
    """Who listens, and what they get to hear."""

    socket: WebSocket
    sight: Sight

    async def hear(self, event: Event) -> None:
        if (heard := self.sight.event(event)) is not None:
            await self.send(heard)

    async def send(self, message: EventMessage) -> None:
        await self.socket.send_text(_encode(message).decode())


async def _burst(subscription: Subscription, seq: int) -> list[Event]:
    """The next event, and all that wait behind it."""
    return [await subscription.next(seq), *subscription.waiting()]


def unheard(events: Sequence[Event], told: int) -> list[Event]:
    """What is newer than event number `told`; that something was missed is always news."""
    return [event for event in events if isinstance(event, Missed) or event.seq > told]


def latest(events: Sequence[Event]) -> list[Event]:
    """Without what a later one of `events` makes stale: the last state of each job, of the worker, of the health."""
    seen: set[object] = set()
    kept: list[Event] = []
    for event in reversed(events):
        subject = _subject(event)
        if subject is None or subject not in seen:
            seen.add(subject)
            kept.append(event)
    return kept[::-1]


def _subject(event: Event) -> object:
    """What `event` tells the whole state of; `None` for what happened once."""
    match event:
        case JobChanged(job=job):
            return job.id
        case QueueChanged() | WorkerChanged() | VoicesChanged() | HealthSampled():
            return type(event)
        case LogEvent() | Missed() | StoppingEvent():
            return None


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise BadRequest("since is the number of the last event you have seen", param="since")
    return int(text)


async def _until_closed(socket: WebSocket) -> None:
    """Listeners have nothing to say; what they send is ignored."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
