"""Who gets a slot: live before streams before background, and nobody starves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.jobs.slots import STARVING_S, Load, Slots, Waiting, Whose, choose
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


def test_background_that_gets_its_turns_does_not_starve_however_long_its_line_is():
    waiters = [Waiting(STREAM, 2, STARVING_S), Waiting(BACKGROUND, 1, 0.0)]
    assert choose(waiters, Load(2, 1, 1, 1, last_background_s=STARVING_S - 1), now_s=STARVING_S) == 0


def theirs(order: int, lane: str, *, rank: int = 1, user: str = "") -> Waiting:
    return Waiting(BACKGROUND, order, 0.0, whose=Whose(rank, user or lane, lane))


def test_background_goes_by_door_then_by_who_has_least_then_by_turns():
    waiters = [theirs(0, "a"), theirs(1, "b"), theirs(2, "h", rank=0), theirs(3, "c", user="a")]
    assert choose(waiters, Load(4, 0, 0, 0), now_s=0.0) == 2
    assert choose(waiters[:2], Load(4, 1, 1, 0, users={"a": 1}, lanes={"a": 1}), now_s=0.0) == 1
    assert choose(waiters[:2], Load(4, 0, 0, 0, turns={"a": 5, "b": 4}), now_s=0.0) == 1
    assert choose([waiters[0], waiters[3]], Load(4, 0, 0, 0, turns={"a": 5}), now_s=0.0) == 1, "another of one's lanes"


async def test_a_folder_full_of_files_and_one_with_a_note_share_the_slots():
    slots = Slots(Clock(), kept_free=0)
    held = await slots.acquire(BACKGROUND, whose=Whose(1, "ann", "a"))
    order: list[str] = []

    async def speak(lane: str) -> None:
        lease = await slots.acquire(BACKGROUND, whose=Whose(1, lane, lane))
        order.append(lane)
        await asyncio.sleep(0)
        lease.release()

    async with asyncio.TaskGroup() as group:
        for lane in "aaaaab":
            group.create_task(speak(lane))
        await asyncio.sleep(0)
        held.release()
    assert "".join(order) == "baaaaa"


async def test_while_held_background_begins_nothing_and_what_is_under_way_ends():
    slots = Slots(Clock(), kept_free=0)
    slots.resize(2)
    under_way = await slots.acquire(BACKGROUND)
    slots.hold(on=True)
    waiter = asyncio.ensure_future(slots.acquire(BACKGROUND))
    quiet = asyncio.ensure_future(slots.background_is_quiet())
    (await slots.acquire(LIVE)).release()
    assert not waiter.done()
    assert not quiet.done()
    under_way.release()
    await quiet
    assert not waiter.done()
    slots.hold(on=False)
    (await waiter).release()


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
    lease = await slots.acquire(BACKGROUND, waiting_since_s=-STARVING_S, pushed_aside=True)
    waiter = asyncio.ensure_future(slots.acquire(LIVE))
    await asyncio.sleep(0)
    assert not lease.pushed_aside
    lease.release()
    (await waiter).release()
