"""What an operator may ask of the supervisor: unload, load, and replace where there is no room for two."""

import asyncio

import psutil
import pytest

from ttsd.protocol.errors import Conflict, EngineNotReady
from ttsd.protocol.health import ExitCause, GpuProcess, GpuSample, HealthSample, HostSample, Phase, WorkSample
from ttsd.supervisor.policy import fits_beside


async def collect(utterance) -> bytes:
    return b"".join([chunk async for chunk in utterance])


async def test_unloading_ends_the_worker_and_starts_none_until_it_is_loaded(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        await supervisor.unload("ann asked for it")
        assert psutil.Process().children() == []
        status = supervisor.status
        assert (status.phase, status.pid, status.unloaded) == (Phase.STOPPED, None, "ann asked for it")
        assert (status.restarts, status.last_exit) == (0, "the worker was unloaded: ann asked for it")
        with pytest.raises(EngineNotReady, match="unloaded: ann asked for it; `ttsd model load`"):
            await supervisor.wait_ready(30, patient=False)
        with pytest.raises(EngineNotReady, match="unloaded"):
            scene.say("hello")
        supervisor.reload(scene.config(slots=2))
        async with asyncio.TaskGroup() as group:
            patient = group.create_task(supervisor.wait_ready())
            assert (await supervisor.load()).name == (await patient).name
        assert psutil.Process().children() != []
        assert supervisor.status.unloaded == ""
        assert len(await collect(scene.say("hello"))) > 0


async def test_what_is_being_spoken_is_finished_before_the_model_goes(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        holding = scene.say("hold")
        async with asyncio.TaskGroup() as group:
            unloading = group.create_task(supervisor.unload("test"))
            await until(lambda: supervisor.status.phase is Phase.DRAINING)
            assert not unloading.done()
            holding.cancel()
        assert holding.finished.reason == "cancelled"
        assert supervisor.status.phase is Phase.STOPPED


async def test_loading_while_the_old_one_still_drains(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        holding = scene.say("hold")
        async with asyncio.TaskGroup() as group:
            group.create_task(supervisor.unload("test"))
            await until(lambda: supervisor.status.phase is Phase.DRAINING)
            group.create_task(supervisor.load())
            await until(lambda: not supervisor.status.unloaded)
            holding.cancel()
        assert supervisor.status.phase is Phase.READY


async def test_whoever_asks_while_it_goes_for_being_idle_has_another(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        old = supervisor.status.pid
        holding = scene.say("hold")
        async with asyncio.TaskGroup() as group:
            group.create_task(supervisor.unload("nobody asked", ExitCause.IDLE, on_demand=True))
            await until(lambda: supervisor.status.phase is Phase.DRAINING)
            assert supervisor.resting
            wanted = group.create_task(supervisor.wait_ready(0.0, patient=False))
            await until(lambda: not supervisor.resting)
            holding.cancel()
        assert wanted.done()
        assert supervisor.status.pid not in (old, None)
        assert not supervisor.status.on_demand


async def test_one_order_to_replace_it_is_enough(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        holding = scene.say("hold")
        async with asyncio.TaskGroup() as group:
            group.create_task(supervisor.recycle("first", beside=False))
            await until(lambda: supervisor.status.phase is Phase.DRAINING)
            group.create_task(supervisor.recycle("second", beside=False))
            await asyncio.sleep(0)
            assert not holding.over, "what is being spoken is not cut off by the second"
            holding.cancel()
        assert supervisor.status.restarts == 1


async def test_orders_that_make_no_sense_are_refused(scene, running):
    with pytest.raises(EngineNotReady):
        await scene.supervisor.unload("test")
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        with pytest.raises(Conflict, match="loaded already"):
            await supervisor.load()
        await supervisor.unload("ann asked for it")
        with pytest.raises(Conflict, match="unloaded already: ann"):
            await supervisor.unload("bob asked for it")
        with pytest.raises(EngineNotReady, match="unloaded"):
            await supervisor.recycle("test")


async def test_a_failed_one_can_be_unloaded_and_is_tried_again_by_loading(scene, running, until):
    scene.act(start="refuse")
    async with running(scene) as supervisor:
        await until(lambda: supervisor.status.phase is Phase.FAILED and supervisor.status.exits)
        with pytest.raises(EngineNotReady, match="weights"):
            await supervisor.load()
        await until(lambda: len(supervisor.status.exits) == 2)
        await supervisor.unload("test")
        assert supervisor.status.phase is Phase.STOPPED
        assert supervisor.status.error is None
        scene.act()
        await supervisor.load()
        assert supervisor.status.phase is Phase.READY


async def test_replaced_in_turn_where_there_is_no_room_for_two(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        old = supervisor.status.pid
        holding = scene.say("hold")
        most = 0
        async with asyncio.TaskGroup() as group:
            recycling = group.create_task(supervisor.recycle("a leak", beside=False))
            await until(lambda: supervisor.status.phase is Phase.DRAINING)
            assert supervisor.status.replacing == "a leak"
            holding.cancel()
            while not recycling.done():
                most = max(most, len(supervisor.pids))
                await asyncio.sleep(0.01)
        assert most == 1
        status = supervisor.status
        assert status.pid not in (old, None)
        assert (status.restarts, status.replacing) == (1, "")
        [ended] = status.exits
        assert (ended.reason, ended.planned) == ("the worker was replaced: a leak", True)


def sample(*gpus: GpuSample, worker: int = 100, vram: int = 0) -> HealthSample:
    return HealthSample(0, HostSample(0, 700, 1000, 1, worker), gpus, WorkSample(vram_bytes=vram))


def card(used: int | None, *held: GpuProcess, told: bool = True, serves: bool = True) -> GpuSample:
    return GpuSample(0, "RTX", used, used and 1000, processes=held if told else None, serves=serves)


OURS = GpuProcess(1, 300, ours=True)
OTHERS = GpuProcess(2, 300, ours=False)


@pytest.mark.parametrize(
    ("now", "device", "fits"),
    [
        (sample(worker=270), "cpu", True),
        (sample(worker=280), "cpu", False),
        (sample(card(600, OURS)), "cuda", True),
        (sample(card(700, OURS)), "cuda", False),
        (sample(card(990, OTHERS, serves=False), card(300, OURS)), "cuda", True),
        (sample(card(700, told=False), vram=300), "cuda", False),
        (sample(card(600, told=False), vram=300), "cuda", True),
        (sample(card(None, told=False), vram=300), "cuda", False),
        (sample(), "cuda", True),
    ],
)
def test_whether_there_is_room_for_two(now, device, fits):
    assert fits_beside(now, device) is fits


def test_one_that_has_grown_makes_way_for_a_smaller_one():
    grown = sample(card(900, GpuProcess(1, 600, ours=True)))
    assert not fits_beside(grown, "cuda")
    assert fits_beside(grown, "cuda", fresh_bytes=90)
    assert not fits_beside(grown, "cuda", fresh_bytes=91)
    assert fits_beside(sample(worker=900), "cpu", fresh_bytes=270)


def test_with_a_budget_both_together_keep_to_it():
    now = sample(card(600, OURS))
    assert fits_beside(now, "cuda", budget_bytes=630)
    assert not fits_beside(now, "cuda", budget_bytes=629)
