"""A client that replays protocol messages: it shows the app every state that a daemon can be in, at will."""

import asyncio
import math
import re
import struct
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ttsd.protocol.engine import EngineInfo, EngineVoice, WorkerStats
from ttsd.protocol.errors import DaemonUnreachable, TtsdError
from ttsd.protocol.events import EventMessage, LogEvent, Snapshot
from ttsd.protocol.health import HealthSample, HostSample, Phase, QueueStatus, Readiness, Status, WorkerStatus
from ttsd.protocol.jobs import Door, Job, JobPage, JobSettings, JobState, NewJob
from ttsd.protocol.speech import (
    SAMPLE_RATE_HZ,
    ClientMessage,
    End,
    Ended,
    Flush,
    Replace,
    Retracted,
    SegmentStarted,
    ServerMessage,
    Start,
    Started,
    Text,
)
from tui.app import TtsdApp
from tui.playback import Player, Sound

NOW_S = 1_770_000_000.0
"""What the app takes for now in these tests."""

NOW = datetime.fromtimestamp(NOW_S, tz=UTC)

ENGINE = EngineInfo(
    name="hibari",
    revision="0.2.1",
    slots=2,
    languages=("en",),
    voices=(EngineVoice("heart", ("en",)), EngineVoice("sky", ("en",))),
    default_voice="heart",
)


def status(**changes: object) -> Status:
    """A daemon that is well."""
    sample = HealthSample(
        at_s=NOW_S,
        host=HostSample(
            cpu=0.31,
            memory_used_bytes=3_300_000_000,
            memory_total_bytes=8_200_000_000,
            daemon_rss_bytes=52_000_000,
            worker_rss_bytes=243_000_000,
            loop_lag_ms=1.4,
        ),
    )
    worker = WorkerStatus(
        phase=Phase.READY,
        since_s=NOW_S - 300,
        pid=4242,
        engine=ENGINE,
        load_s=0.9,
        stats=WorkerStats(busy_slots=0, rss_bytes=243_000_000, spoken_samples=24_000 * 1234, work_s=17.2),
    )
    whole = Status(
        version="0.1.0",
        pid=4240,
        started_s=NOW_S - 7_500,
        uptime_s=7_500,
        socket="/run/user/1000/ttsd/ttsd.sock",
        spool="/home/ada/.local/state/ttsd/spool",
        config_file=None,
        readiness=Readiness(ready=True),
        worker=worker,
        queue=QueueStatus(queued=2, running=1, succeeded=128, failed=1),
        live_sessions=1,
        health=sample,
    )
    return replace(whole, **changes)


def job(name: str, state: JobState = JobState.QUEUED, *, ago_s: float = 60.0, **changes: object) -> Job:
    """A job called `name`, whose id is made of it."""
    begun = state not in (JobState.QUEUED, JobState.CANCELLED)
    whole = Job(
        id=f"01J{name.upper().replace('.', ''):0>12.12}",
        door=Door.SPOOL,
        state=state,
        title=name,
        settings=JobSettings(voice="heart", language="en"),
        created_s=NOW_S - ago_s,
        started_s=NOW_S - ago_s + 2 if begun else None,
        finished_s=NOW_S - ago_s + 9 if begun and state is not JobState.RUNNING else None,
        attempts=1 if begun else 0,
    )
    return replace(whole, **changes)


class ReplayLive:
    """A live session that commits at each end of a sentence and sounds like a hum."""

    def __init__(self, replay: "Replay") -> None:
        self._replay = replay
        self._out: asyncio.Queue[ServerMessage | bytes | None] = asyncio.Queue()
        self._text = ""
        self._segments: list[tuple[str, int]] = []
        self._samples = 0

    async def send(self, message: ClientMessage) -> None:
        self._replay.said.append(message)
        match message:
            case Start():
                self._out.put_nowait(Started(session="s1"))
            case Text(text=text):
                self._text += text
                self._commit(whole=False)
            case Replace(from_segment=first, text=text):
                self._take_back(first)
                self._text = text
                self._commit(whole=False)
            case Flush() | End():
                self._commit(whole=True)
                if isinstance(message, End):
                    self._out.put_nowait(Ended(samples=self._samples))
                    self._out.put_nowait(None)
            case _:
                pass

    def _take_back(self, first: int) -> None:
        if first < len(self._segments):
            self._samples = self._segments[first][1]
            del self._segments[first:]
            self._out.put_nowait(Retracted(first))

    def _commit(self, *, whole: bool) -> None:
        while found := re.match(r"\s*\S.*?([.!?]\s|$)" if whole else r"\s*\S.*?[.!?,]\s", self._text):
            phrase, self._text = found.group().strip(), self._text[found.end() :]
            self._segments.append((phrase, self._samples))
            self._out.put_nowait(SegmentStarted(len(self._segments) - 1, phrase, self._samples))
            pcm = hum(len(phrase) / 15)
            self._samples += len(pcm) // 2
            self._out.put_nowait(pcm)

    def hangs_up(self) -> None:
        self._out.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[ServerMessage | bytes]:
        while (message := await self._out.get()) is not None:
            if isinstance(message, TtsdError):
                raise message
            yield message


