"""Jobs under way at the daemon, followed to their ends, however often it goes away and comes back."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Final, TypeVar

from ttsd.client import TtsdClient
from ttsd.protocol.errors import DaemonUnreachable, NotFound, Unavailable
from ttsd.protocol.events import EventMessage, JobChanged, QueueChanged, Snapshot, StoppingEvent, WorkerChanged
from ttsd.protocol.health import Phase, QueueStatus, WorkerStatus
from ttsd.protocol.jobs import Job, JobState

AGAIN_S: Final = 0.5
PATIENCE_S: Final = 120.0
"""How long a daemon that went away may take to come back."""
LOOK_EVERY_S: Final = 30.0
"""Whatever the events say, or fail to say, the jobs under way are looked at so often."""
REMEMBERED: Final = 1000

T = TypeVar("T")


class Following:
    """Owns the connection to the events; `run` it beside those who wait for jobs."""

    def __init__(self, client: TtsdClient, warn: Callable[[str], None]) -> None:
        self._client = client
        self._warn = warn
        self._warned: set[str] = set()
        self.connected = asyncio.Event()
        self.waiting: set[str] = set()
        """Jobs under way that no engine has begun."""
        self._under_way: dict[str, asyncio.Future[Job]] = {}
        self._ended: OrderedDict[str, Job] = OrderedDict()
        """Jobs of anybody that ended of late: the news may come before the answer to the order."""

    async def end_of(self, job: Job) -> Job:
        """The job when it has ended. Raises NotFound when the daemon has forgotten it."""
        if job.state.final or job.id in self._ended:
            return self._ended.get(job.id, job)
        end = self._under_way[job.id] = asyncio.get_running_loop().create_future()
        self._heed(job)
        try:
            return await end
        finally:
            del self._under_way[job.id]

    async def run(self) -> None:
        """Follow until cancelled. Raises DaemonUnreachable when the daemon stays away for PATIENCE_S."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._look_now_and_then())

    async def _listen(self) -> None:
        """Listen to the daemon, and again when it comes back."""
        clock = asyncio.get_running_loop().time
        heard_s = clock()
        while True:
            try:
                async with aclosing(self._client.events()) as events:
                    async for event in events:
                        heard_s = clock()
                        await self._hear(event)
            except Unavailable:  # it is going down, but it is there
                heard_s = clock()
            except DaemonUnreachable:
                if clock() - heard_s > PATIENCE_S:
                    raise
            self.connected.clear()
            await asyncio.sleep(AGAIN_S)

    async def _hear(self, event: EventMessage) -> None:
        match event:
            case Snapshot():
                self.connected.set()
                self._heed_worker(event.status.worker)
                self._heed_queue(event.status.queue)
                await self._look()
            case JobChanged(job=job):
                self._heed(job)
            case WorkerChanged(worker=worker):
                self._heed_worker(worker)
            case QueueChanged(queue=queue):
                self._heed_queue(queue)
            case StoppingEvent():
                self._warn("the daemon is stopping; waiting for it to come back")
            case _:
                pass

    def _heed(self, job: Job) -> None:
        if job.state is JobState.QUEUED and job.id in self._under_way:
            self.waiting.add(job.id)
        else:
            self.waiting.discard(job.id)
        if job.state.final:
            self._ended[job.id] = job
            if len(self._ended) > REMEMBERED:
                self._ended.popitem(last=False)
            end = self._under_way.get(job.id)
            if end is not None and not end.done():
                end.set_result(job)

    def _heed_worker(self, worker: WorkerStatus) -> None:
        reason = worker.error.message if worker.error else "see `ttsd status`"
        self._warn_once("engine", f"the engine cannot speak, waiting: {reason}", holds=worker.phase is Phase.FAILED)

    def _heed_queue(self, queue: QueueStatus) -> None:
        self._warn_once("queue", "background work is paused, waiting for `ttsd jobs resume`", holds=queue.paused)

    def _warn_once(self, subject: str, message: str, *, holds: bool) -> None:
        """Tell when it begins, not each time it is heard of."""
        if holds and subject not in self._warned:
            self._warned.add(subject)
            self._warn(message)
        elif not holds:
            self._warned.discard(subject)

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

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer, at last: what passes by itself is waited for, and `run` tells when it does not."""
        while True:
            try:
                return await call()
            except (DaemonUnreachable, Unavailable):
                await asyncio.sleep(AGAIN_S)
                await self.connected.wait()
