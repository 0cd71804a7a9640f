"""The queue: every change of a job's state, and the event that tells of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Final, Protocol, TypeVar

import msgspec

from ttsd.asker import Asker
from ttsd.bus import Bus
from ttsd.clock import Clock
from ttsd.config import Config, Limits
from ttsd.jobs import sources
from ttsd.jobs.ids import new_job_id
from ttsd.jobs.redoing import redone
from ttsd.jobs.room import Room
from ttsd.jobs.sight import Sight
from ttsd.jobs.turns import Seats, Turns, choose
from ttsd.log import get_logger
from ttsd.metrics import Metrics
from ttsd.protocol.errors import Conflict, ErrorBody, NotFound
from ttsd.protocol.events import JobChanged, QueueChanged
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Door, Job, JobPage, JobSettings, JobState, NewJob, Place, Redo
from ttsd.storage import jobs as sql
from ttsd.storage import lanes, listing
from ttsd.storage.database import Database, Work
from ttsd.storage.spool import Spool

TITLE_CHARACTERS: Final = 60

T = TypeVar("T")

log = get_logger(__name__)

Spools = Mapping[str, Spool]
"""By name; `[spool]` has the empty one."""


class Settle(Protocol):
    """As `Database.run`."""

    async def __call__(self, work: Work[T], /) -> T: ...


class JobQueue:
    """Owns the jobs' life cycle. What `submit` returned is on disk and survives any crash."""

    def __init__(
        self, database: Database, spools: Spools, bus: Bus, metrics: Metrics, limits: Limits, clock: Clock
    ) -> None:
        self._database = database
        self._spools = spools
        self._bus = bus
        self._metrics = metrics
        self._room = Room(limits)
        self._clock = clock
        self._stirred = asyncio.Event()
        """Something has changed that may let a job run: one has come, or has ended."""
        self.going = asyncio.Event()
        """Background work is not paused; only `pause` changes it."""
        self.going.set()
        self._turns = Turns()
        self.stop_running: Callable[[str], Awaitable[None]] | None = None
        """Set by the dispatcher: ends the work on a job and returns when it has ended."""
        self.settle: Settle = database.run
        """Runs what ends a job; the ledger writes down in the same transaction what was used."""
        self.when_paused: Callable[[bool], None] = _nothing
        """Told when background work is to begin nothing, or goes on."""
        self.when_ended: Callable[[Job], None] = _nothing
        """Told of each job that needs nothing any more."""

    def reload(self, config: Config) -> None:
        """Take over limits that were changed."""
        self._room.limits = config.limits

    # --- coming in ---

    async def submit(self, new: NewJob, user: str = "") -> Job:
        """Accept a text of `user`. Raises Busy when the queue, or their part of it, is full, and StorageFull."""
        settings = JobSettings(
            voice=new.voice,
            language=new.language,
            format=new.format,
            seed=new.seed,
            speed=new.speed,
            style=new.style,
        )
        title = new.title or _beginning(new.text)
        door = Door(new.door)
        row = sql.NewRow(new_job_id(self._clock), door, title, settings, self._clock(), text=new.text, user=user)
        return (await self.accept([row]))[0]

    async def accept(self, rows: Sequence[sql.NewRow]) -> list[Job]:
        """Accept jobs, all or none. Raises Busy when the queue is full, StorageFull."""
        with self._room.taken(Counter(row.user for row in rows)):
            jobs = await self._database.run(lambda db: sql.insert(db, rows))
        for job in jobs:
            self._publish(job)
        self.stir()
        return jobs

    def room(self, user: str, coming: Counter[str]) -> int:
        """How many more jobs of a user may wait, besides those about to come."""
        return self._room.left(user, coming)

    # --- running ---

    async def claim(self, seats: Callable[[], Seats]) -> list[sql.Claimed]:
        """Wait until a job may run that finds a seat, and take as many as do, in the order of their turns."""
        while True:
            self._stirred.clear()
            await self.going.wait()
            claimed, due_s = await self._taken(seats())
            if claimed:
                return claimed
            await self._wait_for_change(None if due_s is None else max(0.0, due_s - self._clock()))

    async def _taken(self, seats: Seats) -> tuple[list[sql.Claimed], float | None]:
        """The jobs that run from now on, and when the next one comes out of its back-off."""
        claimed, due_s = await self._database.run(lambda db: self._take(db, seats))
        for one in claimed:
            self._room.go(one.job.user)
            self._metrics.job_wait.labels(one.job.door.value).observe(waited_s(one.job))
            self._publish(one.job)
        return claimed, due_s

    def _take(self, db: sql.sqlite3.Connection, seats: Seats) -> tuple[list[sql.Claimed], float | None]:
        """On the database's thread."""
        now_s = self._clock()
        heads = [] if seats.full else lanes.heads(db, seats.most, now_s)
        chosen = choose(heads, seats, self._turns.last, now_s)
        for head in chosen:
            self._turns.take(head.lane)
        claimed = lanes.claim(db, [head.seq for head in chosen], now_s) if chosen else []
        return claimed, lanes.next_due_s(db, now_s)

    def stir(self) -> None:
        """A seat may have become free, or a job have come."""
        self._stirred.set()

    async def _wait_for_change(self, timeout_s: float | None) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._stirred.wait()
        except TimeoutError:
            pass

    async def plan(self, job_id: str, keys: Sequence[str], settings: JobSettings) -> None:
        """Record the segments of a running job by the keys of their clips, and the settings it was decided to have."""
        self._published(await self._database.run(lambda db: sql.plan(db, job_id, keys, settings)))

    def segments_done(self, job_id: str, segments: Sequence[sql.SegmentRow]) -> None:
        """Count finished segments; written before the job can succeed."""

        def work(db: sql.sqlite3.Connection) -> Job | None:
            return sql.finish_segments(db, job_id, segments)

        self._database.post(work, self._published)

    async def succeed(self, job_id: str, output: str, samples: int) -> None:
        """running → succeeded"""
        self._ended(await self.settle(lambda db: sql.succeed(db, job_id, output, samples, self._clock())))

    async def fail(self, job_id: str, error: ErrorBody) -> None:
        """running → failed"""
        self._ended(await self.settle(lambda db: sql.fail(db, job_id, error, self._clock())))

    async def requeue(
        self, job_id: str, error: ErrorBody | None, delay_s: float = 0.0, *, counts: bool = False
    ) -> None:
        """running → queued: again after `delay_s`; `counts` as one of the job's own tries."""
        due_s = self._clock() + delay_s
        job = await self._database.run(lambda db: sql.requeue(db, job_id, error, due_s, counts=counts))
        if job is not None:
            if error is not None:
                self._metrics.job_retried(error.code)
            self._queued_again(job)

    def _queued_again(self, job: Job) -> None:
        self._room.come(job.user)
        self._publish(job)
        self.stir()

    # --- asked by clients ---

    async def cancel(self, job_id: str) -> Job:
        """queued | running → cancelled; a source file goes to `failed/`. Raises NotFound, Conflict."""

        def work(db: sql.sqlite3.Connection) -> tuple[sql.Claimed, Job | None]:
            return _known(sql.get(db, job_id), job_id), sql.cancel(db, job_id, self._clock())

        before, job = await self._database.run(work)  # together: it may be claimed, or put back, at any moment
        if job is None:
            raise Conflict(
                f"job {job_id} has already {before.job.state}; only a waiting or running job can be cancelled"
            )
        if before.job.state is JobState.QUEUED:
            self._room.go(job.user)
        if self.stop_running is not None:
            await self.stop_running(job_id)
        if before.path is not None and (spool := self._spools.get(job.spool)) is not None:
            await asyncio.to_thread(sources.file_cancelled, spool, job_id, PurePath(before.path))
        self._ended(job)
        return job

    async def retry(self, job_id: str) -> Job:
        """failed | cancelled → queued. Raises NotFound, Conflict when the state or a vanished source forbids it."""
        before = await self._get(job_id)
        if before.job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise Conflict(f"job {job_id} is {before.job.state}; only a failed or cancelled job can be tried again")
        if before.path is not None:
            spool, relative = self.spool(before.job), PurePath(before.path)
            if not await asyncio.to_thread(
                sources.take_back, spool, job_id, relative, redone=bool(before.job.settings.takes)
            ):
                raise Conflict(f"{before.path} is no longer in {spool.failed}; drop it into the inbox again")
        job = await self._database.run(lambda db: sql.retry(db, job_id))
        return self._moved(job, job_id)

    async def redo(self, job_id: str, wanted: Redo) -> Job:
        """succeeded → queued: segment `wanted.segment` gets another take, all else stays.

        Raises NotFound, BadRequest for a segment that is not there, Conflict when the state, a later job of the same
        file, or a vanished source forbids it.
        """
        before = await self._get(job_id)
        settings = redone(before.job, wanted)
        if before.path is not None:
            await asyncio.to_thread(sources.check_done, self.spool(before.job), job_id, PurePath(before.path))

        def work(db: sql.sqlite3.Connection) -> Job | None:
            if lanes.is_followed(db, job_id):
                raise Conflict(
                    f"a later version of {before.path} is waiting or being spoken; redo that one when it is done"
                )
            return sql.redo(db, job_id, settings)

        return self._moved(await self._database.run(work), job_id)

    def _moved(self, job: Job | None, job_id: str) -> Job:
        if job is None:
            raise Conflict(f"job {job_id} has changed meanwhile; look at it again")
        self._queued_again(job)
        return job

    async def move(self, job_id: str, to: Place) -> Job:
        """Change a waiting job's turn. Raises NotFound, and Conflict when it does not wait any more."""
        before = await self._get(job_id)
        job = await self._database.run(lambda db: lanes.move(db, job_id, to))
        if job is None:
            raise Conflict(f"job {job_id} is {before.job.state}; only one that waits can be moved")
        self._publish(job)
        self.stir()
        return job

    async def pause(self, *, on: bool) -> QueueStatus:
        """Hold background work, at the end of the segments under way, or let it go on; a restart does not forget."""
        await self._database.run(lambda db: sql.switch(db, sql.PAUSED, on=on))
        self._hold(on=on)
        counts = await self.counts()
        log.info("queue.paused" if on else "queue.resumed", queued=counts.queued, running=counts.running)
        self._bus.publish(QueueChanged(seq=0, queue=counts))
        return counts

    def _hold(self, *, on: bool) -> None:
        self.when_paused(on)
        if on:
            self.going.clear()
        else:
            self.going.set()

    async def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        return self._timed((await self._get(job_id)).job)

    async def page(self, wanted: listing.Wanted) -> JobPage:
        """A page of the jobs."""
        page = await self._database.run(lambda db: listing.page(db, wanted))
        return msgspec.structs.replace(page, jobs=tuple(map(self._timed, page.jobs)))

    async def sight(self, asker: Asker) -> Sight:
        """What `asker` sees of the jobs: also those of spools whose finished files they can read."""
        if asker.admin:
            return Sight(asker)
        return Sight(asker, await asyncio.to_thread(self._readable, asker))

    def _readable(self, asker: Asker) -> frozenset[str]:
        return frozenset(name for name, spool in self._spools.items() if spool.is_open_to(asker.groups))

    @property
    def full(self) -> str:
        """Why no more jobs are taken, from anybody; empty when they are."""
        return self._room.full

    @property
    def waiting(self) -> int:
        """Jobs that wait, without asking the database."""
        return self._room.waiting

    async def counts(self) -> QueueStatus:
        """How many jobs are in each state."""
        return await self._database.run(sql.counts)

    async def load(self) -> None:
        """Read what an earlier daemon left, once it is in order (see `recover`). Before all else."""
        self._room.count(await self._database.run(lanes.waiting))
        self._hold(on=await self._database.run(lambda db: sql.is_on(db, sql.PAUSED)))

    def spool(self, job: Job) -> Spool:
        """The spool a job's file came from. Raises Conflict when the configuration has it no more."""
        if job.spool not in self._spools:
            raise Conflict(f"[spools.{job.spool}] is no longer in the configuration; put it back, or cancel {job.id}")
        return self._spools[job.spool]

    # --- telling ---

    async def _get(self, job_id: str) -> sql.Claimed:
        return _known(await self._database.run(lambda db: sql.get(db, job_id)), job_id)

    def _ended(self, job: Job | None) -> None:
        if job is not None:
            self._metrics.jobs.labels(job.state.value).inc()
            if job.state is JobState.FAILED and job.error is not None:
                self._metrics.job_failed(job.error.code)
            self.when_ended(job)
            self._published(job)
            self.stir()

    def _published(self, job: Job | None) -> None:
        if job is not None:
            self._publish(job)

    def _publish(self, job: Job) -> None:
        self._bus.publish(JobChanged(seq=0, job=self._timed(job)))

    def _timed(self, job: Job) -> Job:
        """With the time it will take, by its pace so far."""
        if job.state is not JobState.RUNNING or not job.segments_done or job.started_s is None:
            return job
        pace_s = (self._clock() - job.started_s) / job.segments_done
        return msgspec.structs.replace(job, eta_s=round(pace_s * (job.segments_total - job.segments_done), 3))


def waited_s(job: Job) -> float:
    """From its acceptance until it runs; of a retry or a redo too."""
    return max(0.0, (job.started_s or job.created_s) - job.created_s)


def _known(found: sql.Claimed | None, job_id: str) -> sql.Claimed:
    """Raises NotFound for a job that is not there."""
    if found is None:
        raise NotFound(f"no job {job_id!r}; `ttsd jobs list` shows them")
    return found


def _nothing(_told: object) -> None:
    pass


def _beginning(text: str) -> str:
    """What a text without a title is called."""
    words = " ".join(text.split())
    return words if len(words) <= TITLE_CHARACTERS else words[: TITLE_CHARACTERS - 1].rstrip() + "…"
