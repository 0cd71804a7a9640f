"""The supervisor over a worker that acts on command, as a real process."""

import asyncio
import os
import signal
import time
from contextlib import aclosing

import psutil
import pytest

from ttsd.protocol.errors import EngineFailed, EngineNotReady, UnknownVoice, WorkerLost
from ttsd.protocol.health import Phase
from ttsd.supervisor import policy
from ttsd.supervisor.worker_handle import WorkerHandle

STEPS = [bytes([index, 0]) for index in range(10)]


async def collect(utterance) -> list[bytes]:
    return [chunk async for chunk in utterance]


def zombies() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


async def test_a_worker_becomes_ready_by_its_canary_and_ends_when_asked(scene, running):
    async with running(scene) as supervisor:
        info = await supervisor.wait_ready(30)
        assert info.name == "acting"
        status = supervisor.status
        assert (status.phase, status.engine, status.restarts) == (Phase.READY, info, 0)
        assert status.pid is not None
        assert psutil.pid_exists(status.pid)
        assert await supervisor.wait_ready() is info
    assert supervisor.status.phase is Phase.STOPPED
    assert not psutil.pid_exists(status.pid)
    first, *phases = scene.phases()
    assert first is Phase.STARTING
    # Loading that takes no longer than a start is told of with what follows it.
    assert phases[-3:] == [Phase.READY, Phase.DRAINING, Phase.STOPPED]
    assert phases[:-3] in ([], [Phase.LOADING])


async def test_before_and_after_nothing_can_be_opened(scene, running):
    with pytest.raises(EngineNotReady, match="not started"):
        scene.say("hello")
    async with running(scene):
        pass
    with pytest.raises(EngineNotReady, match="stopping"):
        scene.say("hello")
    with pytest.raises(EngineNotReady, match="stopping"):
        await scene.supervisor.wait_ready()
    with pytest.raises(EngineNotReady, match="stopping"):
        await scene.supervisor.recycle("test")


