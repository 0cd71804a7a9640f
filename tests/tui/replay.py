"""A client that replays protocol messages: it shows the app every state that a daemon can be in, at will."""

import asyncio
import re
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.tui.house import House, hum
from tests.tui.logfiles import page_of
from tests.tui.past import a_past
from tests.tui.sayings import NOW_S, job, matches, status
from ttsd.protocol.errors import DaemonUnreachable, TtsdError
from ttsd.protocol.events import EventMessage, JobChanged, LogEvent, Snapshot
from ttsd.protocol.health import QueueStatus, Status, WorkerStatus
from ttsd.protocol.history import HealthHistory
from ttsd.protocol.jobs import Job, JobPage, JobState, NewJob, Receipt, Redo
from ttsd.protocol.log import LogPage, LogQuery
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
    SpeakError,
    Start,
    Started,
    Text,
)
from tui.playback import Player, Sound


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
            pcm = self._replay.sounds_like(phrase)
            self._samples += len(pcm) // 2
            self._out.put_nowait(pcm)

    def fails(self, why: str) -> None:
        self._out.put_nowait(SpeakError(code="bad_request", message=why))

    def hangs_up(self) -> None:
        self._out.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[ServerMessage | bytes]:
        while (message := await self._out.get()) is not None:
            if isinstance(message, TtsdError):
                raise message
            yield message


class Replay:
    """Stands where TtsdClient stands; `feed` says something as the daemon, `break_off` ends the stream."""

    def __init__(self) -> None:
        self.socket = Path("/run/user/1000/ttsd/ttsd.sock")
        self.now = status()
        self.first: list[Job] = []
        self.log: list[LogEvent] = []
        self.files: list[LogEvent] = []
        self.old_jobs: list[Job] = []
        self.present = True
        self.said: list[ClientMessage] = []
        self.asked: list[tuple[str, object]] = []
        self.listed: list[tuple[str, object]] = []
        self.fed: dict[str, Job] = {}
        self.receipts: dict[str, Receipt] = {}
        self.connections = 0
        self.since: list[int | None] = []
        self.lives: list[ReplayLive] = []
        self.refuses: TtsdError | None = None
        self.sounds_like: Callable[[str], bytes] = lambda phrase: hum(len(phrase) / 15)
        self.house = House()
        self._events: asyncio.Queue[EventMessage | TtsdError | None] = asyncio.Queue()

    def feed(self, *messages: EventMessage) -> None:
        for message in messages:
            if isinstance(message, JobChanged):
                self.fed[message.job.id] = message.job
            self._events.put_nowait(message)

    def break_off(self, error: TtsdError | None = None) -> None:
        self._events.put_nowait(error)

    async def status(self) -> Status:
        if not self.present:
            raise DaemonUnreachable("no daemon answers")
        return self.now

    async def version(self) -> str:
        return self.now.version

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

    async def jobs(self, states=(), before=None, limit=50, *, search="", order="newest", offset=0) -> JobPage:
        """As the daemon answers, over all the jobs of the beginning and those fed since."""
        self.listed.append((search or order, before or offset))
        jobs = sorted(self._jobs().values(), key=lambda job: (job.created_s, job.id), reverse=True)
        if order == "turn":
            jobs = [job for job in reversed(jobs) if not job.state.final]
            jobs.sort(key=lambda job: (job.state is JobState.QUEUED, not job.first))
        if order == "oldest":
            jobs.reverse()
        chosen = [job for job in jobs if (not states or job.state in states) and matches(job, search)]
        if before:
            offset = [job.id for job in chosen].index(before) + 1
        page = chosen[offset : offset + limit]
        more = page[-1].id if len(page) == limit else None
        return JobPage(tuple(page), {}, more, None if search else len(chosen))

    def _jobs(self) -> dict[str, Job]:
        return {job.id: job for job in [*self.old_jobs, *self.first]} | self.fed

    async def history(self, since_s: int, points: int) -> HealthHistory:
        self.asked.append(("history", since_s))
        if self.refuses:
            raise self.refuses
        return a_past(self.now.health, NOW_S - since_s, since_s / points, points)

    async def worker(self, act: str, *, force: bool = False) -> WorkerStatus:
        self._do(act, force)
        return self.now.worker

    async def pause(self, *, on: bool) -> QueueStatus:
        self._do("pause", on)
        return self.now.queue

    async def logs(self, query: LogQuery, before: str | None = None, limit: int | None = None) -> LogPage:
        self.asked.append(("logs", (query, before)))
        if self.refuses:
            raise self.refuses
        return page_of(self.files, query, before)

    async def job(self, job_id: str) -> Job:
        self.asked.append(("job", job_id))
        return next(job for job in self.old_jobs if job.id == job_id)

    async def submit(self, new: NewJob) -> Job:
        return self._do("submit", new)

    async def move(self, job_id: str, to: str) -> Job:
        return self._do("move", (job_id, to))

    async def redo(self, job_id: str, wanted: Redo) -> Job:
        return self._do("redo", (job_id, wanted.segment))

    async def receipt(self, job_id: str) -> Receipt:
        self._do("receipt", job_id)
        return self.receipts[job_id]

    async def cancel(self, job_id: str) -> Job:
        return self._do("cancel", job_id)

    async def retry(self, job_id: str) -> Job:
        return self._do("retry", job_id)

    def _do(self, what: str, argument: object) -> Job:
        self.asked.append((what, argument))
        if self.refuses:
            raise self.refuses
        return job("submitted.txt")

    async def encode(self, pcm: bytes, form: str, *, title: str = "", voice: str = "") -> bytes:
        self._do("encode", (form, title, voice))
        return pcm

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

    def hear(self, seconds: float) -> None:
        self.reel.take(memoryview(bytearray(round(seconds * SAMPLE_RATE_HZ) * 2)))
