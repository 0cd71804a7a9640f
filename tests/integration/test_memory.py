"""A real daemon whose worker leaks on a pretended card: replaced without loss, and never in vain."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cards import Card
from tests.clients import finished, live, stream
from tests.conftest import DaemonProcess
from ttsd.client import TtsdClient
from ttsd.client.voices import VoicesClient
from ttsd.protocol.errors import EngineNotReady, MemoryPressure, Unavailable
from ttsd.protocol.health import ExitCause, Phase
from ttsd.protocol.jobs import JobState, NewJob
from ttsd.protocol.speech import SpeechRequest, Start

PHRASE = "Some words to say, while the workers change. "
LONG = PHRASE * 10
THINGS = LONG.replace("words", "things")
LEAK = "[[rule]]\ngrow_mb = 15\n"
QUICK = {"sample_s": 0.05, "sustained_s": 0.1, "recycle_pause_s": 0, "recycles_per_hour": 1000}


class House(NamedTuple):
    """A daemon, its card, and a client."""

    daemon: DaemonProcess
    card: Card
    client: TtsdClient


Furnish = Callable[..., Any]


@pytest.fixture
def furnish(make_daemon: Callable[..., DaemonProcess], driver: Path, tmp_path: Path) -> Furnish:
    """`with furnish(total_mb, others_mb, section={…}) as house`: a daemon on a card."""

    @contextmanager
    def house(total_mb: int, others_mb: int = 0, name: str = "house", **settings: dict[str, Any]) -> Iterator[House]:
        root = tmp_path / name
        root.mkdir()
        card = Card(root, driver, total_mb)
        card.others_mb = others_mb
        fake = {"device": "cuda", **settings.pop("fake", {})}
        gpu = {**QUICK, **settings.pop("gpu", {})}
        daemon = make_daemon(root, fake=fake, gpu=gpu, **settings)
        daemon.env |= card.env
        daemon.start()
        assert daemon.process is not None
        with card.under(daemon.process.pid):
            yield House(daemon, card, TtsdClient(daemon.socket))
        assert daemon.stop() == 0

    return house


async def everything(house: House) -> tuple[bytes, bytes, bytes]:
    """A live session, a stream and a file at once; all their sound."""
    house.daemon.drop("book.txt", LONG.replace("words", "pages"))
    async with asyncio.TaskGroup() as group:
        speaking = group.create_task(live(house.client, LONG)), group.create_task(stream(house.client, THINGS))
    made = await asyncio.to_thread(house.daemon.wait_path, "done/book.txt", 60)
    assert made.exists()
    return speaking[0].result(), speaking[1].result(), house.daemon.path("outbox/book.wav").read_bytes()


@pytest.mark.parametrize(
    ("total_mb", "restart"), [(4000, 0.05), (150, 0.95)], ids=["room for two", "one after the other"]
)
async def test_a_leaking_worker_is_replaced_under_speech_and_not_a_sample_is_lost(furnish, total_mb, restart):
    with furnish(total_mb, 40, "sound") as quiet:
        wanted = await everything(quiet)
    with furnish(total_mb, 40, fake={"rtf": 0.5}, gpu={"vram_restart": restart, "vram_hysteresis": 0.01}) as house:
        house.daemon.script.write_text(LEAK)
        assert await everything(house) == wanted
        worker = (await house.client.status()).worker
        assert worker.restarts >= 1
        assert {exit_.cause for exit_ in worker.exits} <= {ExitCause.VRAM, ExitCause.LEAK}
        assert all(exit_.planned for exit_ in worker.exits)
        assert re.search(
            r"of card 0, \d+ MB of [\d.]+ [MG]B are in use \(\d+%, above \d+%\); the worker holds", worker.last_exit
        )
        assert "segment.worker_lost" not in house.daemon.stderr


async def test_what_others_hold_is_pressure_and_no_reason_for_a_fresh_worker(furnish, until):
    with furnish(1000, 100, fake={"rtf": 0.3}) as house:
        client, card = house.client, house.card
        pid = (await client.status()).worker.pid
        async with asyncio.TaskGroup() as group:
            begun = asyncio.Event()

            async def under_way() -> int:
                heard = 0
                async for chunk in client.tts_stream(SpeechRequest(LONG)):
                    heard += len(chunk)
                    begun.set()
                return heard

            speaking = group.create_task(under_way())
            await begun.wait()
            card.others_mb = 950
            readiness = await met(client.readiness, lambda readiness: not readiness.ready)
            assert "by other processes: a fresh worker would not help" in readiness.reason
            refused = await asyncio.to_thread(house.daemon.post, "/api/tts", json={"text": "Now?", "language": "en"})
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
            with pytest.raises(Unavailable, match="no new speech is begun for now: of card 0, "):
                await live(client, LONG)
            job = await client.submit(NewJob(text="It waits."))
            status = await client.status()
            assert (status.worker.memory.pressure, status.worker.memory.refuses) == ("others", True)
        assert speaking.result() > 0, "what was under way went on"
        assert not (await client.job(job.id)).state.final
        card.others_mb = 870
        await met(client.status, lambda now: now.health.gpus[0].memory_used_bytes < 920 * 2**20)
        assert not (await client.readiness()).ready, "above the hysteresis"
        card.others_mb = 100
        await met(client.readiness, lambda readiness: readiness.ready)
        assert await finished(client, job.id) is JobState.SUCCEEDED
        assert len(await client.tts(SpeechRequest("And now."))) > 44
        status = await client.status()
        assert (status.worker.pid, status.worker.restarts) == (pid, 0)
        assert house.daemon.stderr.count("memory.pressure") == 1


async def met(look: Callable[[], Any], condition: Callable[[Any], bool], timeout_s: float = 20) -> Any:
    """What `look` tells, once that meets `condition`."""
    async with asyncio.timeout(timeout_s):
        while not condition(found := await look()):
            await asyncio.sleep(0.02)
    return found


async def speak_until(client: TtsdClient, condition: Callable[[Any], bool]) -> Any:
    """Have new sentences spoken until the status meets `condition`."""
    for number in range(200):
        if condition(status := await client.status()):
            return status
        await client.tts(SpeechRequest(f"Sentence number {number}.", language="en"))
    pytest.fail("it did not come to it")


async def test_where_the_driver_names_no_processes_the_engine_says_what_it_holds(furnish):
    # An engine tells with its answers to pings: there are several before anything is decided.
    gpu, engine = {"vram_restart": 0.3, "sustained_s": 1.5}, {"ping_timeout_s": 2}
    with furnish(1000, 100, gpu=gpu, engine=engine, fake={"rtf": 0.05}) as house:
        house.card.names_processes = False
        house.daemon.script.write_text(LEAK)
        status = await speak_until(house.client, lambda now: now.worker.restarts)
        assert status.worker.exits[0].cause in (ExitCause.VRAM, ExitCause.LEAK)


async def test_a_budget_of_its_own_minds_no_others(furnish):
    with furnish(1000, 980, gpu={"vram_budget_mb": 200}) as house:
        house.daemon.script.write_text(LEAK)
        status = await speak_until(house.client, lambda now: now.worker.restarts)
        assert "of its budget on card 0, " in status.worker.last_exit
        assert (await house.client.readiness()).ready


async def test_too_many_within_an_hour_are_pressure_not_a_loop(furnish):
    with furnish(250, 40, gpu={"recycles_per_hour": 1}) as house:
        house.daemon.script.write_text(LEAK)
        await speak_until(house.client, lambda now: now.worker.restarts)
        with pytest.raises(MemoryPressure, match="though the worker was replaced once within an hour"):
            await speak_until(house.client, lambda _: False)
        status = await house.client.status()
        assert (status.worker.memory.pressure, status.worker.restarts) == ("capped", 1)
        assert 3000 < status.worker.memory.retry_after_s <= 3600
        after = await house.client.worker("recycle")
        assert after.restarts == 2
        await met(house.client.readiness, lambda readiness: readiness.ready)
        assert house.daemon.stderr.count("memory.pressure") == 1


async def test_memory_of_the_host_counts_where_there_is_no_card(make_daemon):
    daemon = make_daemon(engine={"rss_restart_mb": 150}, gpu=QUICK).start()
    daemon.script.write_text(LEAK)
    status = await speak_until(TtsdClient(daemon.socket), lambda now: now.worker.restarts)
    assert "of the memory that the worker may have, " in status.worker.last_exit


# --- idle ----------------------------------------------------------------------------------------------


def idle(make_daemon: Callable[..., DaemonProcess], keep_alive: str | float, **fake: float) -> TtsdClient:
    daemon = make_daemon(engine={"keep_alive": keep_alive}, gpu=QUICK, fake=fake, clips={"max_gb": 0})
    return TtsdClient(daemon.start().socket)


async def rested(client: TtsdClient) -> Any:
    """The status once the model is unloaded because nobody asks for it."""
    return await met(client.status, lambda now: now.worker.phase is Phase.STOPPED and now.worker.exits)


async def test_an_idle_model_is_unloaded_and_loaded_by_whoever_asks_next(make_daemon):
    client = idle(make_daemon, "200ms")
    status = await rested(client)
    assert (status.worker.on_demand, status.worker.pid) == (True, None)
    assert status.worker.unloaded == "nobody asked for speech for 200ms"
    assert status.worker.exits[0].cause is ExitCause.IDLE
    note = "the model is unloaded: nobody asked for speech for 200ms; the next request loads it"
    assert (status.readiness.ready, status.readiness.note) == (True, note)
    assert "tone" in [voice.name for voice in (await VoicesClient(client.socket).voices()).voices], (
        "what it can is known all the same"
    )
    assert len(await client.tts(SpeechRequest("One.", language="en"))) > 44
    await rested(client)
    assert await live(client, LONG)
    await rested(client)
    assert await stream(client, THINGS)
    await rested(client)
    job = await client.submit(NewJob(text="A job."))
    assert await finished(client, job.id) is JobState.SUCCEEDED
    status = await rested(client)
    assert status.worker.restarts == 0, "what was asked for is no restart"


async def test_those_who_wait_are_served_while_it_loads(make_daemon):
    client = idle(make_daemon, 0, load_s=0.5)
    await rested(client)
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(client.tts(SpeechRequest(f"Number {n}.", language="en"))) for n in range(6)]
        loading = await met(client.status, lambda now: now.worker.phase in (Phase.STARTING, Phase.LOADING))
        assert loading.readiness.ready
        assert loading.readiness.note
    assert all(len(task.result()) > 44 for task in asking)


async def test_a_live_session_keeps_it_loaded(make_daemon):
    client = idle(make_daemon, "150ms")
    async with client.speak() as session:
        await session.send(Start())
        pid = (await met(client.status, lambda now: now.live_sessions == 1 and now.worker.pid)).worker.pid
        seen_s = (await client.status()).health.at_s
        status = await met(client.status, lambda now: now.health.at_s > seen_s + 1)
        assert status.worker.pid == pid
    await rested(client)


async def test_what_somebody_unloaded_stays_so_until_it_is_loaded(make_daemon):
    client = idle(make_daemon, "100ms")
    await rested(client)
    worker = await client.worker("unload")
    assert (worker.on_demand, "asked for it" in worker.unloaded) == (False, True)
    assert not (await client.readiness()).ready
    with pytest.raises(EngineNotReady, match="`ttsd model load`"):
        await client.tts(SpeechRequest("Now?", language="en"))
    assert (await client.worker("load")).engine is not None
    await rested(client)
