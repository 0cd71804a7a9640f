"""The queue over HTTP: list, add, look at, cancel, try again, hear."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from ttsd.api.body import decode_json, read_body
from ttsd.api.peer import user
from ttsd.api.services import Services
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TooLarge
from ttsd.protocol.jobs import Job, JobState, NewJob, Redo

PAGE: Final = 50
LARGEST_PAGE: Final = 1000
MEDIA_TYPES: Final = {
    ".wav": "audio/wav",
    ".pcm": "audio/pcm",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
}

_JOB_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RANGE: Final = re.compile(r"bytes=(?P<start>\d{0,18})-(?P<end>\d{0,18})")
_new_job: Final = msgspec.json.Decoder(NewJob)
_redo: Final = msgspec.json.Decoder(Redo)

Handler = Callable[[Request], Awaitable[Response]]


class JobsDoor:
    """Translates between HTTP and the queue; decides nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [
            by_method("/v1/jobs", GET=self.page, POST=self.submit),
            by_method("/v1/jobs/{id}", GET=self.show, DELETE=self.cancel),
            by_method("/v1/jobs/{id}/retry", POST=self.retry),
            by_method("/v1/jobs/{id}/redo", POST=self.redo),
            by_method("/v1/jobs/{id}/audio", GET=self.audio),
            by_method("/v1/queue/pause", POST=self.pause),
            by_method("/v1/queue/resume", POST=self.resume),
        ]

    async def page(self, request: Request) -> Response:
        """`?state=` (again for more states), `?before=` and `?limit=`."""
        query = request.query_params
        page = await self._services.queue.page(
            states=[_state(name) for name in query.getlist("state")],
            before=query.get("before"),
            limit=_limit(query.get("limit")),
        )
        return _json(page)

    async def submit(self, request: Request) -> Response:
        services = self._services
        services.check_open()
        limits = services.config.limits
        new = decode_json(await read_body(request, limits.max_body_bytes), _new_job)
        if len(new.text) > limits.max_document_chars:
            raise TooLarge(
                f"the text has {len(new.text)} characters; at most {limits.max_document_chars} are taken "
                "([limits] max_document_chars)",
                param="text",
            )
        language = services.speaker.language(new.language or None)
        job = await services.queue.submit(msgspec.structs.replace(new, language=language), user(request))
        return _json(job, 201, {"Location": f"/v1/jobs/{job.id}"})

    async def show(self, request: Request) -> Response:
        return _json(await self._services.queue.get(_job_id(request)))

    async def cancel(self, request: Request) -> Response:
        return _json(await self._services.queue.cancel(_job_id(request)))

    async def retry(self, request: Request) -> Response:
        return _json(await self._services.queue.retry(_job_id(request)))

    async def redo(self, request: Request) -> Response:
        """Another take of one segment."""
        self._services.check_open()
        wanted = decode_json(await read_body(request, self._services.config.limits.max_body_bytes), _redo)
        return _json(await self._services.queue.redo(_job_id(request), wanted))

    async def pause(self, _request: Request) -> Response:
        """Hold background work; live sessions and streams go on."""
        return _json(await self._services.queue.pause(on=True))

    async def resume(self, _request: Request) -> Response:
        return _json(await self._services.queue.pause(on=False))

    async def audio(self, request: Request) -> Response:
        """The finished file; one byte range at a time, other ranges are ignored as HTTP allows."""
        job = await self._services.queue.get(_job_id(request))
        path = _output(job)
        try:
            status = await asyncio.to_thread(path.stat)
        except FileNotFoundError:
            raise NotFound(f"the audio of job {job.id} is gone: {path} was moved or deleted") from None
        _tidy_range(request, status)
        media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
        name = f"{job.id}{path.suffix}"
        return FileResponse(path, media_type=media_type, filename=name, stat_result=status)


def by_method(path: str, **handlers: Handler) -> Route:
    """One route for all methods of a path, so that a wrong method is told of all the right ones."""

    async def handle(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, handle, methods=list(handlers))


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")


def _job_id(request: Request) -> str:
    job_id = request.path_params["id"]
    if not _JOB_ID.fullmatch(job_id):
        raise NotFound(f"no job {job_id[:80]!r}")
    return job_id


def _state(name: str) -> JobState:
    try:
        return JobState(name)
    except ValueError:
        allowed = ", ".join(JobState)
        raise BadRequest(f"no job state {name[:80]!r}; there are {allowed}", param="state") from None


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not text.isdecimal() or not 1 <= int(text[:9]) <= LARGEST_PAGE:
        raise BadRequest(f"limit is a number from 1 to {LARGEST_PAGE}", param="limit")
    return int(text)


def _output(job: Job) -> Path:
    if job.state is not JobState.SUCCEEDED or job.output is None:
        raise Conflict(f"job {job.id} is {job.state}: only a succeeded job has audio")
    path = Path(job.output)
    if path.is_dir():
        raise Conflict(f"job {job.id} has a file for each row, in {path}; its receipt beside that folder names them")
    return path


def _tidy_range(request: Request, status: os.stat_result) -> None:
    """Hide a `Range` that cannot be served, so that the whole file is sent and no error of another shape."""
    if not servable(request.headers.get("range", ""), status.st_size):
        request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] != b"range"]


def servable(wanted: str, size: int) -> bool:
    """Whether `wanted` is one byte range that begins inside a file of `size` bytes."""
    found = _RANGE.fullmatch(wanted)
    if found is None:
        return False
    start, end = found["start"], found["end"]
    if not start:
        return bool(end) and int(end) > 0 and size > 0
    return int(start) < size and (not end or int(start) <= int(end))
