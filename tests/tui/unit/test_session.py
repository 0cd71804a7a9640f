"""The connection: it finds the daemon again by itself, unless the daemon said goodbye."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ttsd.protocol.errors import TtsdError, Unavailable
from ttsd.protocol.events import LogEvent, StoppingEvent
from tui.session import Session
from tui.state import Link, State, reduce


class Follower:
    """What the app does with the session: it keeps the state."""

    def __init__(self, client) -> None:
        self.state = State()
        self.links: list[Link] = []
        self.session = Session(client, self.tell, lambda: self.state)

    def tell(self, message) -> None:
        self.state = reduce(self.state, message)
        if not self.links or self.links[-1] is not self.state.link:
            self.links.append(self.state.link)


@pytest.fixture
def following(replay):
    @asynccontextmanager
    async def follow() -> AsyncIterator[Follower]:
        follower = Follower(replay)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(follower.session.run())
            yield follower
            task.cancel()

    return follow


async def test_it_finds_a_daemon_that_appears_later(replay, following, until):
    replay.present = False
    async with following() as follower:
        await until(lambda: replay.connections >= 3)
        assert follower.links == [Link.SEARCHING]

        replay.present = True

        await until(lambda: follower.state.link is Link.UP and follower.state.status)
    assert follower.links == [Link.SEARCHING, Link.UP]


async def test_after_a_broken_connection_it_goes_on_where_it_was(replay, following, until):
    async with following() as follower:
        await until(lambda: follower.state.status)
        replay.feed(LogEvent(seq=42, at_s=1.0, level="info", event="e", fields={}))
        await until(lambda: follower.state.seq == 42)

        replay.break_off(Unavailable("the connection was lost"))
        replay.feed(LogEvent(seq=43, at_s=1.0, level="info", event="e", fields={}))

        await until(lambda: follower.state.seq == 43)
    assert replay.since == [None, 42]
    assert follower.links == [Link.UP, Link.LOST, Link.UP]


async def test_a_restarted_daemon_is_asked_for_everything(replay, following, until, make_status):
    async with following() as follower:
        await until(lambda: follower.state.status)

        replay.now = make_status(started_s=1.0)
        replay.break_off(Unavailable("the connection was lost"))

        await until(lambda: follower.state.status.started_s == 1.0)
    assert replay.since == [None, None]


async def test_after_the_daemons_goodbye_it_waits_for_a_key(replay, following, until):
    async with following() as follower:
        await until(lambda: follower.state.status)
        replay.feed(StoppingEvent(seq=11))
        replay.break_off()
        await until(lambda: follower.state.link is Link.STOPPED)

        await asyncio.sleep(0.5)  # longer than several tries after a mere break
        assert replay.connections == 1

        follower.session.connect_now()
        await until(lambda: follower.state.link is Link.UP)
    assert replay.connections == 2


async def test_an_announced_restart_needs_no_key(replay, following, until):
    async with following() as follower:
        await until(lambda: follower.state.status)

        replay.feed(StoppingEvent(seq=11, restart=True))
        replay.break_off()

        await until(lambda: replay.connections == 2 and follower.state.link is Link.UP)
    assert follower.links == [Link.UP, Link.LOST, Link.UP]


async def test_a_daemon_of_another_protocol_is_named_as_such(replay, following, until):
    async with following() as follower:
        await until(lambda: follower.state.status)

        replay.break_off(TtsdError("the daemon is of another version than this client"))

        await until(lambda: follower.state.link is Link.STRANGE)
        assert "another version" in follower.state.note
        follower.session.connect_now()
        await until(lambda: follower.state.link is Link.UP)
    assert replay.since == [None, None]
