"""How often the bus is told of the worker."""

import asyncio

import pytest

from ttsd.bus import Bus
from ttsd.protocol.events import WorkerChanged
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.supervisor.announcer import Announcer


class Counter:
    """A worker whose count of busy slots is all that changes."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.busy = 0
        self.announcer = Announcer(self.bus, lambda: WorkerStatus(Phase.BUSY, 0.0, busy_slots=self.busy))

    def change(self, *, urgent: bool = False) -> None:
        self.busy += 1
        self.announcer.changed(urgent=urgent)

    def told(self) -> list[int]:
        return [event.worker.busy_slots for event in self.bus.since(0) or [] if isinstance(event, WorkerChanged)]


@pytest.fixture
def counter() -> Counter:
    return Counter()


async def test_the_first_change_is_told_at_once_and_the_last_one_always(counter, until):
    for _ in range(100):
        counter.change()
    assert counter.told() == [1]
    await until(lambda: counter.told() == [1, 100])
    await asyncio.sleep(0.15)
    assert counter.told() == [1, 100]


async def test_what_is_urgent_does_not_wait_and_is_not_told_twice(counter):
    counter.change()
    counter.change()
    counter.change(urgent=True)
    assert counter.told() == [1, 3]
    await asyncio.sleep(0.15)
    assert counter.told() == [1, 3]


async def test_about_ten_times_a_second(counter):
    for _ in range(50):
        counter.change()
        await asyncio.sleep(0.01)
    assert len(counter.told()) <= 8
