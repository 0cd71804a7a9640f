"""TtsdClient against a real server on a real socket."""

import asyncio
import os
import socket
import stat
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_root
from ttsd.client import TtsdClient
from ttsd.client.exchange import unreachable
from ttsd.protocol.errors import (
    BadRequest,
    Conflict,
    DaemonUnreachable,
    EngineNotReady,
    NotFound,
    Stopping,
    TtsdError,
    Unavailable,
)
from ttsd.protocol.events import StoppingEvent
from ttsd.protocol.jobs import JobState, NewJob
from ttsd.protocol.speech import End, Ended, SegmentStarted, ServerMessage, SpeechRequest, Start, Started, Text


async def test_readiness_is_an_answer_even_when_it_says_no(client: TtsdClient) -> None:
    readiness = await client.readiness()
    assert (readiness.ready, readiness.reason, readiness.retry_after_s) == (False, "the engine is loading", 2)


async def test_jobs_asks_for_states_and_a_page(client: TtsdClient, stand_in: Any) -> None:
    page = await client.jobs((JobState.QUEUED, JobState.FAILED), before="x&y", limit=5)
    assert [job.id for job in page.jobs] == ["b", "a"]
    assert page.next == "a"
    assert stand_in.seen == ["GET state=queued&state=failed&before=x%26y&limit=5"]


async def test_a_job_goes_through_its_calls(client: TtsdClient) -> None:
    assert (await client.submit(NewJob("Héllo"))).title == "Héllo"
    assert (await client.job("a")).state is JobState.QUEUED
    assert (await client.cancel("a")).state is JobState.CANCELLED
    assert b"".join([chunk async for chunk in client.job_audio("a")]) == b"RIFFrest"


async def test_a_refusal_is_raised_as_what_it_was(client: TtsdClient) -> None:
    with pytest.raises(NotFound, match="no job `missing`") as caught:
        await client.job("missing")
    assert caught.value.param == "id"
    with pytest.raises(Conflict):
        await client.retry("a")
    with pytest.raises(EngineNotReady):
        await client.tts(SpeechRequest("too early"))


async def test_an_answer_that_is_not_ours_names_its_status(client: TtsdClient) -> None:
    with pytest.raises(TtsdError, match=r"HTTP status 502: <h1>Bad gateway"):
        await client.status()


async def test_whole_speech(client: TtsdClient) -> None:
    assert await client.tts(SpeechRequest("hello")) == b"RIFFhello"


async def test_a_stream_comes_to_its_end(client: TtsdClient) -> None:
    sound = b"".join([chunk async for chunk in client.tts_stream(SpeechRequest("short"))])
    assert sound == b"\x01\x00" * 300


async def test_a_stream_cut_short_raises(client: TtsdClient) -> None:
    async with aclosing(client.tts_stream(SpeechRequest("breaks"))) as stream:
        assert [await anext(stream), await anext(stream)] == [b"\x01\x00" * 100] * 2
        with pytest.raises(Unavailable, match="hung up within its answer"):
            await anext(stream)


async def test_closing_a_stream_stops_the_server(client: TtsdClient, stand_in: Any, until: Callable[..., Any]) -> None:
    async with aclosing(client.tts_stream(SpeechRequest("endless"))) as stream:
        await anext(stream)
        assert stand_in.stopped_at is None
    await until(lambda: stand_in.stopped_at is not None)


async def test_calls_overlap(client: TtsdClient) -> None:
    async with aclosing(client.tts_stream(SpeechRequest("endless"))) as stream:
        await anext(stream)
        answers = await asyncio.gather(*(client.tts(SpeechRequest(str(n))) for n in range(20)))
        await anext(stream)
    assert answers == [b"RIFF" + str(n).encode() for n in range(20)]


