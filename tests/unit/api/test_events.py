"""`WS /v1/events`: a snapshot, then what happens."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import WSMsgType

from ttsd.api.events import latest, unheard
from ttsd.bus import HISTORY, QUEUE
from ttsd.protocol.events import HealthSampled, JobChanged, LogEvent, Missed, StoppingEvent, WorkerChanged
from ttsd.protocol.health import HealthSample, HostSample, Phase, WorkerStatus
from ttsd.protocol.jobs import Door, Job, JobSettings, JobState, NewJob


def job(number, state=JobState.QUEUED, seq=0):
    return JobChanged(seq, Job(str(number), Door.HTTP, state, "", JobSettings(), 0.0))


def log(number, seq=0):
    return LogEvent(seq, 0.0, "info", "test.line", {"number": number})


def test_later_states_make_earlier_ones_stale_and_lines_stay():
    health = HealthSample(0.0, HostSample(0.0, 0, 1, 0))
    worker = WorkerStatus(Phase.READY, 0.0)
    events = [
        job(1, seq=1),
        log("a", seq=2),
        WorkerChanged(3, worker),
        job(2, seq=4),
        HealthSampled(5, health),
        job(1, JobState.RUNNING, seq=6),
        WorkerChanged(7, worker),
        HealthSampled(8, health),
        log("b", seq=9),
        StoppingEvent(10),
    ]
    assert [event.seq for event in latest(events)] == [2, 4, 6, 7, 8, 9, 10]


def test_what_was_told_is_not_told_again_but_a_gap_always_is():
    events = [log("a", seq=4), log("b", seq=5), Missed(3, 7)]
    assert unheard(events, 4) == events[1:]


@asynccontextmanager
async def listening(house, query=""):
    async with (
        house.client() as http,
        http.ws_connect(f"/v1/events{query}", protocols=("ttsd.events.v1",)) as socket,
    ):
        yield socket


async def hear(socket):
    return json.loads(await socket.receive_str(timeout=10))


async def test_a_snapshot_comes_first_then_what_happens(house):
    accepted = await house.queue.submit(NewJob("Hello."))
    house.bus.publish(log("before"))
    async with listening(house) as socket:
        assert socket.protocol == "ttsd.events.v1"
        snapshot = await hear(socket)
        assert snapshot["type"] == "snapshot"
        assert [one["id"] for one in snapshot["jobs"]] == [accepted.id]
        assert snapshot["log"][0]["fields"] == {"number": "before"}
        assert snapshot["status"]["worker"]["phase"] == "ready"
        house.bus.publish(log("after"))
        event = await hear(socket)
    assert (event["type"], event["fields"]["number"]) == ("log", "after")
    assert event["seq"] == snapshot["seq"] + 1


async def test_since_resumes_without_a_snapshot(house):
    for number in range(5):
        house.bus.publish(log(number))
    async with listening(house, "?since=3") as socket:
        assert [(await hear(socket))["seq"] for _ in range(2)] == [4, 5]
        house.bus.publish(log(5))
        assert (await hear(socket))["seq"] == 6


async def test_since_something_forgotten_or_never_told_gets_a_snapshot(house):
    for number in range(HISTORY + 10):
        house.bus.publish(log(number))
    for since in (3, HISTORY + 11):
        async with listening(house, f"?since={since}") as socket:
            assert (await hear(socket))["type"] == "snapshot"


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "9" * 30, ""])
async def test_a_bad_since_is_refused(house, since):
    async with house.client() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect(f"/v1/events?since={since}")
    assert caught.value.status == 400


async def test_a_burst_arrives_coalesced(house):
    async with listening(house) as socket:
        await hear(socket)
        for _ in range(100):
            for state in (JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED):
                house.bus.publish(job(1, state))
        events = [await hear(socket)]
        while events[-1]["seq"] < house.bus.seq:
            events.append(await hear(socket))
    assert len(events) <= 3
    assert events[-1]["job"]["state"] == "succeeded"


async def test_a_listener_that_falls_behind_is_told_and_gets_a_new_snapshot(house):
    async with listening(house) as socket:
        await hear(socket)
        for number in range(QUEUE + 500):
            house.bus.publish(log(number))
        numbers = [(await hear(socket)) for _ in range(QUEUE)]
        assert [event["fields"]["number"] for event in numbers] == list(range(QUEUE))
        missed = await hear(socket)
        assert (missed["type"], missed["count"]) == ("missed", 500)
        snapshot = await hear(socket)
        assert (snapshot["type"], snapshot["seq"]) == ("snapshot", house.bus.seq)
        house.bus.publish(log("fresh"))
        assert (await hear(socket))["fields"]["number"] == "fresh"


async def test_a_listener_that_reads_nothing_does_not_hold_up_the_others(house):
    async with listening(house) as deaf, listening(house) as socket:
        await hear(deaf)
        await hear(socket)
        deaf._response.connection.transport.pause_reading()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(5000):
            house.bus.publish(log("x" * 500))
            if number % 100 == 0:
                await asyncio.sleep(0)
        await house.stop()
        messages = []
        while (message := await socket.receive(timeout=10)).type is WSMsgType.TEXT:
            messages.append(json.loads(message.data)["type"])
        assert messages[-1] == "stopping"
        assert socket.close_code == 1001
        assert loop.time() - began < 5
        deaf._response.connection.transport.abort()


async def test_what_listeners_say_is_ignored(house):
    async with listening(house) as socket:
        await hear(socket)
        await socket.send_str("hello?")
        await socket.send_bytes(b"\0")
        house.bus.publish(log("still here"))
        assert (await hear(socket))["type"] == "log"


async def test_a_stopping_daemon_says_goodbye(house):
    async with listening(house) as socket:
        await hear(socket)
        await house.stop()
        assert (await hear(socket))["type"] == "stopping"
        assert (await socket.receive(timeout=10)).type is WSMsgType.CLOSE
        assert socket.close_code == 1001
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with listening(house):
            pass
    assert caught.value.status == 503
