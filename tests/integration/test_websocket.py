"""Live sessions and events of a real daemon."""

import asyncio
import os
import signal
import time
from contextlib import aclosing

import aiohttp
import pytest

from ttsd.client import TtsdClient
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.events import JobChanged, LogEvent, Snapshot, StoppingEvent, WorkerChanged
from ttsd.protocol.jobs import JobState, NewJob
from ttsd.protocol.speech import (
    Cancel,
    End,
    Ended,
    Replace,
    Retracted,
    SegmentStarted,
    SpeakError,
    Start,
    Started,
    Text,
)

CHARACTER_SAMPLES = 1440


@pytest.fixture
def client(daemon):
    return TtsdClient(daemon.socket)


class Ear:
    """What a session tells, kept as a client would: sound, segments, errors."""

    def __init__(self, session):
        self.session = session
        self.items = aiter(session)
        self.pcm = b""
        self.segments = []
        self.errors = []

    async def until(self, kind):
        """Listen until a message of `kind`."""
        async with asyncio.timeout(20):
            while True:
                item = await anext(self.items)
                if isinstance(item, bytes):
                    self.pcm += item
                elif isinstance(item, SegmentStarted):
                    self.segments.append(item)
                elif isinstance(item, SpeakError):
                    self.errors.append(item)
                if isinstance(item, kind):
                    return item

    async def end(self):
        """The session's end, and that nothing comes after it."""
        ended = await self.until(Ended)
        assert [item async for item in self.items] == []
        return ended


async def test_text_that_is_typed_is_heard_sentence_by_sentence(client):
    text = "The first sentence is here. And this is the second one."
    async with client.speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en"))
        assert (await ear.until(Started)).sample_rate_hz == 24_000
        for letter in text:
            await session.send(Text(letter))
        await ear.until(bytes)
        assert ear.segments[0].text.startswith("The first sentence is here.")
        await session.send(End())
        ended = await ear.end()
    assert "".join(segment.text for segment in ear.segments) == text
    assert ended.samples == len(ear.pcm) // 2
    assert ended.samples >= len("".join(s.text.strip() for s in ear.segments)) * CHARACTER_SAMPLES
    assert ear.errors == []


async def test_cancel_is_quick_and_the_session_goes_on(make_daemon, wait_for):
    daemon = make_daemon(fake={"rtf": 0.5}).start()
    async with TtsdClient(daemon.socket).speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en"))
        await session.send(Text("A sentence that would take very much longer to be spoken. " * 3))
        await ear.until(bytes)
        began = time.monotonic()
        await session.send(Cancel())
        assert (await ear.until(Ended)).reason == "cancel"
        assert time.monotonic() - began < 0.1
        await asyncio.to_thread(wait_for, lambda: not daemon.status()["worker"]["busy_slots"], 3.0)
        await session.send(Text("New."))
        await session.send(End())
        ended = await ear.end()
    assert ended.samples == len(ear.pcm) // 2
    assert ear.segments[-1].text == "New."


async def test_replace_is_heard_instead(client):
    async with client.speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en"))
        await session.send(Text("This stays as it is.\nThis is wrong.\n"))
        while len(ear.segments) < 2:
            await ear.until(SegmentStarted)
        await session.send(Replace(1, "This is right."))
        assert (await ear.until(Retracted)).from_segment == 1
        await session.send(End())
        ended = await ear.end()
    assert [segment.text.strip() for segment in ear.segments] == [
        "This stays as it is.",
        "This is wrong.",
        "This is right.",
    ]
    assert ear.segments[1].start_sample == ear.segments[2].start_sample
    assert ended.samples > ear.segments[2].start_sample


async def test_a_correction_before_the_commit_costs_nothing(client):
    async with client.speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en"))
        await session.send(Text("This stays as it is.\nThis is wro"))
        await ear.until(SegmentStarted)
        await session.send(Replace(1, "This is rihgt"))
        await session.send(Replace(1, "This is right."))
        await session.send(End())
        ended = await ear.end()
    assert [segment.text.strip() for segment in ear.segments] == ["This stays as it is.", "This is right."]
    assert ended.samples == len(ear.pcm) // 2
    assert ear.errors == []


