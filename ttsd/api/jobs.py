"""The queue over HTTP: list, add, look at, cancel, try again, hear."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from ttsd.api.answers import as_json
from ttsd.api.body import decode_json, read_body, whole
from ttsd.api.peer import asker, user
from ttsd.api.say import check_manages, whose_say
from ttsd.api.services import Services
from ttsd.log import confide, get_logger, spoken_text
from ttsd.protocol.errors import BadRequest, Conflict, Forbidden, NotFound, TooLarge
from ttsd.protocol.jobs import Door, Job, JobState, Move, NewJob, Order, Redo
from ttsd.storage.listing import Wanted
from ttsd.storage.namebook import receipt_of

PAGE: Final = 50
LARGEST_PAGE: Final = 1000
LARGEST_OFFSET: Final = 10_000_000
LONGEST_SEARCH: Final = 200
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
_move: Final = msgspec.json.Decoder(Move)

log = get_logger(__name__)

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
            by_method("/v1/jobs/{id}/move", POST=self.move),
            by_method("/v1/jobs/{id}/receipt", GET=self.receipt),
            by_method("/v1/jobs/{id}/audio", GET=self.audio),
            by_method("/v1/queue/pause", POST=self.pause),
            by_method("/v1/queue/resume", POST=self.resume),
        ]

    async def page(self, request: Request) -> Response:
        """`?state=` (again for more), `?q=` words, `?order=`, `?limit=`, and either `?before=` an id or `?offset=`."""
        query = request.query_params
        wanted = Wanted(
            states=[_state(name) for name in query.getlist("state")],
            words=query.get("q", "")[:LONGEST_SEARCH].split(),
            order=_order(query.get("order", "newest")),
            before=query.get("before"),
            offset=whole(request, "offset", 0, LARGEST_OFFSET, least=0),
            limit=whole(request, "limit", PAGE, LARGEST_PAGE),
        )
        if wanted.words and (wanted.order != "newest" or wanted.offset):
            raise BadRequest("a search goes from the newest job on, by before=; leave order and offset out", param="q")
        sight = await self._services.queue.sight(asker(request))
        page = await self._services.queue.page(
            wanted if sight.all else msgspec.structs.replace(wanted, sees=sight.sees)
        )
        return as_json(msgspec.structs.replace(page, jobs=tuple(map(sight.job, page.jobs))))

    async def submit(self, request: Request) -> Response:
        services = self._services
        services.check_open()
        limits = services.config.limits
        new = decode_json(await read_body(request, limits.max_body_bytes), _new_job)
        confide(new.text, new.title)
        if len(new.text) > limits.max_document_chars:
            raise TooLarge(
                f"the text has {len(new.text)} characters; at most {limits.max_document_chars} are taken "
                "([limits] max_document_chars)",
                param="text",
            )
        language = services.speaker.language(new.language or None)
        with services.spent(user(request), len(new.text)):
            job = await services.queue.submit(msgspec.structs.replace(new, language=language), user(request))
        log.info("job.queued", job=job.id, title=spoken_text(job.title))
        return as_json(job, 201, {"Location": f"/v1/jobs/{job.id}"})

    async def show(self, request: Request) -> Response:
        return as_json(await self._seen(request))

    async def cancel(self, request: Request) -> Response:
        return as_json(await self._services.queue.cancel((await self._own(request)).id))

    async def retry(self, request: Request) -> Response:
        return as_json(await self._services.queue.retry((await self._own(request)).id))

    async def _seen(self, request: Request) -> Job:
        """The job, when it is one that the asker may see. Raises NotFound, which does not tell of others' jobs."""
        queue, who, job_id = self._services.queue, asker(request), _job_id(request)
        try:
            job = await queue.get(job_id)
        except NotFound:
            if who.admin:
                raise
            raise _unseen(job_id) from None
        if not (await queue.sight(who)).sees(job.user, job.door, job.spool):
            raise _unseen(job_id)
        return job

    async def _own(self, request: Request) -> Job:
        """The job, when it is the asker's to change. Raises NotFound, or Forbidden when they may only see it."""
        job, who = await self._seen(request), asker(request)
        if not (who.admin or who.owns(job.user)):
            raise Forbidden(f"job {job.id} is of {job.who or 'nobody'}; {whose_say(self._services.config)}")
        return job

    async def redo(self, request: Request) -> Response:
        """Another take of one segment."""
        self._services.check_open()
        wanted = decode_json(await read_body(request, self._services.config.limits.max_body_bytes), _redo)
        return as_json(await self._services.queue.redo((await self._own(request)).id, wanted))

    async def move(self, request: Request) -> Response:
        """Another turn for a waiting job."""
        wanted = decode_json(await read_body(request, self._services.config.limits.max_body_bytes), _move)
        if wanted.to == "first":
            check_manages(request, self._services.config, "put a job before those of all others")
        return as_json(await self._services.queue.move((await self._own(request)).id, wanted.to))

    async def receipt(self, request: Request) -> Response:
        """What lies beside the output of a file's job."""
        job = await self._seen(request)
        if job.door is not Door.SPOOL:
            raise NotFound(f"job {job.id} did not come from a file; only those have receipts")
        if job.state is not JobState.SUCCEEDED or job.output is None:
            raise Conflict(f"job {job.id} is {job.state}: only a succeeded job has a receipt")
        receipt = await asyncio.to_thread(receipt_of, Path(job.output))
        if receipt is None or receipt.job != job.id:
            raise NotFound(f"the receipt of job {job.id} is gone, or a later job of the same file has written its own")
        return as_json(receipt)

    async def pause(self, request: Request) -> Response:
        """Hold background work; live sessions and streams go on."""
        check_manages(request, self._services.config, "pause the queue")
        return as_json(await self._services.queue.pause(on=True))

    async def resume(self, request: Request) -> Response:
        check_manages(request, self._services.config, "let the queue go on")
        return as_json(await self._services.queue.pause(on=False))

    async def audio(self, request: Request) -> Response:
        """The finished file; one byte range at a time, other ranges are ignored as HTTP allows."""
        job = await self._seen(request)
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


def _job_id(request: Request) -> str:
    job_id = request.path_params["id"]
    if not _JOB_ID.fullmatch(job_id):
        raise NotFound(f"no job {job_id[:80]!r}")
    return job_id


def _unseen(job_id: str) -> NotFound:
    """The same for a job that is not there and for one that is another's."""
    return NotFound(
        f"there is no job {job_id!r} of yours (`ttsd jobs list` shows them); those of others are theirs and the admins'"
    )


def _state(name: str) -> JobState:
    try:
        return JobState(name)
    except ValueError:
        allowed = ", ".join(JobState)
        raise BadRequest(f"no job state {name[:80]!r}; there are {allowed}", param="state") from None


def _order(name: str) -> Order:
    try:
        return msgspec.convert(name, Order)
    except msgspec.ValidationError:
        allowed = ", ".join(get_args(Order))
        raise BadRequest(f"no order {name[:80]!r}; there are {allowed}", param="order") from None


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
