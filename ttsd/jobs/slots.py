"""Who may use an engine slot next: live before streams before background, and background never starves."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from ttsd.jobs.turns import Turns
from ttsd.protocol.speech import Service
from ttsd.protocol.usage import UsageDoor

STARVING_S: Final = 20.0
"""Background work that has got nothing for so long is served like a stream, and is not pushed aside any more."""

_RANK: Final = {Service.LIVE: 0, Service.STREAM: 1, Service.BACKGROUND: 2}


class Whose(msgspec.Struct, frozen=True):
    """Whose work a segment is; rank and lane are for background ones, see `turns`."""

    rank: int = 0
    """Of its door: lower is more urgent."""
    user: str = ""
    lane: str = ""
    door: UsageDoor = UsageDoor.HTTP


NOBODYS: Final = Whose()


class Waiting(msgspec.Struct, frozen=True):
    """What the choice needs to know of one waiter."""

    service: Service
    order: int
    waiting_since_s: float
    alone: bool = False
    """Workers died under it: it runs with no other beside it, so that none is blamed for its fault."""
    whose: Whose = NOBODYS
    pushed_aside: bool = False
    """It had a slot already, and gave it up."""


class Load(msgspec.Struct, frozen=True):
    """What the choice needs to know of the slots."""

    capacity: int
    busy: int
    busy_background: int
    kept_free: int
    """Slots that background work may not take."""
    one_alone: bool = False
    """A segment is running that must have no other beside it."""
    held: bool = False
    """Background work is to begin nothing."""
    last_background_s: float = 0.0
    """When background work last got a slot."""
    users: Mapping[str, int] = {}
    """Background segments under way, by user …"""
    lanes: Mapping[str, int] = {}
    """… and by lane."""
    turns: Mapping[str, int] = {}
    """When each lane had its last turn: a count that grows."""


def effective(waiter: Waiting, load: Load, now_s: float) -> Service:
    """The class a waiter is served in: background that starves counts as a stream.

    It starves when it had to give its slot up and has waited long since, or when none of it got one for so long.
    """
    if waiter.service is not Service.BACKGROUND:
        return waiter.service
    since_s = waiter.waiting_since_s if waiter.pushed_aside else max(waiter.waiting_since_s, load.last_background_s)
    return Service.STREAM if now_s - since_s >= STARVING_S else Service.BACKGROUND


def choose(waiters: Sequence[Waiting], load: Load, now_s: float) -> int | None:
    """Index of the waiter that gets a slot now, or `None`.

    First come, first served; but background work by its door, then by who has the least under way, then by turns.
    """
    if load.busy >= load.capacity or load.one_alone:
        return None
    suspects = [index for index, waiter in enumerate(waiters) if waiter.alone and not _held(waiter, load)]
    if suspects:
        return suspects[0] if load.busy == 0 else None
    room_for_background = load.busy_background < max(1, load.capacity - load.kept_free)
    eligible = [
        (_RANK[service], _turn(waiter, load) if service is Service.BACKGROUND else (), waiter.order, index)
        for index, waiter in enumerate(waiters)
        if not _held(waiter, load)
        and ((service := effective(waiter, load, now_s)) is not Service.BACKGROUND or room_for_background)
    ]
    return min(eligible)[3] if eligible else None


def _held(waiter: Waiting, load: Load) -> bool:
    return load.held and waiter.service is Service.BACKGROUND


def _turn(waiter: Waiting, load: Load) -> tuple[int, ...]:
    whose = waiter.whose
    shares = load.users.get(whose.user, 0), load.lanes.get(whose.lane, 0)
    return (whose.rank, *shares, load.turns.get(whose.lane, 0))


class Lease:
    """One slot in use. `pushed_aside` tells a background holder to give it up at the next chunk."""

    def __init__(self, waiter: Waiting, service: Service, give_back: Callable[["Lease"], None]) -> None:
        self.service = service
        self.order = waiter.order
        self.alone = waiter.alone
        self.waiter = waiter
        self.pushed_aside = False
        self._give_back: Callable[[Lease], None] | None = give_back

    def release(self) -> None:
        """Give the slot back; a second call does nothing."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back(self)


