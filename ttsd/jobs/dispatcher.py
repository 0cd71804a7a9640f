"""Which jobs run, and how each ends: done, failed, again later, or cancelled."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import PurePath
from typing import Final

import structlog

from ttsd.config import Config
from ttsd.jobs.ledger import deliveries
from ttsd.jobs.planning import Planner
from ttsd.jobs.production import Production
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.receipts import Made
from ttsd.jobs.recovery import failed_rows
from ttsd.jobs.speaker import Speaker
from ttsd.jobs.turns import Seats
from ttsd.jobs.work import Work
from ttsd.jobs.writer import Writer
from ttsd.log import Guarded, Hindrance, confide, get_logger, quoting, spoken_text
from ttsd.protocol.errors import StorageFull, TtsdError, raised_from
from ttsd.protocol.jobs import Door, Job
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.storage.jobs import Claimed
from ttsd.storage.placing import exhausted

AT_ONCE: Final = 16
"""Jobs under way at once: enough to keep every slot busy while others are read and written."""
CLAIMED_TOGETHER: Final = 4
"""Seats that are filled at once; fewer, only after a moment: a claim costs the same for one job and for four."""
CLAIM_SOON_S: Final = 0.05
FOR_OTHERS: Final = 16
"""And so many more, one for each lane that has none: nobody's note waits for the end of somebody's book."""
BACK_OFF_S: Final = (1.0, 5.0, 15.0, 60.0)
LAST_WORDS_S: Final = 1.0
"""For jobs that have all their sound to be written, when the daemon stops."""
STORAGE_RETRY_S: Final = 5.0
"""How often a job looks whether the disk has room again; it waits as long as it takes."""

log = get_logger(__name__)


class Dispatcher:
    """Owns the tasks of running jobs; ends each in exactly one of succeeded, failed, queued again or cancelled."""

    def __init__(
        self,
        queue: JobQueue,
        speaker: Speaker,
        planner: Planner,
        production: Production,
        writer: Writer,
        config: Config,
    ) -> None:
        self._queue = queue
        self._speaker = speaker
        self._planner = planner
        self._production = production
        self._writer = writer
        self._config = config
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._running: Counter[tuple[str, str]] = Counter()
        """Jobs under way, by user and lane."""
        self._stopping = asyncio.Event()
        self._storage = Hindrance("storage.refuses", "storage.takes_again")
        queue.stop_running = self._stop_one

    @property
    def busy(self) -> bool:
        """Whether any job is under way."""
        return bool(self._tasks)

    def reload(self, config: Config) -> None:
        """Take over what may change at run time; jobs under way keep what they started with."""
        self._config = config
        self._planner.reload(config)
        self._production.reload(config)

    async def run(self) -> None:
        """Run jobs until `stop`."""
        async with asyncio.TaskGroup() as group:
            claiming = group.create_task(self._claim_for_ever(group))
            await self._stopping.wait()
            claiming.cancel()

    async def stop(self, drain_s: float) -> None:
        """Claim no more, begin no segment, let those under way end for `drain_s`; unfinished jobs are queued again.

        What is spoken is kept as clips: they go on from there.
        """
        self._stopping.set()
        self._speaker.slots.hold("stopping", on=True)
        running = list(self._tasks.values())
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_s):
                await self._speaker.slots.background_is_quiet()
                if running:
                    await asyncio.wait(running, timeout=LAST_WORDS_S)
        late = [task for task in running if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        self._writer.close()

    async def _claim_for_ever(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            if not await self._engine_is_ready():
                continue
            for one in await self._queue.claim(lambda: Seats(AT_ONCE, FOR_OTHERS, self._running)):
                seat = (one.job.user, one.lane)
                self._running[seat] += 1
                task = group.create_task(self._run_one(one, group))
                self._tasks[one.job.id] = task
                task.add_done_callback(lambda _task, job_id=one.job.id, seat=seat: self._forget(job_id, seat))

    def _forget(self, job_id: str, seat: tuple[str, str]) -> None:
        del self._tasks[job_id]
        self._running[seat] -= 1
        if not self._running[seat]:
            del self._running[seat]
        if len(self._tasks) <= AT_ONCE - CLAIMED_TOGETHER:
            self._queue.stir()
        else:
            asyncio.get_running_loop().call_later(CLAIM_SOON_S, self._queue.stir)

    async def _engine_is_ready(self) -> bool:
        """Jobs stay queued while no engine can speak them; one that is loaded on demand can."""
        try:
            if not self._speaker.resting:
                await self._speaker.engine()
        except TtsdError:
            await asyncio.sleep(1.0)
            return False
        return True

    async def _stop_one(self, job_id: str) -> None:
        """The job was cancelled: end its task."""
        task = self._tasks.get(job_id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    # --- one job ---

    async def _run_one(self, claimed: Claimed, group: asyncio.TaskGroup) -> None:
        job = claimed.job
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(job=job.id, user=job.who)
        confide(claimed.text)
        try:
            work = await self._planner.plan(claimed)
            confide(*(segment.text for segment in work.prepared.segments))
            output, made = await self._production.make(work, self._width, group)
            await self._conclude(claimed, work, str(output), made)
        except asyncio.CancelledError:
            with suppress(StorageFull):  # then the next start puts it back
                await asyncio.shield(self._queue.requeue(job.id, None))  # does nothing to a job that was cancelled
            raise
        except TtsdError as error:
            await self._settle(claimed, error)
        except Exception as error:
            if (passing := exhausted(error)) is None:
                log.exception("job.crashed")
                passing = TtsdError(f"internal error: {error!r}; the log has the details")
            await self._settle(claimed, passing)

    def _width(self) -> int:
        """How many segments of one job may be under way: its share of the slots, and one waits for the next slot."""
        return max(2, -(-self._speaker.slots.for_background // max(1, len(self._tasks))))

    async def _conclude(self, claimed: Claimed, work: Work, output: str, made: list[Made]) -> None:
        """Everything is made: the job has succeeded, unless rows are missing."""
        job = work.job
        for each in made:
            for whose, used in deliveries(each.timeline, work.voices, work.whose):
                self._speaker.ledger.delivered(whose, used)
        failed = failed_rows([(each.part.row.number, each.error) for each in made if each.part.row is not None])
        if failed is not None:
            await self._fail(claimed, raised_from(failed))
            return
        samples = sum(each.samples for each in made)
        await self._recorded(lambda: self._queue.succeed(job.id, output, samples))
        self._storage.over()
        log.info("job.finished", title=_name(job), audio_s=round(samples / SAMPLE_RATE_HZ, 3))

    # --- what went wrong ---

    async def _settle(self, claimed: Claimed, error: TtsdError) -> None:
        """Try again later what can pass by itself; otherwise the job fails and its source goes to `failed/`."""
        job = claimed.job
        if isinstance(error, StorageFull):
            await self._wait_for_storage(job, error)
        elif error.retryable and job.attempts + 1 < self._config.limits.max_attempts:
            await self._postpone(job, error, BACK_OFF_S[min(job.attempts, len(BACK_OFF_S) - 1)])
        else:
            await self._fail(claimed, error)

    async def _fail(self, claimed: Claimed, error: TtsdError) -> None:
        job = claimed.job
        log.warning("job.failed", title=_name(job), reason=quoting(error.message))
        if claimed.path is not None:
            spool, relative = self._queue.spool(job), PurePath(claimed.path)
            try:
                await asyncio.to_thread(spool.fail, job.id, relative, explanation(job, error))
            except StorageFull as full:
                await self._wait_for_storage(job, full)
                return
        await self._recorded(lambda: self._queue.fail(job.id, error.body()))

    async def _postpone(self, job: Job, error: TtsdError, delay_s: float) -> None:
        log.warning("job.postponed", title=_name(job), reason=quoting(error.message), delay_s=delay_s)
        await self._recorded(lambda: self._queue.requeue(job.id, error.body(), delay_s, counts=True))

    async def _wait_for_storage(self, job: Job, error: StorageFull) -> None:
        """As long as it takes: that is no try of the job's own."""
        self._storage.met(error.message)
        await self._recorded(lambda: self._queue.requeue(job.id, error.body(), STORAGE_RETRY_S))

    async def _recorded(self, change: Callable[[], Awaitable[None]]) -> None:
        """The database hears of what has happened, however long its disk is full."""
        while True:
            try:
                await change()
            except StorageFull as error:
                self._storage.met(error.message)
                await asyncio.sleep(STORAGE_RETRY_S)
            else:
                return


def _name(job: Job) -> str | Guarded:
    """Its file's name; what came in without a file is called by its text's first words."""
    return job.title if job.door is Door.SPOOL else spoken_text(job.title)


def explanation(job: Job, error: TtsdError) -> str:
    """The text beside a failed source: what, where, and how to try again."""
    return (
        f"{job.title} was not spoken.\n\n{error.message}\n\n"
        f"error: {error.code}\njob: {job.id}\n\n"
        f"To try again, mend the cause and move the file back to the inbox, or run: ttsd jobs retry {job.id}\n"
    )