def hum(seconds: float) -> bytes:
    """A tone that swells and fades a few times a second, as speech does."""
    count = round(seconds * SAMPLE_RATE_HZ)
    swell = [abs(math.sin(at / SAMPLE_RATE_HZ * 7)) * abs(math.sin(at / count * math.pi)) for at in range(count)]
    return struct.pack(
        f"<{count}h",
        *(round(26_000 * loud * math.sin(at * 0.05)) for at, loud in enumerate(swell)),
    )


class Replay:
    """Stands where TtsdClient stands; `feed` says something as the daemon, `break_off` ends the stream."""

    def __init__(self) -> None:
        self.socket = Path("/run/user/1000/ttsd/ttsd.sock")
        self.now = status()
        self.first: list[Job] = []
        self.log: list[LogEvent] = []
        self.present = True
        self.said: list[ClientMessage] = []
        self.asked: list[tuple[str, object]] = []
        self.connections = 0
        self.since: list[int | None] = []
        self.lives: list[ReplayLive] = []
        self.refuses: TtsdError | None = None
        self._events: asyncio.Queue[EventMessage | TtsdError | None] = asyncio.Queue()

    def feed(self, *messages: EventMessage) -> None:
        for message in messages:
            self._events.put_nowait(message)

    def break_off(self, error: TtsdError | None = None) -> None:
        self._events.put_nowait(error)

    async def status(self) -> Status:
        if not self.present:
            raise DaemonUnreachable("no daemon answers")
        return self.now

    async def events(self, since: int | None = None) -> AsyncGenerator[EventMessage]:
        self.connections += 1
        self.since.append(since)
        if not self.present:
            raise DaemonUnreachable("no daemon answers")
        if since is None:
            yield Snapshot(seq=10, status=self.now, jobs=tuple(self.first), log=tuple(self.log))
        while (message := await self._events.get()) is not None:
            if isinstance(message, TtsdError):
                raise message
            yield message

    async def jobs(self, states=(), before=None, limit=None) -> JobPage:
        self.asked.append(("jobs", before))
        return JobPage(jobs=(job("older.txt", JobState.SUCCEEDED, ago_s=90_000),), counts={})

    async def submit(self, new: NewJob) -> Job:
        return self._do("submit", new)

    async def cancel(self, job_id: str) -> Job:
        return self._do("cancel", job_id)

    async def retry(self, job_id: str) -> Job:
        return self._do("retry", job_id)

    def _do(self, what: str, argument: object) -> Job:
        self.asked.append((what, argument))
        if self.refuses:
            raise self.refuses
        return job("submitted.txt")

    async def job_audio(self, job_id: str) -> AsyncGenerator[bytes]:
        self.asked.append(("audio", job_id))
        pcm = hum(2.0)
        yield (
            b"RIFF"
            + struct.pack("<I", 36 + len(pcm))
            + b"WAVEfmt "
            + struct.pack("<IHHIIHH", 16, 1, 1, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * 2, 2, 16)
            + b"data"
            + struct.pack("<I", len(pcm))
        )
        yield pcm

    @asynccontextmanager
    async def speak(self) -> AsyncGenerator[ReplayLive]:
        if self.refuses:
            raise self.refuses
        live = ReplayLive(self)
        self.lives.append(live)
        yield live


class QuietPlayer(Player):
    """The real player's bookkeeping without its thread: `hear` moves the loudspeaker on by hand."""

    def __init__(self, on_change: Callable[[Sound], None], *, device: bool = True) -> None:
        super().__init__(on_change)
        self._found = (
            Sound(available=True, note="speakers") if device else Sound(available=False, note="no sound device")
        )

    def start(self) -> None:
        self._tell(self._found)

    def close(self, timeout_s: float = 0.0) -> None:
        pass

    def stop(self) -> int:
        heard = super().stop()
        self._cut = False
        return heard

    def hear(self, seconds: float) -> None:
        self._reel.take(memoryview(bytearray(round(seconds * SAMPLE_RATE_HZ) * 2)))


Running = tuple[TtsdApp, Any, QuietPlayer]
"""App, pilot, player."""


@pytest.fixture
def replay() -> Replay:
    return Replay()


@pytest.fixture
def quiet_player() -> Callable[..., QuietPlayer]:
    return lambda device=True: QuietPlayer(lambda sound: None, device=device)


@pytest.fixture
def make_job() -> Callable[..., Job]:
    return job


@pytest.fixture
def make_status() -> Callable[..., Status]:
    return status


@pytest.fixture
def running() -> Callable[..., AbstractAsyncContextManager[Running]]:
    """`async with running(client) as (app, pilot, player)`: the app on an invisible terminal."""

    @asynccontextmanager
    async def run(client: Any, *, size: tuple[int, int] = (80, 24), device: bool = True) -> AsyncIterator[Running]:
        players: list[QuietPlayer] = []

        def make_player(on_change: Callable[[Sound], None]) -> Player:
            players.append(QuietPlayer(on_change, device=device))
            return players[0]

        app = TtsdApp(client, make_player=make_player, clock=lambda: NOW_S, now=lambda: NOW)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield app, pilot, players[0]

    return run


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def screen_text() -> Callable[[TtsdApp], str]:
    """What stands on the terminal, as text."""
    return lambda app: "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