class Slots:
    """Owns the count of the engine's slots in use. Loop thread only."""

    def __init__(self, clock: Callable[[], float], kept_free: int) -> None:
        self._clock = clock
        self._kept_free = kept_free
        self._capacity = 1
        self._leases: list[Lease] = []
        self._waiters: list[tuple[Waiting, asyncio.Future[Lease]]] = []
        self._order = 0
        self._held: set[str] = set()
        """Why background work is to begin nothing."""
        self._last_background_s = clock()
        self._turns = Turns()
        self._quiet = asyncio.Event()
        """No background segment has a slot."""
        self._quiet.set()

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    @property
    def in_use(self) -> bool:
        """Whether anybody has a slot, or waits for one."""
        return bool(self._leases or self._waiters)

    @property
    def in_front(self) -> int:
        """Live sessions and streams that are being spoken to, or wait for it."""
        held = [*(lease.waiter for lease in self._leases), *(waiter for waiter, _ in self._waiters)]
        return sum(waiter.service is not Service.BACKGROUND for waiter in held)

    @property
    def for_background(self) -> int:
        """Slots that background work may take; never none."""
        return max(1, self._capacity - self._kept_free)

    def resize(self, capacity: int) -> None:
        """A worker with `capacity` slots is ready."""
        if capacity == self._capacity:
            return
        self._capacity = capacity
        self._grant()

    def keep_free(self, slots: int) -> None:
        """From now on background work may not take this many slots."""
        self._kept_free = slots
        self._grant()

    def hold(self, why: str = "paused", *, on: bool) -> None:
        """Let background work begin nothing, or go on once there is no other reason to wait."""
        if on:
            self._held.add(why)
        else:
            self._held.discard(why)
        self._grant()

    async def background_is_quiet(self) -> None:
        """Wait until no background segment has a slot."""
        await self._quiet.wait()

    async def acquire(
        self,
        service: Service,
        waiting_since_s: float | None = None,
        *,
        alone: bool = False,
        whose: Whose = NOBODYS,
        pushed_aside: bool = False,
    ) -> Lease:
        """Wait for a slot; `waiting_since_s` carries over the time a pushed-aside segment has waited already."""
        since_s = self._clock() if waiting_since_s is None else waiting_since_s
        self._order += 1
        granted: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        self._waiters.append((Waiting(service, self._order, since_s, alone, whose, pushed_aside), granted))
        self._grant()
        if granted.done():
            return granted.result()  # no turn of the loop between a free slot and its use
        self._push_aside(service)
        try:
            return await granted
        except asyncio.CancelledError:
            self._withdraw(granted)
            raise

    def _withdraw(self, granted: asyncio.Future[Lease]) -> None:
        self._waiters = [entry for entry in self._waiters if entry[1] is not granted]
        if granted.done() and not granted.cancelled():
            granted.result().release()

    def _grant(self) -> None:
        while True:
            index = choose([waiter for waiter, _ in self._waiters], self._load(), self._clock())
            if index is None:
                return
            waiter, granted = self._waiters.pop(index)
            if granted.done():
                continue
            lease = Lease(waiter, effective(waiter, self._load(), self._clock()), self._released)
            self._leases.append(lease)
            self._note(waiter)
            granted.set_result(lease)

    def _note(self, waiter: Waiting) -> None:
        """Background work has got a slot."""
        if waiter.service is Service.BACKGROUND:
            self._last_background_s = self._clock()
            self._turns.take(waiter.whose.lane)
            self._quiet.clear()

    def _push_aside(self, service: Service) -> None:
        """Ask the background segment that has run the shortest to make room for more urgent work."""
        if service is Service.BACKGROUND:
            return
        running = [lease for lease in self._leases if lease.service is Service.BACKGROUND and not lease.pushed_aside]
        if running:
            max(running, key=lambda lease: lease.order).pushed_aside = True

    def _released(self, lease: Lease) -> None:
        self._leases.remove(lease)
        if not any(other.waiter.service is Service.BACKGROUND for other in self._leases):
            self._quiet.set()
        self._grant()

    def _load(self) -> Load:
        background = [lease.waiter.whose for lease in self._leases if lease.waiter.service is Service.BACKGROUND]
        return Load(
            capacity=self._capacity,
            busy=len(self._leases),
            busy_background=sum(lease.service is Service.BACKGROUND for lease in self._leases),
            kept_free=self._kept_free,
            one_alone=any(lease.alone for lease in self._leases),
            held=bool(self._held),
            last_background_s=self._last_background_s,
            users=Counter(whose.user for whose in background),
            lanes=Counter(whose.lane for whose in background),
            turns=self._turns.last,
        )