async def test_a_live_session_speaks_and_ends(client: TtsdClient, stand_in: Any) -> None:
    async with client.speak() as session:
        await session.send(Start())
        await session.send(Text("big"))
        await session.send(Text("héllo"))
        await session.send(End())
        received = [message async for message in session]
    assert received[0] == Started("s1")
    assert received[1:3] == [SegmentStarted(0, "big", 0), b"\0" * 1_000_000]
    assert received[3:] == [SegmentStarted(0, "héllo", 1_000_000), "héllo".encode(), Ended(1_000_006)]
    assert stand_in.seen == ["ttsd.speak.v1"]


async def test_leaving_a_live_session_hangs_up(client: TtsdClient, stand_in: Any, until: Callable[..., Any]) -> None:
    async with client.speak() as session:
        await session.send(Start())
        assert await anext(aiter(session)) == Started("s1")
    await until(lambda: "left" in stand_in.seen)


async def hear(client: TtsdClient, start: Start) -> list[ServerMessage | bytes]:
    async with client.speak() as session:
        await session.send(start)
        return [message async for message in session]


async def test_a_live_session_closed_for_a_fault_raises_it(client: TtsdClient) -> None:
    with pytest.raises(BadRequest, match="no voice `nobody`"):
        await hear(client, Start(voice="nobody"))


async def test_a_live_session_closed_too_early_raises(client: TtsdClient) -> None:
    with pytest.raises(Stopping, match="before everything was spoken"):
        await hear(client, Start(voice="quitter"))


async def test_events_end_with_the_daemons_goodbye(client: TtsdClient) -> None:
    assert [event async for event in client.events()] == [StoppingEvent(7, restart=True)]


async def test_a_refused_websocket_says_why(client: TtsdClient) -> None:
    with pytest.raises(Conflict, match="too many listeners"):
        await anext(client.events(since=9))


async def test_no_daemon_names_the_socket_and_the_way_out(tmp_path: Path) -> None:
    async with TtsdClient(tmp_path / "none.sock") as client:
        with pytest.raises(DaemonUnreachable, match=r"none\.sock; start one with `ttsd serve`"):
            await client.status()


async def test_a_stale_socket_is_no_daemon(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "stale.sock"))
    async with TtsdClient(tmp_path / "stale.sock") as client:
        with pytest.raises(DaemonUnreachable, match="no daemon answers"):
            await client.readiness()


@pytest.mark.parametrize(
    ("socket", "order"),
    [
        ("/run/ttsd/ttsd.sock", "sudo systemctl start ttsd`"),
        ("/run/ttsd-1/ttsd.sock", "sudo systemctl start ttsd@1`"),
        ("/run/ttsd-GPU-3fa/ttsd.sock", "sudo systemctl start ttsd@GPU-3fa`"),
        ("/run/ttsd-1/more/ttsd.sock", "ttsd serve"),
    ],
)
def test_a_service_that_is_down_is_started_by_its_own_name(socket: str, order: str) -> None:
    assert order in unreachable(Path(socket), ConnectionRefusedError(111, "refused")).message


@needs_root
async def test_permission_denied_names_the_group(client: TtsdClient, tmp_path: Path) -> None:
    client.socket.chmod(stat.S_IRUSR | stat.S_IWUSR)
    os.seteuid(65534)
    try:
        with pytest.raises(DaemonUnreachable, match=r"usermod -aG ttsd"):
            await client.readiness()
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"", "hung up before it answered"),
        (b"SSH-2.0-OpenSSH\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "another version"),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"ready"', "hung up within its answer"),
    ],
)
async def test_a_stranger_on_the_socket_is_a_clear_error(tmp_path: Path, said: bytes, complaint: str) -> None:
    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_unix_server(stranger, tmp_path / "odd.sock"):
        with pytest.raises(TtsdError, match=complaint):
            await TtsdClient(tmp_path / "odd.sock").readiness()


async def test_the_environment_names_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTSD_SOCKET", str(tmp_path / "named.sock"))
    assert TtsdClient().socket == tmp_path / "named.sock"
    assert TtsdClient(tmp_path / "other.sock").socket == tmp_path / "other.sock"
