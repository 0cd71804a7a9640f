"""Speech made ahead of its turn, and several things until the first is over."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from ttsd.api.race import race
from ttsd.jobs.take import Take, narrate
from ttsd.protocol.errors import EngineFailed, TtsdError
from ttsd.protocol.speech import Segment, Span


class Engine:
    """Says a text letter by letter; `!` waits for `go`, `?` fails."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun: list[str] = []
        self.ended: list[str] = []

    async def say(self, text: str) -> AsyncGenerator[bytes]:
        self.begun.append(text)
        try:
            for letter in text:
                if letter == "!":
                    await self.go.wait()
                if letter == "?":
                    raise EngineFailed("broke")
                yield letter.encode()
        finally:
            self.ended.append(text)


def segments(*texts: str) -> list[Segment]:
    return [Segment((Span("en", text),), pause_after_ms=1) for text in texts]


async def test_a_take_is_made_without_being_asked_for():
    engine = Engine()
    async with asyncio.TaskGroup() as group:
        take = Take(group, engine.say("abc"))
    assert engine.ended == ["abc"]
    assert [chunk async for chunk in take] == [b"a", b"b", b"c"]


async def test_what_was_made_before_a_failure_comes_first():
    async with asyncio.TaskGroup() as group:
        take = Take(group, Engine().say("ab?"))
        assert [await anext(take), await anext(take)] == [b"a", b"b"]
        with pytest.raises(EngineFailed):
            await anext(take)


async def test_cancelling_ends_making_and_hearing(until):
    engine = Engine()
    async with asyncio.TaskGroup() as group:
        take = Take(group, engine.say("a!b"))
        assert await anext(take) == b"a"
        take.cancel()
        assert [chunk async for chunk in take] == []
        await until(lambda: engine.ended == ["a!b"])


async def test_segments_come_in_order_with_their_pauses_between():
    engine = Engine()
    pause = bytes(48)
    async with (
        asyncio.TaskGroup() as group,
        aclosing(narrate(segments("ab", "c"), lambda segment: engine.say(segment.text), group)) as sound,
    ):
        assert [chunk async for chunk in sound] == [b"a", b"b", pause, b"c"]


async def test_only_the_next_segment_is_begun_ahead_and_not_before_the_first_sound(until):
    engine = Engine()
    async with (
        asyncio.TaskGroup() as group,
        aclosing(narrate(segments("!a", "b", "c"), lambda segment: engine.say(segment.text), group)) as sound,
    ):
        first = group.create_task(anext(sound))
        await until(lambda: engine.begun == ["!a"])
        assert not first.done()
        engine.go.set()
        assert await first == b"!"
        await until(lambda: engine.ended == ["b"])
        assert engine.begun == ["!a", "b"]
        assert [chunk async for chunk in sound][-1] == b"c"


async def test_a_race_ends_with_the_first_and_stops_the_others():
    stopped = asyncio.Event()

    async def quick() -> None:
        await asyncio.sleep(0)

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    await race(quick, endless)
    assert stopped.is_set()


async def test_a_race_raises_what_failed_as_it_is():
    async def fails() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(deeper())

    async def deeper() -> None:
        raise TtsdError("plain")

    async def endless() -> None:
        await asyncio.Event().wait()

    with pytest.raises(TtsdError, match="plain"):
        await race(fails, endless)


async def test_a_runner_that_never_began_is_no_trouble():
    async def fails() -> None:
        raise TtsdError("at once")

    async def never() -> None:
        raise AssertionError("was begun")

    with pytest.raises((TtsdError, AssertionError)):
        await race(fails, never)
