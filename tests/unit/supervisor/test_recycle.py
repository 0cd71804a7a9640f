"""Replacing a worker that works: without loss, without a moment of not being ready."""

import asyncio
import os
import signal

import psutil
import pytest

from ttsd.protocol.errors import EngineNotReady, WorkerLost
from ttsd.protocol.health import ExitCause, Phase

STEPS = [bytes([index, 0]) for index in range(10)]


async def collect(utterance) -> list[bytes]:
    return [chunk async for chunk in utterance]


async def test_the_old_worker_finishes_while_the_new_one_serves(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        old = supervisor.status.pid
        holding = scene.say("hold")
        await anext(holding)
        await supervisor.recycle("memory above 90 %", ExitCause.VRAM)
        status = supervisor.status
        assert (status.exits[-1].cause, supervisor.ends) == (ExitCause.VRAM, {ExitCause.VRAM: 1})
        assert status.pid != old
        assert (status.phase, status.restarts) == (Phase.READY, 1)
        assert status.last_exit == "the worker was replaced: memory above 90 %"
        assert psutil.pid_exists(old)
        assert len(await collect(scene.say("hello"))) == 1
        holding.cancel()
        await until(lambda: not psutil.pid_exists(old))
        assert holding.finished.reason == "cancelled"
        assert supervisor.status.restarts == 1


async def test_no_utterance_is_lost_under_load_and_it_is_ready_all_the_time(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        done = asyncio.Event()
        spoken: list[bytes] = []

        async def speak() -> None:
            while not done.is_set():
                spoken.append(b"".join(await collect(scene.say("steps"))))

        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(speak())
            for number in range(3):
                await supervisor.recycle(f"number {number}")
            await until(lambda: len(spoken) > 4)
            done.set()
        assert set(spoken) == {b"".join(STEPS)}
        assert supervisor.status.restarts == 3
        seen = scene.phases()
        assert set(seen[seen.index(Phase.READY) :]) == {Phase.READY, Phase.BUSY}


async def test_what_does_not_end_in_time_is_lost(scene, running):
    config = scene.config(ping_timeout_s=1)
    quick = type(config)(daemon=type(config.daemon)(drain_s=0.3), engine=config.engine, fake=config.fake)
    scene.supervisor.reload(quick)
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        holding = scene.say("hold")
        await supervisor.recycle("test")
        with pytest.raises(WorkerLost, match="replaced before"):
            await collect(holding)


async def test_a_successor_that_cannot_start_leaves_the_old_one_at_work(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        old = supervisor.status.pid
        scene.act(start="refuse")
        with pytest.raises(EngineNotReady, match="weights are bad"):
            await supervisor.recycle("test")
        assert (supervisor.status.pid, supervisor.status.phase) == (old, Phase.READY)
        assert len(await collect(scene.say("hello"))) == 1
        scene.act()
        await supervisor.recycle("test")
        assert supervisor.status.pid != old


async def test_two_orders_are_one_replacement(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        await asyncio.gather(supervisor.recycle("one"), supervisor.recycle("two"))
        assert supervisor.status.restarts == 1


async def test_the_old_one_dies_meanwhile(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        old = supervisor.status.pid
        async with asyncio.TaskGroup() as group:
            group.create_task(supervisor.recycle("test"))
            await asyncio.sleep(0)
            os.kill(old, signal.SIGKILL)
        await supervisor.wait_ready(30)
        assert supervisor.status.restarts == 1
        assert len(await collect(scene.say("hello"))) == 1


async def test_stop_during_a_recycle(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        scene.act(start="slow")
        group = asyncio.TaskGroup()
        async with group:
            order = group.create_task(expect_refusal(supervisor))
            await asyncio.sleep(0)
            await supervisor.stop()
        assert order.done()
    assert psutil.Process().children() == []


async def expect_refusal(supervisor) -> None:
    with pytest.raises(EngineNotReady):
        await supervisor.recycle("test")


async def test_a_reload_with_another_engine_replaces_the_worker(scene, running, until):
    async with running(scene) as supervisor:
        assert (await supervisor.wait_ready(30)).slots == 4
        old = supervisor.status.pid
        supervisor.reload(scene.config(slots=2))
        supervisor.reload(scene.config(slots=3))
        await until(lambda: supervisor.status.pid != old)
        assert supervisor.status.engine.slots == 3
        await until(lambda: len(psutil.Process().children()) == 1)


async def test_a_reload_of_limits_replaces_nothing(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        old = supervisor.status.pid
        supervisor.reload(scene.config(ping_timeout_s=0.5))
        with pytest.raises(WorkerLost, match=r"0\.5 s"):
            await collect(scene.say("freeze"))
        await supervisor.wait_ready(30)
        assert supervisor.status.pid != old