async def test_an_utterance_streams_and_finishes(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("steps")
        assert supervisor.status.phase is Phase.BUSY
        assert supervisor.status.busy_slots == 1
        freed: list[bool] = []
        utterance.on_end(lambda: freed.append(True))
        assert await collect(utterance) == STEPS
        assert utterance.finished.samples == 10
        assert freed == [True]
        utterance.on_end(lambda: freed.append(True))
        assert freed == [True, True]
        assert supervisor.status.phase is Phase.READY


async def test_an_error_of_the_engine_is_that_error(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        with pytest.raises(UnknownVoice, match="as asked"):
            await collect(scene.say("bad"))
        with pytest.raises(EngineFailed, match="as asked"):
            await collect(scene.say("fail"))


async def test_a_thousand_utterances(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        for _ in range(20):
            spoken = await asyncio.gather(*(collect(scene.say("hello")) for _ in range(50)))
            assert all(len(chunks) == 1 for chunks in spoken)
        assert supervisor.status.restarts == 0
        await until(lambda: scene.statuses()[-1].busy_slots == 0)
        assert len(scene.statuses()) < 100  # of two thousand changes


async def test_a_slow_listener_holds_no_slot(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("many")
        await until(lambda: utterance.over)
        assert supervisor.status.busy_slots == 0
        assert sum(map(len, await collect(utterance))) == 2 * utterance.finished.samples, "all 2000 chunks"


async def test_cancel_frees_the_slot_and_ends_the_iteration(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("hold")
        assert await anext(utterance)
        utterance.cancel()
        utterance.cancel()
        assert await collect(utterance) == []
        await until(lambda: supervisor.status.busy_slots == 0)
        assert utterance.finished.reason == "cancelled"


async def test_cancel_wakes_a_listener_that_waits(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("mute")
        async with asyncio.TaskGroup() as group:
            listener = group.create_task(collect(utterance))
            await asyncio.sleep(0)
            utterance.cancel()
        assert listener.result() == []


async def test_a_listener_that_goes_away_frees_the_slot(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), aclosing(scene.say("hold")) as utterance:
                await collect(utterance)
        await until(lambda: supervisor.status.busy_slots == 0)


@pytest.mark.parametrize("death", ["crash", "kill"])
async def test_a_death_loses_the_utterances_and_is_made_good(scene, running, death):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        first = supervisor.status.pid
        utterance = scene.say("hold")
        heard = [await anext(utterance)]
        if death == "crash":
            scene.say("crash")
        else:
            os.kill(first, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="died"):
            heard += await collect(utterance)
        assert supervisor.status.phase is Phase.FAILED
        with pytest.raises(EngineNotReady):
            scene.say("hello")
        await supervisor.wait_ready(30)
        assert supervisor.status.pid != first
        assert supervisor.status.restarts == 1
        words = "ended by itself with status 1" if death == "crash" else "was killed by SIGKILL"
        assert supervisor.status.last_exit == f"the worker {words}"
        assert supervisor.status.error is None
        assert len(await collect(scene.say("hello"))) == 1
        assert zombies() == []


async def test_what_was_received_before_a_death_is_delivered(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("crash")
        await until(lambda: utterance.over)
        assert await anext(utterance)
        with pytest.raises(WorkerLost):
            await anext(utterance)


async def test_a_frozen_worker_is_replaced(scene, running, until):
    scene.supervisor.reload(scene.config(ping_timeout_s=0.6))
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("freeze")
        with pytest.raises(WorkerLost, match=r"ping for 0\.6 s"):
            await collect(utterance)
        await supervisor.wait_ready(30)
        assert "ping" in supervisor.status.last_exit
        await until(lambda: zombies() == [])


async def test_a_request_without_sound_is_a_hang(scene, running):
    scene.supervisor.reload(scene.config(ping_timeout_s=1, chunk_timeout_s=0.5))
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        bystander = scene.say("hold")
        with pytest.raises(WorkerLost, match="without new audio"):
            await collect(scene.say("mute"))
        with pytest.raises(WorkerLost):
            await collect(bystander)
        await supervisor.wait_ready(30)


async def test_a_busy_worker_that_answers_late_is_no_hang(scene, running):
    scene.supervisor.reload(scene.config(ping_timeout_s=2))
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        assert len(await collect(scene.say("sleep"))) == 1
        assert supervisor.status.restarts == 0


async def test_a_daemon_that_stood_still_blames_nobody(scene, running):
    scene.supervisor.reload(scene.config(ping_timeout_s=1, chunk_timeout_s=1.5))
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("hold")
        await anext(utterance)
        time.sleep(2)
        for _ in range(10):
            await asyncio.sleep(0.05)
        assert supervisor.status.phase is Phase.BUSY
        utterance.cancel()


async def test_a_load_that_takes_too_long_is_given_up(scene, running, until):
    scene.act(start="slow")
    scene.supervisor.reload(scene.config(start_timeout_s=0.5, ping_timeout_s=1))
    async with running(scene) as supervisor:
        await until(lambda: supervisor.status.loading_progress == 0.5)
        assert supervisor.status.loading_note == "half way"
        with pytest.raises(EngineNotReady, match="loading: half way"):
            await supervisor.wait_ready(0.01)
        scene.act()
        await supervisor.wait_ready(30)
        assert "not ready after 0.5 s" in supervisor.status.last_exit


async def test_a_refusal_to_start_is_told_at_once_and_waits_for_a_reload(scene, running, until):
    scene.act(start="refuse")
    async with running(scene) as supervisor:
        with pytest.raises(EngineNotReady, match="weights are bad"):
            await supervisor.wait_ready()
        with pytest.raises(EngineNotReady, match="weights are bad"):
            scene.say("hello")
        status = supervisor.status
        assert (status.phase, status.pid, status.error.message) == (Phase.FAILED, None, "the weights are bad")
        scene.act()
        supervisor.reload(scene.config())
        await supervisor.wait_ready(30)
        assert supervisor.status.error is None


async def test_a_missing_device_is_told_at_once_too(scene, running):
    scene.act(start="no device")
    async with running(scene) as supervisor:
        with pytest.raises(EngineNotReady, match="no CUDA device"):
            await supervisor.wait_ready()
        assert supervisor.status.error.retryable


async def test_an_exit_3_without_words(scene, running):
    scene.act(start="exit 3")
    async with running(scene) as supervisor:
        with pytest.raises(EngineNotReady, match="log"):
            await supervisor.wait_ready()
        scene.act()
        await supervisor.recycle("try again")
        assert supervisor.status.phase is Phase.READY


async def test_a_module_that_does_not_exist_backs_off(scene, running, until):
    scene.employ("no_such_module")
    async with running(scene) as supervisor:
        await until(lambda: supervisor.status.restarts >= 2)
        assert "status 1" in supervisor.status.last_exit
        assert "next one starts in" in supervisor.status.error.message


async def test_a_worker_that_keeps_crashing_is_started_less_and_less_often(scene, running, until):
    scene.act(start="crash")
    async with running(scene) as supervisor:
        started = time.monotonic()
        await until(lambda: supervisor.status.restarts == 3)
        assert time.monotonic() - started >= 0.2 + 0.4
        assert "starts in 0.8 s" in supervisor.status.error.message
        with pytest.raises(EngineNotReady, match="status 9"):
            await supervisor.wait_ready(0.05)
        scene.act()
        await supervisor.wait_ready(30)


async def test_out_of_memory_starts_with_fewer_slots(scene, running):
    async with running(scene) as supervisor:
        assert (await supervisor.wait_ready(30)).slots == 4
        with pytest.raises(WorkerLost):
            await collect(scene.say("out of memory"))
        assert (await supervisor.wait_ready(30)).slots == 3
        assert supervisor.status.last_exit == "the worker ran out of memory"


async def test_after_out_of_memory_a_reload_tries_all_slots_again(scene, running, until, caplog):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        with pytest.raises(WorkerLost):
            await collect(scene.say("out of memory"))
        assert (await supervisor.wait_ready(30)).slots == 3
        told = "memory ran out: it has no more than 3, until a reload of the configuration tries all of them again"
        assert supervisor.status.fewer_slots == told
        assert "worker.fewer_slots" in caplog.text
        supervisor.reload(scene.config())
        await until(lambda: supervisor.status.engine.slots == 4 and supervisor.status.phase is Phase.READY)
        assert supervisor.status.fewer_slots == ""
        assert supervisor.status.exits[-1].planned


async def test_out_of_memory_while_loading_goes_down_to_one_slot(scene, running):
    scene.act(start="too big", fits=1)
    async with running(scene) as supervisor:
        assert (await supervisor.wait_ready(30)).slots == 1


@pytest.mark.parametrize(("canary", "words"), [("silence", "silence"), ("failure", "as asked")])
async def test_a_failing_canary_is_no_readiness(scene, running, until, canary, words):
    scene.act(canary=canary)
    async with running(scene) as supervisor:
        await until(lambda: supervisor.status.restarts == 1)
        assert words in supervisor.status.last_exit
        assert Phase.READY not in scene.phases()
        scene.act()
        await supervisor.wait_ready(30)


async def test_errors_that_repeat_ask_for_another_canary(scene, running, until):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        for _ in range(12):
            with pytest.raises(EngineFailed):
                await collect(scene.say("fail"))
        await collect(scene.say("hello"))
        assert supervisor.status.restarts == 0
        for _ in range(5):
            with pytest.raises(EngineFailed):
                await collect(scene.say("break"))
        await until(lambda: supervisor.status.restarts == 1)
        assert "failed its canary" in supervisor.status.last_exit
        await supervisor.wait_ready(30)


async def test_garbage_from_the_worker_replaces_it(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        with pytest.raises(WorkerLost, match="no message"):
            await collect(scene.say("garbage"))
        await supervisor.wait_ready(30)


async def test_stop_ends_open_utterances(scene, running):
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        utterance = scene.say("hold")
        await anext(utterance)
    with pytest.raises(WorkerLost, match="stopping"):
        await anext(utterance)


@pytest.mark.parametrize("start", ["slow", "refuse", "crash", "deaf", None])
async def test_stop_takes_less_than_three_seconds_in_any_phase(scene, running, until, start):
    scene.act(start=start)
    async with running(scene) as supervisor:
        await until(lambda: supervisor.status.phase not in (Phase.STOPPED, Phase.STARTING))
        pid = supervisor.status.pid
        before = time.monotonic()
    assert time.monotonic() - before < 3.0
    assert supervisor.status.phase is Phase.STOPPED
    assert pid is None or not psutil.pid_exists(pid)


async def test_stop_right_after_start_starts_nothing(scene, running):
    async with running(scene):
        pass
    assert scene.supervisor.status.phase is Phase.STOPPED
    assert zombies() == []


async def test_a_cancelled_run_leaves_no_process(scene, until):
    run = asyncio.get_running_loop().create_task(scene.supervisor.run())
    await scene.supervisor.wait_ready(30)
    pid = scene.supervisor.status.pid
    utterance = scene.say("hold")
    await anext(utterance)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not psutil.pid_exists(pid)
    with pytest.raises(WorkerLost):
        await anext(utterance)


async def test_the_workers_words_are_in_the_log(scene, running, caplog):
    caplog.set_level("INFO", "ttsd")
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
    records = {record.getMessage(): record for record in caplog.records}
    loaded = records["engine.loaded"]
    assert (loaded.name, loaded.levelname) == ("ttsd.worker", "INFO")
    assert loaded.fields == {"event": "no clash", "slots": 4}
    assert records["worker.ready"].fields["pid"] > 0


async def test_a_traceback_of_the_worker_is_in_the_log(scene, running, caplog, until):
    scene.employ("no_such_module")
    async with running(scene) as supervisor:
        await until(lambda: supervisor.status.restarts == 1)
    assert any("no_such_module" in record.fields["line"] for record in caplog.records if record.name == "ttsd.worker")


async def test_a_system_that_starts_no_process_is_tried_again(scene, running, until, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("sys.executable", "/nonexistent/python")
        async with running(scene) as supervisor:
            await until(lambda: supervisor.status.restarts == 1)
            assert supervisor.status.last_exit == "the worker could not be started: No such file or directory"
            patch.undo()
            await supervisor.wait_ready(30)


async def test_a_supervisor_that_looks_after_nobody_says_so(scene, running, until, monkeypatch):
    again = asyncio.Event()

    async def sleep(_handle: object) -> None:
        await again.wait()

    monkeypatch.setattr(policy, "OVERDUE_S", 0.2)
    monkeypatch.setattr(WorkerHandle, "_watch", sleep)
    async with running(scene) as supervisor:
        assert supervisor.overdue(time.monotonic()) == ""
        await until(lambda: "nobody has looked after the worker" in supervisor.overdue(time.monotonic()), 20)
        again.set()


async def test_a_worker_that_loads_for_long_is_looked_after(scene, running, until, monkeypatch):
    monkeypatch.setattr(policy, "OVERDUE_S", 0.3)
    async with running(scene) as supervisor:
        await supervisor.wait_ready(30)
        os.kill(supervisor.status.pid, signal.SIGSTOP)
        end = time.monotonic() + 3
        seen: set[str] = set()
        await until(lambda: seen.add(supervisor.overdue(time.monotonic())) or time.monotonic() > end)
        assert seen == {""}