async def test_what_was_made_before_a_correction_is_kept(client):
    """The sound of the first phrase is neither sent nor made again."""
    async with client.speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en"))
        await session.send(Text("This stays as it is.\nThis is wrong.\n"))
        while len(ear.segments) < 2:
            await ear.until(SegmentStarted)
        first = ear.pcm[: ear.segments[1].start_sample * 2]
        await session.send(Replace(1, "This is right.\n"))
        await ear.until(Retracted)
        again = len(ear.pcm)
        await session.send(End())
        ended = await ear.end()
    assert [segment.index for segment in ear.segments] == [0, 1, 1]
    assert ear.segments[2].start_sample * 2 == len(first)
    assert ended.samples * 2 == len(first) + len(ear.pcm) - again


@pytest.mark.parametrize(("commit", "phrases"), [("line", 1), ("sentence", 2), ("word", 7)])
async def test_the_client_chooses_what_is_spoken_by_itself(client, commit, phrases):
    text = "Today, after lunch, we met. Then they left\n"
    async with client.speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en", commit=commit))
        for letter in text:
            await session.send(Text(letter))
        await session.send(End())
        await ear.end()
    assert len(ear.segments) == phrases
    assert "".join(segment.text for segment in ear.segments) == text


async def test_a_word_alone_is_in_the_language_of_what_was_said_before(client):
    made = {}
    for language in ("auto", "de", "en"):
        async with client.speak() as session:
            for message in (Start(language=language), Text("Guten Tag, wie geht es dir heute? Berlin 3."), End()):
                await session.send(message)
            ear = Ear(session)
            ended = await ear.end()
            made[language] = ended.samples - ear.segments[-1].start_sample
    assert made["auto"] == made["de"] == made["en"] - CHARACTER_SAMPLES, "drei has a letter less than three"


async def test_a_commit_that_does_not_exist_is_refused_by_name(daemon):
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(daemon.socket))) as http,
        http.ws_connect("http://ttsd/v1/speak", protocols=["ttsd.speak.v1"]) as socket,
    ):
        await socket.send_str('{"type":"start","commit":"letter"}')
        answer = (await socket.receive()).json()
    assert answer["type"] == "error"
    assert "commit" in answer["message"]


async def test_a_worker_that_dies_in_the_middle_of_a_phrase_is_not_heard(daemon, client):
    daemon.script.write_text('[[rule]]\nmatch = "survives"\ntimes = 1\nafter_chunks = 3\ncrash = true\n')
    async with client.speak() as session:
        ear = Ear(session)
        await session.send(Start(language="en"))
        await session.send(Text("This phrase survives its worker."))
        await session.send(End())
        await ear.end()
    assert ear.errors == []
    assert len(ear.pcm) // 2 >= len("This phrase survives its worker.") * CHARACTER_SAMPLES
    assert daemon.status()["worker"]["restarts"] == 1


async def test_a_wrong_start_is_refused_with_the_reason(client):
    async with client.speak() as session:
        await session.send(Start(voice="nobody"))
        ear = Ear(session)
        assert (await ear.until(SpeakError)).code == "unknown_voice"
        with pytest.raises(TtsdError):
            await ear.until(Started)


async def test_a_client_that_vanishes_frees_its_slot(make_daemon, wait_for):
    daemon = make_daemon(fake={"rtf": 1.0}).start()
    async with (
        aiohttp.ClientSession("http://x", connector=aiohttp.UnixConnector(str(daemon.socket))) as http,
        http.ws_connect("/v1/speak") as socket,
    ):
        await socket.send_json({"type": "start"})
        await socket.send_json({"type": "text", "text": "word " * 60})
        await asyncio.to_thread(wait_for, lambda: daemon.status()["worker"]["busy_slots"])
        assert daemon.status()["live_sessions"] == 1
        socket._response.connection.transport.abort()
        await asyncio.to_thread(wait_for, lambda: not daemon.status()["worker"]["busy_slots"], 3.0)
        assert daemon.status()["live_sessions"] == 0


