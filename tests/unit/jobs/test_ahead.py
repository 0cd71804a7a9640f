"""Segments made ahead of their turn: in order, no more at once than wanted, none left behind."""

import asyncio

import pytest

from ttsd.jobs.ahead import Ahead
from ttsd.protocol.errors import EngineFailed


class Work:
    """Makes a text of each position when it is told to; counts what is under way."""

    def __init__(self) -> None:
        self.gates: dict[int, asyncio.Event] = {}
        self.under_way: set[int] = set()
        self.started: list[int] = []
        self.failing: set[int] = set()
        self.going = asyncio.Event()
        self.going.set()

    def gate(self, position: int) -> asyncio.Event:
        return self.gates.setdefault(position, asyncio.Event())

    async def make(self, position: int) -> str:
        self.started.append(position)
        self.under_way.add(position)
        try:
            await self.gate(position).wait()
        finally:
            self.under_way.discard(position)
        if position in self.failing:
            raise EngineFailed(f"{position} failed")
        return f"sound {position}"


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_results_come_in_order_whatever_is_done_first():
    work = Work()
    async with asyncio.TaskGroup() as group, Ahead(range(3), work.make, lambda: 3, work.going, group) as ahead:
        for position in (2, 1, 0):
            work.gate(position).set()
        assert [await ahead.next() for _ in range(3)] == [(0, "sound 0"), (1, "sound 1"), (2, "sound 2")]


async def test_no_more_are_under_way_than_wanted_now():
    work, width = Work(), 2
    async with asyncio.TaskGroup() as group:
        async with Ahead(range(9), work.make, lambda: width, work.going, group) as ahead:
            first = group.create_task(ahead.next())
            await settle()
            assert work.under_way == {0, 1}
            width = 4
            work.gate(0).set()
            assert (await first)[0] == 0
            second = group.create_task(ahead.next())
            await settle()
            assert work.under_way == {1, 2, 3, 4}
            second.cancel()
        assert work.under_way == set(), "leaving ends what is under way"


async def test_a_failure_is_raised_in_its_turn_and_the_rest_goes_on():
    work = Work()
    work.failing = {0}
    for position in range(3):
        work.gate(position).set()
    async with asyncio.TaskGroup() as group, Ahead(range(3), work.make, lambda: 3, work.going, group) as ahead:
        with pytest.raises(EngineFailed, match="0 failed"):
            await ahead.next()
        assert [await ahead.next() for _ in range(2)] == [(1, "sound 1"), (2, "sound 2")]


async def test_what_is_skipped_is_not_made():
    work = Work()
    async with asyncio.TaskGroup() as group, Ahead(range(6), work.make, lambda: 2, work.going, group) as ahead:
        work.gate(0).set()
        await ahead.next()
        await settle()
        await ahead.skip(range(1, 5))
        assert work.under_way == set()
        work.gate(5).set()
        assert (await ahead.next())[0] == 5
    assert not {3, 4} & set(work.started)


async def test_while_paused_what_is_under_way_ends_and_nothing_begins():
    work = Work()
    for position in range(5):
        work.gate(position).set()
    async with asyncio.TaskGroup() as group, Ahead(range(5), work.make, lambda: 2, work.going, group) as ahead:
        assert (await ahead.next())[0] == 0
        assert (await ahead.next())[0] == 1
        work.going.clear()
        assert (await ahead.next())[0] == 2
        assert (await ahead.next())[0] == 3
        last = group.create_task(ahead.next())
        await settle()
        assert work.started == [0, 1, 2, 3]
        work.going.set()
        assert (await last)[0] == 4


async def test_the_next_one_is_made_while_the_caller_is_busy_with_this_one():
    work = Work()
    work.gate(0).set()
    async with asyncio.TaskGroup() as group, Ahead(range(3), work.make, lambda: 1, work.going, group) as ahead:
        await ahead.next()
        await settle()
        assert work.under_way == {1}
