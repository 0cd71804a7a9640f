"""What a running job leaves behind: clips, the growing output, and at the end the output's name and its receipt."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath
from typing import NamedTuple

import msgspec

from ttsd.audio.pcm import duration_s
from ttsd.clock import Clock
from ttsd.jobs.rendering import Rendering
from ttsd.jobs.speaker import VoiceSettings
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.jobs import Job, Receipt
from ttsd.protocol.prep import Prepared
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.storage.clips import Clips
from ttsd.storage.results import Results
from ttsd.storage.spool import Spool


class Work(msgspec.Struct, frozen=True):
    """A claimed job with everything decided: what to say, how, and the keys of its clips."""

    job: Job
    source: PurePath | None
    prepared: Prepared
    settings: VoiceSettings
    audio_format: str
    language: str
    engine: EngineInfo
    keys: tuple[str, ...]
    started: float
    """`time.perf_counter()` at the claim."""


class Stores(msgspec.Struct, frozen=True):
    """Where sources come from and audio goes to."""

    spool: Spool
    results: Results
    clips: Clips


class Spoken(NamedTuple):
    """One segment's sound."""

    work: Work
    position: int
    pcm: bytes
    reused: bool
    cut_off: bool


class Progress:
    """Counts of one job under way."""

    def __init__(self) -> None:
        self.ttfa_ms = 0.0
        self.work_s = 0.0
        self.fresh_s = 0.0

    def spoke(self, pcm: bytes, work_s: float) -> None:
        """A segment was made now, not found."""
        self.work_s += work_s
        self.fresh_s += duration_s(len(pcm))


class Writer:
    """Owns the one thread that writes for jobs. Several would fight over the interpreter: more CPU, fewer files."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._spool, self._results, self._clips = stores.spool, stores.results, stores.clips
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    def close(self) -> None:
        """What is being written is still written."""
        self._thread.shutdown(wait=False)

    async def keep(self, rendering: Rendering, spoken: Spoken, progress: Progress) -> Path | None:
        """A segment goes to the clip store and into the output; the output's path after the last one.

        Raises StorageFull.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._keep, rendering, spoken, progress)

    def _keep(self, rendering: Rendering, spoken: Spoken, progress: Progress) -> Path | None:
        segment, key = spoken.work.prepared.segments[spoken.position], spoken.work.keys[spoken.position]
        # Speech that had to be stopped is not kept: the next one who asks for this text has another chance.
        if not spoken.reused and not spoken.cut_off:
            self._clips.put(key, spoken.pcm)
        rendering.append(segment, key, spoken.pcm, reused=spoken.reused, cut_off=spoken.cut_off)
        last = spoken.position == len(spoken.work.keys) - 1
        return self._publish(spoken.work, rendering, progress) if last else None

    def _publish(self, work: Work, rendering: Rendering, progress: Progress) -> Path:
        """The finished file gets its name, then its receipt, then the source is filed."""
        rendering.close()
        job, suffix = work.job.id, f".{work.audio_format}"
        if work.source is None:
            return self._results.publish(job, suffix)
        output = self._spool.publish(rendering.path, work.source, suffix)
        self._spool.publish_receipt(job, output, self._receipt(work, rendering, progress, output))
        self._spool.finish(job, work.source)
        return output

    def _receipt(self, work: Work, rendering: Rendering, progress: Progress, output: Path) -> Receipt:
        now_s = self._clock()
        return Receipt(
            schema_version=1,
            job=work.job.id,
            source=str(work.source),
            source_sha256=work.prepared.sha256,
            output=str(output.relative_to(self._spool.outbox)),
            voice=work.settings.voice,
            language=work.language,
            engine=work.engine.name,
            engine_revision=work.engine.revision,
            seed=work.settings.seed,
            speed=work.settings.speed,
            sample_rate_hz=SAMPLE_RATE_HZ,
            duration_s=round(rendering.samples / SAMPLE_RATE_HZ, 6),
            segments=tuple(rendering.timeline),
            created_s=work.job.created_s,
            finished_s=now_s,
            queued_ms=round(((work.job.started_s or now_s) - work.job.created_s) * 1000, 3),
            ttfa_ms=round(progress.ttfa_ms, 3),
            work_s=round(progress.work_s, 6),
            rtf=round(progress.work_s / progress.fresh_s, 6) if progress.fresh_s else 0.0,
        )