async def test_live_goes_before_a_stream_and_a_crowd(make_daemon, wait_for):
    """With every slot taken and streams waiting, the first sound of a live session waits for one slot only."""
    daemon = make_daemon(fake={"rtf": 0.1, "slots": 2}).start()
    client = TtsdClient(daemon.socket)
    body = {"text": "A stream of many sentences goes on. " * 10, "language": "en"}
    async with aiohttp.ClientSession("http://x", connector=aiohttp.UnixConnector(str(daemon.socket))) as http:
        crowd = [asyncio.get_running_loop().create_task(listen(http, body)) for _ in range(20)]
        await asyncio.to_thread(wait_for, lambda: daemon.status()["worker"]["busy_slots"] == 2)
        async with client.speak() as session:
            ear = Ear(session)
            await session.send(Start(language="en"))
            began = time.monotonic()
            await session.send(Text("Me first.\n"))
            await ear.until(bytes)
            assert time.monotonic() - began < 2.0
        for one in crowd:
            one.cancel()
        await asyncio.wait(crowd)


async def listen(http, body):
    async with http.post("/api/tts_stream", json=body) as answer:
        await answer.read()


# --- events ---


async def test_events_tell_a_job_s_life_in_order(client):
    async with aclosing(client.events()) as events, asyncio.timeout(20):
        snapshot = await anext(events)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.status.readiness.ready
        assert any(line.event == "worker.ready" for line in snapshot.log)
        job = await client.submit(NewJob("Watch me. And again. And once more."))
        seen, last = [], snapshot.seq
        async for event in events:
            assert event.seq > last
            last = event.seq
            if isinstance(event, JobChanged) and event.job.id == job.id:
                seen.append(event.job)
                if event.job.state.final:
                    break
    assert seen[-1].state is JobState.SUCCEEDED
    assert [one.segments_done for one in seen] == sorted(one.segments_done for one in seen)


async def test_a_listener_resumes_where_it_was(client):
    async with aclosing(client.events()) as events:
        snapshot = await anext(events)
    job = await client.submit(NewJob("Missed?"))
    async with aclosing(client.events(since=snapshot.seq)) as events, asyncio.timeout(20):
        async for event in events:
            assert not isinstance(event, Snapshot)
            if isinstance(event, JobChanged):
                assert event.job.id == job.id
                break


async def test_a_worker_s_death_is_told(daemon, client):
    async with aclosing(client.events()) as events, asyncio.timeout(20):
        await anext(events)
        os.kill(daemon.worker_pid(), signal.SIGKILL)
        phases = []
        async for event in events:
            if isinstance(event, WorkerChanged):
                phases.append(event.worker.phase.value)
                if phases[-1] == "ready" and len(phases) > 1:
                    break
    assert phases[-1] == "ready"
    assert len(phases) >= 2


async def test_log_lines_are_told(daemon, client):
    async with aclosing(client.events()) as events, asyncio.timeout(20):
        await anext(events)
        await asyncio.to_thread(daemon.post, "/api/tts", json={"text": "Log me."}, headers={"X-Request-Id": "mine"})
        async for event in events:
            if isinstance(event, LogEvent) and event.event == "speech.answered":
                break
    assert event.fields["request_id"] == "mine"
    assert "Log me" not in str(event.fields)


async def test_a_stopping_daemon_tells_everybody_and_ends_at_once(daemon, client):
    async with aclosing(client.events()) as events, client.speak() as session, asyncio.timeout(20):
        await anext(events)
        ear = Ear(session)
        await session.send(Start())
        await ear.until(Started)
        began = time.monotonic()
        os.kill(daemon.process.pid, signal.SIGTERM)
        assert (await ear.until(SpeakError)).code == "stopping"
        told = [event async for event in events]
    assert any(isinstance(event, StoppingEvent) for event in told)
    assert await asyncio.to_thread(daemon.process.wait, 10) == 0
    assert time.monotonic() - began < 5
