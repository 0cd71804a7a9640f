"""Who gets a slot: live before streams before background, and nobody starves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.jobs.slots import STARVING_S, Load, Slots, Waiting, choose
from ttsd.protocol.speech import Service

LIVE, STREAM, BACKGROUND = Service.LIVE, Service.STREAM, Service.BACKGROUND


def waiting(*services: Service, since_s: float = 0.0) -> list[Waiting]:
    return [Waiting(service, order, since_s) for order, service in enumerate(services)]


@pytest.mark.parametrize(
    ("services", "load", "chosen"),
    [
        ([BACKGROUND, STREAM, LIVE], Load(2, 0, 0, 1), 2),
        ([BACKGROUND, STREAM], Load(2, 0, 0, 1), 1),
        ([STREAM, STREAM], Load(2, 0, 0, 1), 0),
        ([BACKGROUND], Load(2, 0, 0, 1), 0),
        ([BACKGROUND], Load(2, 1, 1, 1), None),
        ([BACKGROUND], Load(1, 0, 0, 1), 0),
        ([LIVE], Load(2, 2, 2, 1), None),
        ([], Load(2, 0, 0, 1), None),
    ],
)
def test_the_choice(services: list[Service], load: Load, chosen: int | None):
    assert choose(waiting(*services), load, now_s=0.0) == chosen


def test_starving_background_is_served_like_a_stream():
    waiters = [Waiting(STREAM, 2, STARVING_S), Waiting(BACKGROUND, 1, 0.0)]
    assert choose(waiters, Load(2, 1, 1, 1), now_s=STARVING_S) == 1
    assert choose([*waiters, Waiting(LIVE, 3, STARVING_S)], Load(2, 1, 1, 1), now_s=STARVING_S) == 2


def test_a_suspect_waits_until_it_is_alone_and_stays_alone():
    waiters = [Waiting(LIVE, 1, 0.0), Waiting(BACKGROUND, 2, 0.0, alone=True)]
    assert choose(waiters, Load(2, 1, 0, 1), now_s=0.0) is None
    assert choose(waiters, Load(2, 0, 0, 1), now_s=0.0) == 1
    assert choose(waiting(LIVE), Load(2, 1, 1, 1, one_alone=True), now_s=0.0) is None


@given(
    st.lists(st.builds(Waiting, st.sampled_from(Service), st.integers(), st.floats(0, 100))),
    st.integers(1, 8),
    st.data(),
)
def test_live_always_goes_first_when_there_is_room(waiters: list[Waiting], capacity: int, data: st.DataObject):
    busy = data.draw(st.integers(0, capacity))
    load = Load(capacity, busy, data.draw(st.integers(0, busy)), data.draw(st.integers(0, capacity)))
    index = choose(waiters, load, now_s=50.0)
    if index is None:
        urgent = [one for one in waiters if one.service is not BACKGROUND]
        assert busy == capacity or not urgent
    elif any(one.service is LIVE for one in waiters):
        assert waiters[index].service is LIVE


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def test_background_leaves_a_slot_free_and_makes_room_when_asked():
    slots = Slots(Clock(), kept_free=1)
    slots.resize(2)
    first = await slots.acquire(BACKGROUND)
    second = asyncio.ensure_future(slots.acquire(BACKGROUND))
    live = await slots.acquire(LIVE)
    assert not second.done()
    assert not first.pushed_aside
    another = asyncio.ensure_future(slots.acquire(LIVE))
    await asyncio.sleep(0)
    assert first.pushed_aside
    first.release()
    (await another).release()
    live.release()
    (await second).release()
    assert slots.waiting == 0


async def test_a_cancelled_waiter_costs_no_slot():
    slots = Slots(Clock(), kept_free=0)
    lease = await slots.acquire(STREAM)
    waiter = asyncio.ensure_future(slots.acquire(STREAM))
    await asyncio.sleep(0)
    lease.release()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    (await asyncio.wait_for(slots.acquire(STREAM), 1)).release()


async def test_releasing_twice_gives_one_slot():
    slots = Slots(Clock(), kept_free=0)
    lease = await slots.acquire(STREAM)
    lease.release()
    lease.release()
    held = await slots.acquire(STREAM)
    waiter = asyncio.ensure_future(slots.acquire(STREAM))
    await asyncio.sleep(0)
    assert not waiter.done()
    held.release()
    (await waiter).release()


async def test_starving_background_is_not_pushed_aside():
    clock = Clock()
    slots = Slots(clock, kept_free=0)
    lease = await slots.acquire(BACKGROUND, waiting_since_s=-STARVING_S)
    waiter = asyncio.ensure_future(slots.acquire(LIVE))
    await asyncio.sleep(0)
    assert not lease.pushed_aside
    lease.release()
    (await waiter).release()
