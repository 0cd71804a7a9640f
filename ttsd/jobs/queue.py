"""The queue: every change of a job's state, and the event that tells of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import PurePath
from typing import Final

from ttsd.bus import Bus
from ttsd.clock import Clock
from ttsd.config import Config, Limits
from ttsd.jobs.ids import new_job_id
from ttsd.log import get_logger
from ttsd.metrics import Metrics
from ttsd.protocol.errors import Busy, Conflict, ErrorBody, NotFound, TtsdError
from ttsd.protocol.events import JobChanged
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Door, Job, JobPage, JobSettings, JobState, NewJob
from ttsd.storage import jobs as sql
from ttsd.storage.database import Database
from ttsd.storage.spool import Spool

TITLE_CHARACTERS: Final = 60
PAGE_LIMIT: Final = 1000

log = get_logger(__name__)


class JobQueue:
    """Owns the jobs' life cycle. What `submit` returned is on disk and survives any crash."""

    def __init__(
        self, database: Database, spool: Spool, bus: Bus, metrics: Metrics, limits: Limits, clock: Clock
    ) -> None:
        self._database = database
        self._spool = spool
        self._bus = bus
        self._metrics = metrics
        self._limits = limits
        self._clock = clock
        self._arrived = asyncio.Event()
        self._waiting = 0
        self.stop_running: Callable[[str], Awaitable[None]] | None = None
        """Set by the dispatcher: ends the work on a job and returns when it has ended."""

    def reload(self, config: Config) -> None:
        """Take over limits that were changed."""
        self._limits = config.limits

    # --- coming in ---

    async def submit(self, new: NewJob, door: Door = Door.HTTP) -> Job:
        """Accept a text. Raises Busy when the queue is full, StorageFull."""
        settings = JobSettings(
            voice=new.voice, language=new.language, format=new.format, seed=new.seed, speed=new.speed
        )
        title = new.title or " ".join(new.text.split())[:TITLE_CHARACTERS]
        row = sql.NewRow(new_job_id(self._clock), door, title, settings, self._clock(), text=new.text)
        return (await self.accept([row]))[0]

    async def accept(self, rows: Sequence[sql.NewRow]) -> list[Job]:
        """Accept jobs, all or none. Raises Busy when the queue is full, StorageFull."""
        if len(rows) > self.room:
            raise Busy(f"{self._waiting} jobs are waiting; at most {self._limits.max_queue} may ([limits] max_queue)")
        self._waiting += len(rows)
        try:
            jobs = await self._database.run(lambda db: sql.insert(db, rows))
        except BaseException:
            self._waiting -= len(rows)
            raise
        for job in jobs:
            self._publish(job)
        self._arrived.set()
        return jobs

    @property
    def room(self) -> int:
        """How many more jobs may wait."""
        return max(0, self._limits.max_queue - self._waiting)

    # --- running ---

    async def claim(self, limit: int) -> list[sql.Claimed]:
        """Wait until at least one job is due, and take up to `limit`, oldest first."""
        while True:
            self._arrived.clear()
            claimed = await self._database.run(lambda db: sql.claim(db, limit, self._clock()))
            if claimed:
                self._waiting -= len(claimed)
                for one in claimed:
                    self._publish(one.job)
                return claimed
            due_s = await self._database.run(sql.next_due_s)
            await self._wait_for_work(None if due_s is None else max(0.05, due_s - self._clock()))

    async def _wait_for_work(self, timeout_s: float | None) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            pass

    async def plan(self, job_id: str, keys: Sequence[str]) -> None:
        """Record the segments of a running job by the keys of their clips."""
        self._published(await self._database.run(lambda db: sql.plan(db, job_id, keys)))

    def segment_done(self, job_id: str, segment: sql.SegmentRow) -> None:
        """Count a finished segment; written before the job can succeed."""

        def work(db: sql.sqlite3.Connection) -> Job | None:
            return sql.finish_segment(db, job_id, segment)

        self._database.post(work, self._published)

    async def succeed(self, job_id: str, output: str, samples: int) -> None:
        """running → succeeded"""
        self._ended(await self._database.run(lambda db: sql.succeed(db, job_id, output, samples, self._clock())))

    async def fail(self, job_id: str, error: ErrorBody) -> None:
        """running → failed"""
        self._ended(await self._database.run(lambda db: sql.fail(db, job_id, error, self._clock())))

    async def requeue(
        self, job_id: str, error: ErrorBody | None, delay_s: float = 0.0, *, counts: bool = False
    ) -> None:
        """running → queued: again after `delay_s`; `counts` as one of the job's own tries."""
        due_s = self._clock() + delay_s
        job = await self._database.run(lambda db: sql.requeue(db, job_id, error, due_s, counts=counts))
        if job is not None:
            self._waiting += 1
            self._published(job)
            self._arrived.set()

    # --- asked by clients ---

    async def cancel(self, job_id: str) -> Job:
        """queued | running → cancelled; a source file goes to `failed/`. Raises NotFound, Conflict."""
        before = await self._get(job_id)
        job = await self._database.run(lambda db: sql.cancel(db, job_id, self._clock()))
        if job is None:
            raise Conflict(
                f"job {job_id} has already {before.job.state}; only a waiting or running job can be cancelled"
            )
        if before.job.state is JobState.QUEUED:
            self._waiting -= 1
        if self.stop_running is not None:
            await self.stop_running(job_id)
        if before.path is not None:
            await asyncio.to_thread(self._spool.fail, job_id, PurePath(before.path), CANCELLED_NOTE)
        self._ended(job)
        return job

    async def retry(self, job_id: str) -> Job:
        """failed | cancelled → queued. Raises NotFound, Conflict when the state or a vanished source forbids it."""
        before = await self._get(job_id)
        if before.job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise Conflict(f"job {job_id} is {before.job.state}; only a failed or cancelled job can be tried again")
        if before.path is not None and not await asyncio.to_thread(self._spool.reclaim, job_id, PurePath(before.path)):
            raise Conflict(f"{before.path} is no longer in {self._spool.failed}; drop it into the inbox again")
        job = await self._database.run(lambda db: sql.retry(db, job_id))
        if job is None:
            raise Conflict(f"job {job_id} has changed meanwhile; look at it again")
        self._waiting += 1
        self._published(job)
        self._arrived.set()
        return job

    async def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        return (await self._get(job_id)).job

    async def page(self, *, states: Sequence[JobState] = (), before: str | None = None, limit: int = 50) -> JobPage:
        """Jobs, newest first."""
        limit = max(1, min(limit, PAGE_LIMIT))
        jobs = await self._database.run(lambda db: sql.page(db, states, before, limit))
        counts = await self.counts()
        tally = {state.value: int(getattr(counts, state.value)) for state in JobState}
        return JobPage(tuple(jobs), tally, jobs[-1].id if len(jobs) == limit else None)

    async def recent(self, limit: int) -> tuple[Job, ...]:
        """The newest jobs, newest first."""
        return tuple(await self._database.run(lambda db: sql.page(db, (), None, limit)))

    async def counts(self) -> QueueStatus:
        """How many jobs are in each state."""
        return await self._database.run(sql.counts)

    # --- after a crash ---

    async def recover(self) -> None:
        """Put what the last daemon left in order: database and work folder agree afterwards. Run before all else."""
        waiting = {one.job.id: one for one in await self._database.run(sql.recover)}
        orphans = {orphan.job: orphan.relative for orphan in await asyncio.to_thread(self._spool.orphans)}
        for job_id, relative in orphans.items():
            if job_id not in waiting:
                await self._settle_orphan(job_id, relative)
        for job_id, one in waiting.items():
            if one.path is not None and job_id not in orphans:
                await self._settle_sourceless(one)
        await asyncio.to_thread(self._spool.sweep, set(waiting) | set(orphans))
        counts = await self.counts()
        self._waiting = counts.queued
        if waiting or orphans:
            log.info("queue.recovered", waiting=counts.queued, adopted=len(orphans.keys() - waiting.keys()))

    async def _settle_orphan(self, job_id: str, relative: PurePath) -> None:
        """A claimed source whose job is unknown is adopted; one whose job has ended is filed away."""
        known = await self._database.run(lambda db: sql.get(db, job_id))
        if known is None:
            row = sql.NewRow(job_id, Door.SPOOL, str(relative), JobSettings(), self._clock(), path=str(relative))
            await self._database.run(lambda db: sql.insert(db, [row]))
        elif known.job.state is JobState.SUCCEEDED:
            await asyncio.to_thread(self._spool.finish, job_id, relative)
        else:
            reason = known.job.error.message if known.job.error else CANCELLED_NOTE
            await asyncio.to_thread(self._spool.fail, job_id, relative, reason)

    async def _settle_sourceless(self, one: sql.Claimed) -> None:
        """A queued job whose source has moved on: the crash came after its end and before the database heard of it."""
        assert one.path is not None
        job_id, relative = one.job.id, PurePath(one.path)
        receipt = await asyncio.to_thread(self._spool.find_receipt, job_id, relative)
        if receipt is not None:
            output = str(self._spool.outbox / receipt.output)
            await self._database.run(lambda db: sql.adopt_finished(db, job_id, output, self._clock()))
            return
        reason = await asyncio.to_thread(self._spool.find_failure, relative)
        body = TtsdError(reason or f"{one.path} has vanished from the work folder; drop it into the inbox again").body()
        await self._database.run(lambda db: sql.adopt_failed(db, job_id, body, self._clock()))

    # --- telling ---

    async def _get(self, job_id: str) -> sql.Claimed:
        found = await self._database.run(lambda db: sql.get(db, job_id))
        if found is None:
            raise NotFound(f"no job {job_id!r}; `ttsd jobs list` shows them")
        return found

    def _ended(self, job: Job | None) -> None:
        if job is not None:
            self._metrics.jobs.labels(job.state.value).inc()
            self._published(job)

    def _published(self, job: Job | None) -> None:
        if job is not None:
            self._publish(job)

    def _publish(self, job: Job) -> None:
        self._bus.publish(JobChanged(seq=0, job=job))


CANCELLED_NOTE: Final = (
    "This job was cancelled.\nMove the file back to the inbox, or run `ttsd jobs retry`, to speak it after all.\n"
)
