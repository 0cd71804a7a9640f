"""Orders to the worker of a real daemon, under speech: nothing is lost, nonsense is refused, the log has who asked."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from tests.clients import finished, live, stream
from ttsd.asker import account, name_of
from ttsd.client import TtsdClient
from ttsd.protocol.errors import Conflict, EngineNotReady
from ttsd.protocol.health import Phase
from ttsd.protocol.jobs import JobState, NewJob
from ttsd.protocol.speech import SpeechRequest

ME = name_of(account(os.getuid()))
PHRASE = "Some words to say, while the workers change. "
LONG = PHRASE * 6


@pytest.fixture
def slow(make_daemon):
    """A daemon whose engine takes a while to speak."""
    return make_daemon(fake={"rtf": 0.1}).start()


async def test_replacing_the_worker_under_live_speech_loses_nothing(slow):
    client = TtsdClient(slow.socket)
    wanted = await live(client, LONG), await stream(client, LONG)
    pid = (await client.status()).worker.pid
    async with asyncio.TaskGroup() as group:
        speaking = group.create_task(live(client, LONG)), group.create_task(stream(client, LONG))
        job = await client.submit(NewJob(text=LONG * 2))
        after = await client.worker("recycle")
        again = await client.worker("recycle")
    assert (speaking[0].result(), speaking[1].result()) == wanted
    assert await finished(client, job.id) is JobState.SUCCEEDED
    assert len({pid, after.pid, again.pid}) == 3
    [first, _] = again.exits
    assert (first.reason, first.planned) == (f"the worker was replaced: {ME} asked for it", True)
    assert f"user={ME}" in slow.stderr


async def test_background_work_waits_while_the_model_is_unloaded(slow):
    client = TtsdClient(slow.socket)
    job = await client.submit(NewJob(text=LONG * 3))
    while (await client.job(job.id)).state is JobState.QUEUED:
        await asyncio.sleep(0.01)
    worker = await client.worker("unload")
    assert (worker.phase, worker.engine, worker.pid) == (Phase.STOPPED, None, None)
    later = await client.submit(NewJob(text="Later."))
    readiness = await client.readiness()
    assert not readiness.ready
    assert "`ttsd model load`" in readiness.reason
    with pytest.raises(EngineNotReady, match=f"unloaded: {ME}"):
        await client.tts(SpeechRequest("Now?"))
    assert not (await client.job(job.id)).state.final

    assert (await client.worker("load")).phase in (Phase.READY, Phase.BUSY)
    assert await finished(client, job.id) is JobState.SUCCEEDED
    assert await finished(client, later.id) is JobState.SUCCEEDED
    assert [(await client.job(each.id)).attempts for each in (job, later)] == [0, 0]


async def test_nobody_is_cut_off_unless_by_force(slow):
    client = TtsdClient(slow.socket)
    async with asyncio.TaskGroup() as group:
        begun = asyncio.Event()

        async def speaking() -> None:
            async for _ in client.tts_stream(SpeechRequest(LONG)):
                begun.set()

        task = group.create_task(speaking())
        await begun.wait()
        with pytest.raises(Conflict, match="would break off"):
            await client.worker("unload")
        await task
    with pytest.raises(Conflict, match="loaded already"):
        await client.worker("load")
    assert (await client.worker("unload", force=True)).phase is Phase.STOPPED
    with pytest.raises(Conflict, match="unloaded already"):
        await client.worker("unload")
    with pytest.raises(EngineNotReady, match="unloaded"):
        await client.worker("recycle")


def test_the_commands(daemon):
    def model(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "ttsd.cli", "model", *words, "--socket", str(daemon.socket)]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    assert "is unloaded" in model("unload").stdout
    refused = model("unload")
    assert (refused.returncode, "unloaded already" in refused.stderr) == (1, True)
    assert "fake" in model("load").stdout
    assert json.loads(model("recycle", "--json").stdout)["restarts"] == 1
    assert daemon.post("/v1/worker/unload", content=b'{"farce": true}').status_code == 400
    assert daemon.get("/v1/worker/load").status_code == 405
