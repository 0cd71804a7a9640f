"""From a queued job to its audio: claim, prepare, plan, speak, write, finish."""

import asyncio
import time
from pathlib import Path, PurePath
from typing import Final

import msgspec

from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.rendering import Rendering
from ttsd.jobs.speaker import Speaker
from ttsd.jobs.writer import Progress, Spoken, Stores, Work, Writer
from ttsd.log import get_logger
from ttsd.protocol.errors import BadRequest, StorageFull, TtsdError
from ttsd.protocol.jobs import Job, JobSettings
from ttsd.protocol.prep import FrontMatter, Prepared
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.storage.jobs import Claimed, SegmentRow
from ttsd.supervisor.prep import Prep

AT_ONCE: Final = 16
"""Jobs under way at once: enough to keep every slot busy while others are read and written."""
TEXT_SUFFIXES: Final = (".txt", ".md")
BACK_OFF_S: Final = (1.0, 5.0, 15.0, 60.0)
STORAGE_RETRY_S: Final = 5.0
"""How often a job looks whether the disk has room again; it waits as long as it takes."""

log = get_logger(__name__)


class Dispatcher:
    """Owns the tasks of running jobs; ends each in exactly one of succeeded, failed, queued again or cancelled."""

    def __init__(
        self, queue: JobQueue, speaker: Speaker, prep: Prep, stores: Stores, config: Config, clock: Clock
    ) -> None:
        self._queue = queue
        self._speaker = speaker
        self._prep = prep
        self._spool, self._results, self._clips = stores.spool, stores.results, stores.clips
        self._writer = Writer(stores, clock)
        self._config = config
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._stopping = asyncio.Event()
        queue.stop_running = self._stop_one

    def reload(self, config: Config) -> None:
        """Take over what may change at run time; jobs under way keep what they started with."""
        self._config = config

    async def run(self) -> None:
        """Run jobs until `stop`."""
        async with asyncio.TaskGroup() as group:
            claiming = group.create_task(self._claim_for_ever(group))
            await self._stopping.wait()
            claiming.cancel()

    async def stop(self, drain_s: float) -> None:
        """Claim no more, let running jobs finish for `drain_s`, then put the rest back into the queue."""
        self._stopping.set()
        running = list(self._tasks.values())
        if running:
            _, late = await asyncio.wait(running, timeout=drain_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        self._writer.close()

    async def _claim_for_ever(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            await self._room.acquire()
            self._room.release()
            if not await self._engine_is_ready():
                continue
            claimed = await self._queue.claim(self._free())
            for one in claimed:
                await self._room.acquire()
                task = group.create_task(self._run_one(one))
                self._tasks[one.job.id] = task
                task.add_done_callback(lambda _task, job_id=one.job.id: self._forget(job_id))

    def _free(self) -> int:
        return AT_ONCE - len(self._tasks)

    def _forget(self, job_id: str) -> None:
        del self._tasks[job_id]
        self._room.release()

    async def _engine_is_ready(self) -> bool:
        """Jobs stay queued while no engine can speak them."""
        try:
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

    async def _run_one(self, claimed: Claimed) -> None:
        job = claimed.job
        try:
            work = await self._prepare(claimed)
            await self._render(work)
        except asyncio.CancelledError:
            await asyncio.shield(self._queue.requeue(job.id, None))  # does nothing to a job that was cancelled
            raise
        except TtsdError as error:
            await self._settle(claimed, error)
        except Exception as error:
            log.exception("job.crashed", job=job.id)
            await self._settle(claimed, TtsdError(f"internal error: {error!r}; the log has the details"))

    async def _prepare(self, claimed: Claimed) -> Work:
        """Read the text, decide voice and language, and record the plan. Raises TtsdError."""
        started = time.perf_counter()
        job, source = claimed.job, PurePath(claimed.path) if claimed.path is not None else None
        prepared = await self._read(claimed, source)
        settings = merged(job.settings, prepared.front_matter)
        voice = settings.voice or await self._folder_voice(source)
        resolved = await self._speaker.resolve(voice, settings.seed, settings.speed)
        await self._speaker.check_languages(prepared.segments)
        engine = await self._speaker.engine()
        keys = tuple(self._speaker.key(engine, segment, resolved) for segment in prepared.segments)
        await self._queue.plan(job.id, keys)
        return Work(
            job=job,
            source=source,
            prepared=prepared,
            settings=resolved,
            audio_format=settings.format or self._config.output.format,
            language=settings.language or "auto",
            engine=engine,
            keys=keys,
            started=started,
        )

    async def _read(self, claimed: Claimed, source: PurePath | None) -> Prepared:
        if source is None:
            assert claimed.text is not None
            return await self._prep.text(claimed.text, self._speaker.language(claimed.job.settings.language))
        self._spool.check_source(claimed.job.id, source)
        suffix = source.suffix.lower()
        if suffix not in TEXT_SUFFIXES:
            raise BadRequest(
                f"{source.name}: files of this type are not spoken; the inbox takes {' '.join(TEXT_SUFFIXES)}"
            )
        path = self._spool.source(claimed.job.id, source)
        return await self._prep.document(path, suffix, self._speaker.language(None), self._config.limits)

    async def _folder_voice(self, source: PurePath | None) -> str | None:
        """A voice named like the top folder of the file."""
        if source is None or len(source.parts) < 2:
            return None
        engine = await self._speaker.engine()
        return next((voice.name for voice in engine.voices if voice.name == source.parts[0]), None)

    async def _render(self, work: Work) -> None:
        """Speak and write every segment, publish the output, finish the job."""
        job = work.job.id
        scratch = self._spool.scratch(job, "output") if work.source is not None else self._results.scratch(job)
        rendering = Rendering(scratch, work.audio_format)
        try:
            output = await self._speak_all(work, rendering)
        except BaseException:
            rendering.discard()
            raise
        await self._queue.succeed(job, str(output), rendering.samples)
        log.info("job.finished", job=job, title=work.job.title, audio_s=round(rendering.samples / SAMPLE_RATE_HZ, 3))

    async def _speak_all(self, work: Work, rendering: Rendering) -> Path:
        """Speak segment by segment, with one turn of the writer for each; the last one publishes the output too."""
        progress = Progress()
        output: Path | None = None
        for position, (segment, key) in enumerate(zip(work.prepared.segments, work.keys, strict=True)):
            pcm = await asyncio.to_thread(self._clips.get, key) if key in self._clips else None
            reused, cut_off = pcm is not None, False
            if pcm is None:
                began = time.perf_counter()
                pcm, cut_off = await self._speaker.render(segment, work.settings)
                progress.spoke(pcm, time.perf_counter() - began)
            if position == 0:
                progress.ttfa_ms = (time.perf_counter() - work.started) * 1000
            output = await self._writer.keep(rendering, Spoken(work, position, pcm, reused, cut_off), progress)
            self._queue.segment_done(work.job.id, SegmentRow(position, len(pcm) // 2, reused))
        assert output is not None, "a text has at least one segment"
        return output

    # --- what went wrong ---

    async def _settle(self, claimed: Claimed, error: TtsdError) -> None:
        """Try again later what can pass by itself; otherwise the job fails and its source goes to `failed/`."""
        job = claimed.job
        if isinstance(error, StorageFull):
            await self._postpone(job, error, STORAGE_RETRY_S)
        elif error.retryable and job.attempts + 1 < self._config.limits.max_attempts:
            await self._postpone(job, error, BACK_OFF_S[min(job.attempts, len(BACK_OFF_S) - 1)], counts=True)
        else:
            await self._fail(claimed, error)

    async def _fail(self, claimed: Claimed, error: TtsdError) -> None:
        job = claimed.job
        log.warning("job.failed", job=job.id, title=job.title, reason=error.message)
        try:
            if claimed.path is not None:
                await asyncio.to_thread(self._spool.fail, job.id, PurePath(claimed.path), explanation(job, error))
            await self._queue.fail(job.id, error.body())
        except StorageFull as full:
            await self._postpone(job, full, STORAGE_RETRY_S)

    async def _postpone(self, job: Job, error: TtsdError, delay_s: float, *, counts: bool = False) -> None:
        """Back into the queue, however long the disk is full."""
        log.warning("job.postponed", job=job.id, title=job.title, reason=error.message, delay_s=delay_s)
        while True:
            try:
                return await self._queue.requeue(job.id, error.body(), delay_s, counts=counts)
            except StorageFull:
                await asyncio.sleep(STORAGE_RETRY_S)


def merged(settings: JobSettings, front: FrontMatter) -> JobSettings:
    """Front matter decides where it says something; the job's own settings otherwise."""
    said = {
        name: value
        for name in ("voice", "language", "format", "seed", "speed")
        if (value := getattr(front, name)) is not None
    }
    try:
        return msgspec.convert({**msgspec.to_builtins(settings), **said}, JobSettings)
    except msgspec.ValidationError as error:
        raise BadRequest(f"front matter: {error}") from error


def explanation(job: Job, error: TtsdError) -> str:
    """The text beside a failed source: what, where, and how to try again."""
    return (
        f"{job.title} was not spoken.\n\n{error.message}\n\n"
        f"error: {error.code}\njob: {job.id}\n\n"
        f"To try again, mend the cause and move the file back to the inbox, or run: ttsd jobs retry {job.id}\n"
    )
