"""Orders carried out through the daemon: submitted as jobs, followed, fetched."""

import asyncio
import contextlib
import errno
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ttsd.cli.manifest import Failed, Finished, Manifest, Ordered, Submitted, Unwritable, unwritable
from ttsd.cli.orders import Order
from ttsd.client import TtsdClient
from ttsd.clock import wall
from ttsd.protocol.errors import DaemonUnreachable, NotFound, TtsdError, Unavailable
from ttsd.protocol.events import EventMessage, JobChanged, Snapshot, StoppingEvent, WorkerChanged
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.protocol.jobs import Job, JobState

JOBS_PER_SLOT: Final = 3
"""So many jobs are with the daemon for each slot of its engine: none is ever idle, and the queue stays short."""
USUAL_SLOTS: Final = 4
"""Taken while no engine is loaded."""
AGAIN_S: Final = 0.5
PATIENCE_S: Final = 120.0
"""How long a daemon that went away may take to come back."""
LOOK_EVERY_S: Final = 30.0
"""Whatever the events say, or fail to say, the jobs under way are looked at so often."""
WITHDRAW_S: Final = 5.0
REMEMBERED: Final = 1000
PAGE: Final = 100
EVERYWHERE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""What is wrong with the whole disk, and not with one name."""

T = TypeVar("T")


class Outcome(msgspec.Struct, frozen=True):
    """What became of one order; an empty `error` is success."""

    order: Order
    audio_s: float = 0.0
    error: str = ""


def promising(job: Job) -> bool:
    """Whether it has come to something, or still may."""
    return job.state not in (JobState.FAILED, JobState.CANCELLED)


class Batch:
    """Owns the jobs of one run. Each order ends in one call of `tell`, or the run raises TtsdError."""

    def __init__(
        self, client: TtsdClient, folder: Path, manifest: Manifest, tell: Callable[[Outcome], None],
        warn: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._client = client
        self._folder = folder
        self._manifest = manifest
        self._tell = tell
        self._warn = warn
        self._under_way: dict[str, asyncio.Future[Job]] = {}
        self._waiting: set[str] = set()
        """Jobs under way that no engine has begun."""
        self._ended: OrderedDict[str, Job] = OrderedDict()
        """Jobs of anybody that ended of late: the news may come before the answer to the order."""
        self._connected = asyncio.Event()
        self._told_of_failure = False

    async def run(self, orders: Sequence[Order]) -> None:
        """Carry out all orders. Cancelled, it takes back the jobs that have not begun."""
        status = await self._client.status()
        slots = status.worker.engine.slots if status.worker.engine else USUAL_SLOTS
        lanes = min(JOBS_PER_SLOT * slots, len(orders))
        todo = iter(orders)
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [group.create_task(self._follow()), group.create_task(self._look_now_and_then())]
                await self._connected.wait()
                async with asyncio.TaskGroup() as lane_group:
                    for _ in range(lanes):
                        lane_group.create_task(self._lane(todo))
                for helper in helpers:
                    helper.cancel()
        except asyncio.CancelledError:
            await self._withdraw()
            raise

    async def _lane(self, todo: Iterator[Order]) -> None:
        for order in todo:
            try:
                audio_s = await self._carry_out(order)
            except Unwritable:
                raise
            except TtsdError as error:
                self._manifest.add(Failed(order.file, order.fingerprint, error.message))
                self._tell(Outcome(order, error=error.message))
            else:
                self._tell(Outcome(order, audio_s))

    # --- one order ---

    async def _carry_out(self, order: Order) -> float:
        """From the order to its file; returns its seconds of sound. Raises TtsdError."""
        earlier = await self._earlier(order)
        if earlier is not None:
            with contextlib.suppress(NotFound):  # so old that its sound has been cleared away
                return await self._deliver(order, earlier)
        return await self._deliver(order, await self._submit(order))

    async def _earlier(self, order: Order) -> Job | None:
        """The job of a run before this one, if it may still come to something."""
        entry = self._manifest.latest(order.file, order.fingerprint)
        match entry:
            case Ordered(at_s=at_s):
                return await self._patiently(lambda: self._given(order, at_s))
            case Submitted(job=job_id) | Finished(job=job_id):
                with contextlib.suppress(NotFound):
                    job = await self._patiently(lambda: self._client.job(job_id))
                    return job if promising(job) else None
                return None
            case Failed() | None:
                return None

    async def _submit(self, order: Order) -> Job:
        """Give the order to the daemon, once: when its answer was lost, see first whether it has it."""
        at_s = wall()
        self._manifest.add(Ordered(order.file, order.fingerprint, at_s))
        asked = False

        async def ask() -> Job:
            nonlocal asked
            if asked and (job := await self._given(order, at_s)) is not None:
                return job
            asked = True
            return await self._client.submit(order.job(self._folder))

        job = await self._patiently(ask)
        self._manifest.add(Submitted(order.file, order.fingerprint, job.id))
        return job

    async def _given(self, order: Order, since_s: float) -> Job | None:
        """The job that came of the order since; its title is the file's path, and the folder is ours alone."""
        title, before = order.job(self._folder).title, None
        while True:
            page = await self._client.jobs(before=before, limit=PAGE)
            for job in page.jobs:
                if job.created_s < since_s:
                    return None
                if job.title == title and promising(job):
                    return job
            if page.next is None:
                return None
            before = page.next

    async def _deliver(self, order: Order, job: Job) -> float:
        job = await self._end_of(job)
        if job.state is not JobState.SUCCEEDED:
            raise TtsdError(job.error.message if job.error else f"job {job.id} was {job.state}")
        size = await self._patiently(lambda: self._fetch(job.id, self._folder / order.file))
        self._manifest.add(Finished(order.file, order.fingerprint, job.id, size, job.audio_s))
        return job.audio_s

    async def _fetch(self, job_id: str, path: Path) -> int:
        """The job's sound under a temporary name, then under its own; returns its bytes.

        Not synced: after a power cut, a file of another size than the manifest tells is made again.
        """
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                async with aclosing(self._client.job_audio(job_id)) as audio:
                    async for chunk in audio:
                        file.write(chunk)
                size = file.tell()
            part.replace(path)
        except OSError as error:
            if error.errno in EVERYWHERE:
                raise unwritable(path, error) from error
            raise TtsdError(f"{path}: cannot be written: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        return size

    # --- following ---

    async def _end_of(self, job: Job) -> Job:
        """The job when it has ended. Raises NotFound when the daemon has forgotten it."""
        if job.state.final or job.id in self._ended:
            return self._ended.get(job.id, job)
        end = self._under_way[job.id] = asyncio.get_running_loop().create_future()
        self._heed(job)
        try:
            return await end
        finally:
            del self._under_way[job.id]

    async def _follow(self) -> None:
        """Listen to the daemon, and again when it comes back. Raises TtsdError when it stays away."""
        clock = asyncio.get_running_loop().time
        heard_s = clock()
        while True:
            try:
                async with aclosing(self._client.events()) as events:
                    async for event in events:
                        heard_s = clock()
                        await self._hear(event)
            except (DaemonUnreachable, Unavailable):
                if clock() - heard_s > PATIENCE_S:
                    raise
            self._connected.clear()
            await asyncio.sleep(AGAIN_S)

    async def _hear(self, event: EventMessage) -> None:
        match event:
            case Snapshot():
                self._connected.set()
                self._heed_worker(event.status.worker)
                await self._look()
            case JobChanged(job=job):
                self._heed(job)
            case WorkerChanged(worker=worker):
                self._heed_worker(worker)
            case StoppingEvent():
                self._warn("the daemon is stopping; waiting for it to come back")
            case _:
                pass

    def _heed(self, job: Job) -> None:
        if job.state is JobState.QUEUED and job.id in self._under_way:
            self._waiting.add(job.id)
        else:
            self._waiting.discard(job.id)
        if job.state.final:
            self._ended[job.id] = job
            if len(self._ended) > REMEMBERED:
                self._ended.popitem(last=False)
            end = self._under_way.get(job.id)
            if end is not None and not end.done():
                end.set_result(job)

    def _heed_worker(self, worker: WorkerStatus) -> None:
        if worker.phase is not Phase.FAILED:
            self._told_of_failure = False
        elif not self._told_of_failure:
            self._told_of_failure = True
            self._warn(
                f"the engine cannot speak ({worker.error.message if worker.error else 'see `ttsd status`'}); waiting"
            )

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(DaemonUnreachable, Unavailable):
                await self._look()

    async def _look(self) -> None:
        """Ask for each job under way: events may have been missed."""
        for job_id, end in list(self._under_way.items()):
            try:
                self._heed(await self._client.job(job_id))
            except NotFound as error:
                if not end.done():
                    end.set_exception(error)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer, at last: what passes by itself is waited for, and `_follow` tells when it does not."""
        while True:
            try:
                return await call()
            except (DaemonUnreachable, Unavailable):
                await asyncio.sleep(AGAIN_S)
                await self._connected.wait()

    async def _withdraw(self) -> None:
        """Cancel what has not begun; what is being spoken is ready for the next run."""
        with contextlib.suppress(TimeoutError, TtsdError):
            async with asyncio.timeout(WITHDRAW_S):
                for job_id in self._waiting:
                    await self._client.cancel(job_id)
