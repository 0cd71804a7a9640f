"""TtsdClient: every route of the daemon as a typed call over its Unix socket."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from ttsd import places
from ttsd.client.exchange import Exchange, Request, exchange
from ttsd.client.live import LiveSession
from ttsd.protocol.errors import ErrorBody, TtsdError, Unavailable, raised_from
from ttsd.protocol.events import EVENTS_SUBPROTOCOL, EventMessage
from ttsd.protocol.health import QueueStatus, Readiness, Status, Unload, WorkerAct, WorkerStatus
from ttsd.protocol.jobs import Job, JobPage, JobState, Move, NewJob, Order, Place, Receipt, Redo
from ttsd.protocol.lexicon import LexiconChange, LexiconPage, LexiconTrial, Scope, Tried
from ttsd.protocol.log import LogPage, LogQuery
from ttsd.protocol.speech import SPEAK_SUBPROTOCOL, FileFormat, SpeechRequest

if TYPE_CHECKING:
    from ttsd.client.websocket import WebSocket
    from ttsd.protocol.history import HealthHistory
    from ttsd.protocol.tokens import TokenList
    from ttsd.protocol.usage import By, UsageReport

SPEECH_IDLE_S: Final = 600.0
"""A speech request may wait for a free slot behind others; the daemon itself gives up long before."""
ORDER_IDLE_S: Final = 600.0
"""A large model loads for minutes."""

T = TypeVar("T")


class _Failure(msgspec.Struct, frozen=True):
    error: ErrorBody


class _Version(msgspec.Struct, frozen=True):
    version: str


class TtsdClient:
    """Owns nothing but the socket's path: each call has a connection of its own, so calls may overlap.

    Every call raises TtsdError: what the daemon answered, or DaemonUnreachable when it does not.
    """

    def __init__(self, socket: Path | str | None = None) -> None:
        self.socket = places.client_socket(str(socket) if socket else None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to release: connections end with their calls."""

    # --- the daemon ---

    async def status(self) -> Status:
        """Everything about the daemon at this moment."""
        return await self._call(Status, Request("GET", "/v1/status"))

    async def version(self) -> str:
        """The daemon's version, even of one whose status is otherwise another than ours."""
        return (await self._call(_Version, Request("GET", "/v1/status"))).version

    async def readiness(self) -> Readiness:
        """Whether the engine can speak now, and if not, why."""
        return await self._call(Readiness, Request("GET", "/readyz"), also=503)

    async def history(self, since_s: int, points: int) -> "HealthHistory":
        """The machine's last `since_s` seconds, at most a day, in `points` stretches of time."""
        from ttsd.protocol.history import HealthHistory

        query = (("since_s", str(since_s)), ("points", str(points)))
        return await self._call(HealthHistory, Request("GET", target_of("/v1/health/history", query)))

    async def usage(self, by: "By" = "voice", since_s: float = 0.0) -> "UsageReport":
        """What was spoken since then, and what it cost; of everybody for administrators, else one's own."""
        from ttsd.protocol.usage import UsageReport

        target = target_of("/v1/usage", (("by", by), ("since_s", f"{since_s:.0f}")))
        return await self._call(UsageReport, Request("GET", target))

    async def worker(self, act: WorkerAct, *, force: bool = False) -> WorkerStatus:
        """Replace the worker without loss, unload its model, or load it; returns its status once that is done.

        `force` is for unloading while somebody is being spoken to.
        """
        body = msgspec.json.encode(Unload(force)) if act == "unload" else b""
        return await self._call(WorkerStatus, Request("POST", f"/v1/worker/{act}", body, idle_s=ORDER_IDLE_S))

    async def events(self, since: int | None = None) -> AsyncGenerator[EventMessage]:
        """A snapshot, then what happens; with `since`, only what happened after that number.

        Ends when the daemon says goodbye; raises Unavailable when it vanishes.
        """
        decoder = msgspec.json.Decoder(EventMessage)
        target = target_of("/v1/events", () if since is None else (("since", str(since)),))
        async with self._websocket(target, EVENTS_SUBPROTOCOL) as socket:
            async for message in socket.messages():
                yield _decoded(decoder, message)

    async def logs(self, query: LogQuery, before: str | None = None, limit: int | None = None) -> LogPage:
        """A page of the log files' lines, newest first; `before` is the `next` of the page before, or a time."""
        wanted = [*msgspec.structs.asdict(query).items(), ("before", before), ("limit", limit)]
        target = target_of("/v1/logs", [(name, str(value)) for name, value in wanted if value])
        return await self._call(LogPage, Request("GET", target))

    async def tokens(self) -> "TokenList":
        """The tokens of TCP clients; for admins."""
        from ttsd.protocol.tokens import TokenList

        return await self._call(TokenList, Request("GET", "/v1/tokens"))

    # --- jobs ---

    async def jobs(
        self,
        states: Sequence[JobState] = (),
        before: str | None = None,
        limit: int | None = None,
        *,
        search: str = "",
        order: Order = "newest",
        offset: int = 0,
    ) -> JobPage:
        """A page of jobs; `before` is the `next` of the page before, `offset` how many are left out in `order`.

        A `search` finds the jobs with each of its words in title, id, voice or error, from the newest on.
        """
        query = [("state", state.value) for state in states]
        query += [("before", before)] if before else []
        query += [("limit", str(limit))] if limit else []
        query += [("q", search)] if search else []
        query += [("order", order)] if order != "newest" else []
        query += [("offset", str(offset))] if offset else []
        return await self._call(JobPage, Request("GET", target_of("/v1/jobs", query)))

    async def job(self, job_id: str) -> Job:
        return await self._call(Job, Request("GET", _job(job_id)))

    async def submit(self, new: NewJob) -> Job:
        """Put a text into the queue; its audio is made in the background."""
        return await self._call(Job, Request("POST", "/v1/jobs", msgspec.json.encode(new)))

    async def cancel(self, job_id: str) -> Job:
        return await self._call(Job, Request("DELETE", _job(job_id)))

    async def retry(self, job_id: str) -> Job:
        """Queue a failed or cancelled job again."""
        return await self._call(Job, Request("POST", _job(job_id, "/retry")))

    async def redo(self, job_id: str, wanted: Redo) -> Job:
        """Make another take of one segment of a succeeded job."""
        return await self._call(Job, Request("POST", _job(job_id, "/redo"), msgspec.json.encode(wanted)))

    async def move(self, job_id: str, to: Place) -> Job:
        """Put a waiting job before all others, or past its neighbour."""
        return await self._call(Job, Request("POST", _job(job_id, "/move"), msgspec.json.encode(Move(to))))

    async def receipt(self, job_id: str) -> Receipt:
        """Of a succeeded job that came from a file."""
        return await self._call(Receipt, Request("GET", _job(job_id, "/receipt")))

    async def pause(self, *, on: bool) -> QueueStatus:
        """Hold background work, or let it go on."""
        return await self._call(QueueStatus, Request("POST", f"/v1/queue/{'pause' if on else 'resume'}"))

    async def job_audio(self, job_id: str) -> AsyncGenerator[bytes]:
        """The finished job's audio file, in pieces."""
        async with self._answer(Request("GET", _job(job_id, "/audio"))) as answer:
            async for chunk in answer.body():
                yield chunk

    # --- lexicons ---

    async def lexicon(self, scope: Scope | None = None, voice: str | None = None) -> LexiconPage:
        """The entries of one lexicon; without `scope`, of all that the caller's texts (in `voice`) are read with."""
        return await self._call(LexiconPage, Request("GET", _lexicon(scope, voice)))

    async def lexicon_add(self, change: LexiconChange) -> LexiconPage:
        """Add entries, or put them in place of all; the answer has those that were added."""
        return await self._call(LexiconPage, Request("POST", "/v1/lexicon", msgspec.json.encode(change)))

    async def lexicon_remove(
        self, written: str, scope: Scope, voice: str | None = None, language: str | None = None
    ) -> LexiconPage:
        """Remove the entries for a word; the answer has those that are gone."""
        more = [("written", written)] + ([] if language is None else [("language", language)])
        return await self._call(LexiconPage, Request("DELETE", _lexicon(scope, voice, more)))

    async def lexicon_test(self, trial: LexiconTrial) -> Tried:
        """How a text would be read."""
        return await self._call(Tried, Request("POST", "/v1/lexicon/test", msgspec.json.encode(trial)))

    # --- speech ---

    async def tts(self, request: SpeechRequest) -> bytes:
        """The whole text as one WAV."""
        async with self._answer(_speech("/api/tts", request)) as answer:
            return await answer.read()

    async def tts_stream(self, request: SpeechRequest) -> AsyncGenerator[bytes]:
        """PCM as it is made, s16le mono at SAMPLE_RATE_HZ; closing the generator stops the synthesis.

        Raises Unavailable when the sound breaks off before its end.
        """
        async with self._answer(_speech("/api/tts_stream", request)) as answer:
            async for chunk in answer.body():
                yield chunk

    @asynccontextmanager
    async def speak(self) -> AsyncGenerator[LiveSession]:
        """A live session; leaving the block ends it."""
        async with self._websocket("/v1/speak", SPEAK_SUBPROTOCOL) as socket:
            yield LiveSession(socket)

    async def encode(self, pcm: bytes, form: FileFormat, *, title: str = "", voice: str = "") -> bytes:
        """PCM (s16le mono at SAMPLE_RATE_HZ) as a file in the format `form`, with those tags."""
        query = [("format", form), ("title", title), ("voice", voice)]
        target = target_of("/v1/encode", [(name, value) for name, value in query if value])
        request = Request("POST", target, pcm, idle_s=SPEECH_IDLE_S, content_type="application/octet-stream")
        async with self._answer(request) as answer:
            return await answer.read()

    # --- how ---

    async def _call(self, kind: type[T], request: Request, *, also: int = 200) -> T:
        async with self._answer(request, also=also) as answer:
            return _decoded(msgspec.json.Decoder(kind), await answer.read())

    @asynccontextmanager
    async def _answer(self, request: Request, *, also: int = 200) -> AsyncGenerator[Exchange]:
        """The answer to `request`, when its status is 2xx or `also`; else what it says is raised."""
        async with exchange(self.socket, request) as answer:
            if answer.status // 100 != 2 and answer.status != also:
                raise await _error(answer)
            yield answer

    @asynccontextmanager
    async def _websocket(self, target: str, subprotocol: str) -> AsyncGenerator["WebSocket"]:
        # Late, because one command in two needs no WebSocket and wsproto takes 30 ms to import.
        from ttsd.client.websocket import WebSocket, upgrade

        request, token = upgrade(target, subprotocol)
        async with exchange(self.socket, request) as answer:
            if answer.status != 101:
                raise await _error(answer)
            if answer.header("sec-websocket-accept") != token:
                raise Unavailable("what answers on the socket does not speak WebSocket")
            socket = WebSocket(answer)
            try:
                yield socket
            finally:
                await socket.close()


