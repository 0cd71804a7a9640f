"""The supervisor over the real worker with engine `fake`: what it survives, and what a round trip costs."""

import asyncio
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.config import Config, Engine, Fake
from ttsd.protocol.engine import Synthesize
from ttsd.protocol.errors import EngineNotReady, UnknownVoice, WorkerLost
from ttsd.protocol.health import Phase
from ttsd.protocol.speech import Span
from ttsd.supervisor.supervisor import Supervisor
from ttsd.supervisor.utterance import Utterance

ROUND_TRIP_S = 0.003
"""Ten times what it takes on a quiet machine."""


class Stage:
    """A supervisor, and the faults that its worker is to act out."""

    def __init__(self, script: Path) -> None:
        self.script = script
        self.supervisor = Supervisor(self.config(), Bus(), wall)

    def config(self, *, slots: int = 4, rtf: float = 0.0, ping_timeout_s: float = 10.0, chunk_timeout_s: float = 60.0):
        return Config(
            engine=Engine(name="fake", ping_timeout_s=ping_timeout_s, chunk_timeout_s=chunk_timeout_s),
            fake=Fake(slots=slots, rtf=rtf, script=str(self.script)),
        )

    def say(self, text: str, voice: str = "tone") -> Utterance:
        return self.supervisor.open(Synthesize(0, (Span("en", text),), voice))

    @asynccontextmanager
    async def running(self, **settings: float) -> AsyncIterator[Supervisor]:
        self.supervisor.reload(self.config(**settings))
        async with asyncio.TaskGroup() as group:
            group.create_task(self.supervisor.run())
            try:
                await self.supervisor.wait_ready(20)
                yield self.supervisor
            finally:
                await self.supervisor.stop()
        assert psutil.Process().children() == []


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "faults.toml")


async def heard(utterance: Utterance) -> bytes:
    return b"".join([chunk async for chunk in utterance])


async def test_it_speaks_and_the_same_again(stage):
    async with stage.running():
        sound = await heard(stage.say("hello"))
        assert len(sound) == 5 * 2880
        assert await heard(stage.say("hello")) == sound
        assert await heard(stage.say("hello", "noise")) != sound
        with pytest.raises(UnknownVoice):
            await heard(stage.say("hello", "nobody"))


async def test_a_thousand_utterances_four_at_a_time(stage):
    async with stage.running() as supervisor:

        async def speak(number: int) -> None:
            for count in range(250):
                assert len(await heard(stage.say(f"{number} {count:03}"))) == 5 * 2880

        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(speak(number))
        assert supervisor.status.restarts == 0
        assert supervisor.status.busy_slots == 0


async def test_a_round_trip_is_quick(stage):
    async with stage.running(slots=1):
        await heard(stage.say("x"))
        took: list[float] = []
        for _ in range(200):
            before = time.perf_counter()
            utterance = stage.say("x")
            await anext(utterance)
            took.append(time.perf_counter() - before)
            await heard(utterance)
        assert statistics.median(took) < ROUND_TRIP_S


async def test_cancel_stops_within_a_chunk(stage, until):
    async with stage.running(rtf=0.5) as supervisor:
        utterance = stage.say("a long text, which would take a long time to speak " * 10)
        await anext(utterance)
        utterance.cancel()
        await until(lambda: supervisor.status.busy_slots == 0, timeout_s=1)
        assert utterance.finished.reason == "cancelled"


async def test_kill_9_loses_what_is_open_and_nothing_else(stage):
    async with stage.running(rtf=0.2) as supervisor:
        pid = supervisor.status.pid
        utterance = stage.say("a text of some length")
        first = await anext(utterance)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerLost):
            await heard(utterance)
        await supervisor.wait_ready(20)
        assert supervisor.status.restarts == 1
        assert "SIGKILL" in supervisor.status.last_exit
        assert (await heard(stage.say("a text of some length"))).startswith(first)


async def test_a_crash_in_the_middle(stage):
    stage.script.write_text('[[rule]]\nmatch = "boom"\ntimes = 1\nafter_chunks = 1\nexit = 7\n')
    async with stage.running() as supervisor:
        with pytest.raises(WorkerLost):
            await heard(stage.say("boom goes the worker"))
        await supervisor.wait_ready(20)
        assert "status 7" in supervisor.status.last_exit
        assert len(await heard(stage.say("boom goes the worker"))) == 20 * 2880


async def test_a_frozen_worker_is_replaced(stage):
    stage.script.write_text('[[rule]]\nmatch = "freeze"\nfreeze = true\n')
    async with stage.running(rtf=0.2, ping_timeout_s=1) as supervisor:
        with pytest.raises(WorkerLost, match="ping"):
            await heard(stage.say("freeze"))
        await supervisor.wait_ready(20)


async def test_a_hanging_slot_is_a_hanging_worker(stage):
    stage.script.write_text('[[rule]]\nmatch = "hang"\nhang = true\n')
    async with stage.running(ping_timeout_s=1, chunk_timeout_s=1) as supervisor:
        with pytest.raises(WorkerLost, match="without new audio"):
            await heard(stage.say("hang"))
        await supervisor.wait_ready(20)


async def test_out_of_memory_means_fewer_slots(stage):
    stage.script.write_text('[[rule]]\nmatch = "big"\ntimes = 1\noom = true\n')
    async with stage.running() as supervisor:
        with pytest.raises(WorkerLost):
            await heard(stage.say("big"))
        assert (await supervisor.wait_ready(20)).slots == 3
        assert len(await heard(stage.say("big"))) == 3 * 2880


async def test_an_engine_that_cannot_start_says_why_until_a_reload(stage):
    stage.script.write_text('[[rule]]\non = "load"\nfail = "the weights are bad"\n')
    supervisor = stage.supervisor
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        with pytest.raises(EngineNotReady, match="weights are bad"):
            await supervisor.wait_ready()
        assert supervisor.status.phase is Phase.FAILED
        stage.script.unlink()
        supervisor.reload(stage.config())
        await supervisor.wait_ready(20)
        await supervisor.stop()


async def test_recycle_under_load_loses_nothing(stage):
    text = "some words to say, while the workers change"
    async with stage.running(rtf=0.02) as supervisor:
        wanted = await heard(stage.say(text))
        done = asyncio.Event()
        spoken: list[bytes] = []

        async def speak() -> None:
            while not done.is_set():
                spoken.append(await heard(stage.say(text)))

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(speak())
            await supervisor.recycle("one")
            await supervisor.recycle("two")
            done.set()
        assert len(spoken) > 3
        assert set(spoken) == {wanted}
        assert supervisor.status.restarts == 2


async def test_a_daemon_that_dies_takes_its_worker_along(stage, until, tmp_path):
    """The worker sees the end of the stream: nobody has to clean up after a `kill -9` of the daemon."""
    program = tmp_path / "daemon.py"
    program.write_text(DAEMON)
    daemon = await asyncio.create_subprocess_exec(
        os.sys.executable, str(program), stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    assert daemon.stdout is not None
    worker = int(await daemon.stdout.readline())
    daemon.kill()
    await daemon.wait()
    await until(lambda: not psutil.pid_exists(worker) or psutil.Process(worker).status() == psutil.STATUS_ZOMBIE)


DAEMON = """
import asyncio
from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.config import Config, Engine
from ttsd.supervisor.supervisor import Supervisor

async def main():
    supervisor = Supervisor(Config(engine=Engine(name="fake")), Bus(), wall)
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        await supervisor.wait_ready()
        print(supervisor.status.pid, flush=True)

asyncio.run(main())
"""
