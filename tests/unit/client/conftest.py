"""A small daemon of our own on a real Unix socket: it answers as the contract says, and misbehaves on request."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ttsd.client import TtsdClient
from ttsd.protocol.errors import Conflict, EngineNotReady, NotFound, TtsdError
from ttsd.protocol.health import Readiness
from ttsd.protocol.jobs import Door, Job, JobPage, JobSettings, JobState, NewJob
from ttsd.protocol.speech import Ended, SegmentStarted, SpeakError, SpeechRequest, Start, Started


def job(job_id: str, state: JobState = JobState.QUEUED) -> Job:
    return Job(job_id, Door.HTTP, state, "a title", JobSettings(), created_s=1.0)


class StandIn:
    """Remembers what it was asked; `routes` are the contract's, each with one way to go wrong."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.stopped_at: int | None = None
        self.app = Starlette(
            routes=[
                Route("/readyz", self.readyz),
                Route("/v1/status", self.status),
                Route("/v1/jobs", self.jobs, methods=["GET", "POST"]),
                Route("/v1/jobs/{id}", self.job, methods=["GET", "DELETE"]),
                Route("/v1/jobs/{id}/retry", self.retry, methods=["POST"]),
                Route("/v1/jobs/{id}/audio", self.audio),
                Route("/api/tts", self.tts, methods=["POST"]),
                Route("/api/tts_stream", self.tts_stream, methods=["POST"]),
                WebSocketRoute("/v1/speak", self.speak),
                WebSocketRoute("/v1/events", self.events),
            ],
            exception_handlers={TtsdError: self.refuse},
        )

    async def refuse(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, TtsdError)
        return answer({"error": error.body()}, 409)

    async def readyz(self, _request: Request) -> Response:
        return answer(Readiness(ready=False, reason="the engine is loading", retry_after_s=2), 503)

    async def status(self, _request: Request) -> Response:
        return Response("<h1>Bad gateway</h1>", 502)

    async def jobs(self, request: Request) -> Response:
        self.seen.append(f"{request.method} {request.url.query}")
        if request.method == "GET":
            return answer(JobPage((job("b"), job("a")), {"queued": 2}, next="a"))
        new = msgspec.json.decode(await request.body(), type=NewJob)
        return answer(msgspec.structs.replace(job("new"), title=new.text), 201)

    async def job(self, request: Request) -> Response:
        job_id = request.path_params["id"]
        if job_id == "missing":
            raise NotFound("there is no job `missing`", param="id")
        return answer(job(job_id, JobState.CANCELLED if request.method == "DELETE" else JobState.QUEUED))

    async def retry(self, _request: Request) -> Response:
        raise Conflict("the job is still running")

    async def audio(self, _request: Request) -> Response:
        return StreamingResponse(iter([b"RIFF", b"rest"]))

    async def tts(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await request.body(), type=SpeechRequest)
        if wanted.text == "too early":
            raise EngineNotReady("the engine is loading")
        return Response(b"RIFF" + wanted.text.encode())

    async def tts_stream(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await request.body(), type=SpeechRequest)
        return StreamingResponse(self.sound(wanted.text))

    async def sound(self, text: str) -> AsyncIterator[bytes]:
        count = 0
        try:
            while text != "short" or count < 3:
                count += 1
                yield b"\x01\x00" * 100
                await asyncio.sleep(0)
                if text == "breaks" and count == 2:
                    raise ConnectionResetError
        finally:
            self.stopped_at = count

    async def speak(self, socket: WebSocket) -> None:
        self.seen.append(",".join(socket.scope["subprotocols"]))
        await socket.accept(subprotocol="ttsd.speak.v1")
        start = msgspec.json.decode(await socket.receive_text(), type=Start)
        if start.voice == "nobody":
            await tell(socket, SpeakError("unknown_voice", "there is no voice `nobody`"))
            await socket.close(1008, "there is no voice `nobody`")
            return
        await tell(socket, Started("s1"))
        if start.voice == "quitter":
            await socket.close(1012)
            return
        await self.echo(socket)

    async def echo(self, socket: WebSocket) -> None:
        """Says each text as its own bytes; a text `big` as a message far over the usual limits."""
        with_sound = 0
        while True:
            try:
                message = msgspec.json.decode(await socket.receive_text())
            except WebSocketDisconnect:
                self.seen.append("left")
                return
            if message["type"] == "end":
                await tell(socket, Ended(with_sound))
                await socket.close()
                return
            sound = b"\0" * 1_000_000 if message["text"] == "big" else message["text"].encode()
            await tell(socket, SegmentStarted(0, message["text"], with_sound))
            await socket.send_bytes(sound)
            with_sound += len(sound)

    async def events(self, socket: WebSocket) -> None:
        if socket.query_params.get("since") == "9":
            await socket.send_denial_response(answer({"error": Conflict("too many listeners").body()}, 409))
            return
        await socket.accept(subprotocol="ttsd.events.v1")
        await socket.send_text('{"type":"stopping","seq":7,"restart":true}')
        await socket.close(1001)


def answer(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def tell(socket: WebSocket, message: msgspec.Struct) -> None:
    await socket.send_text(msgspec.json.encode(message).decode())


class Quiet(uvicorn.Server):
    """Leaves the test runner's signals alone."""

    def install_signal_handlers(self) -> None: ...


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[StandIn]:
    """Serves on `ttsd.sock` in the test's directory."""
    standing = StandIn()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(tmp_path / "ttsd.sock"))
        server = Quiet(uvicorn.Config(standing.app, log_config=None, lifespan="off", ws="wsproto", http="httptools"))
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            yield standing
            server.should_exit = True


@pytest.fixture
async def client(stand_in: StandIn, tmp_path: Path) -> AsyncIterator[TtsdClient]:
    async with TtsdClient(tmp_path / "ttsd.sock") as client:
        yield client