def target_of(path: str, query: Sequence[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _job(job_id: str, rest: str = "") -> str:
    return f"/v1/jobs/{quote(job_id, safe='')}{rest}"


def _lexicon(scope: Scope | None, voice: str | None, more: Sequence[tuple[str, str]] = ()) -> str:
    query = ([("scope", scope)] if scope else []) + ([("voice", voice)] if voice else [])
    return target_of("/v1/lexicon", [*query, *more])


def _speech(target: str, request: SpeechRequest) -> Request:
    return Request("POST", target, msgspec.json.encode(request), idle_s=SPEECH_IDLE_S)


def _decoded(decoder: msgspec.json.Decoder[T], data: str | bytes) -> T:
    try:
        return decoder.decode(data)
    except msgspec.DecodeError as error:
        raise TtsdError(f"the daemon is of another version than this client: {error}") from error


async def _error(answer: Exchange) -> TtsdError:
    """What a refusal says; a body that is not ours still gives its status."""
    body = await answer.read()
    try:
        return raised_from(msgspec.json.decode(body, type=_Failure).error)
    except msgspec.DecodeError:
        text = body[:200].decode("utf-8", "replace").strip()
        return TtsdError(f"the daemon answered with HTTP status {answer.status}" + (f": {text}" if text else ""))
