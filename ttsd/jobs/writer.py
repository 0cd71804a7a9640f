"""What a running job leaves behind: clips, the growing output, and at the end the output's name and its receipt."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from ttsd.audio.captions import Said, srt, vtt
from ttsd.clock import Clock
from ttsd.jobs.receipts import Made, Progress, receipt, summary
from ttsd.jobs.rendering import Rendering, Sound
from ttsd.jobs.work import Part, Source, Work
from ttsd.protocol.jobs import SegmentReceipt
from ttsd.storage.stores import Stores

T = TypeVar("T")

SUMMARY = "summary.csv"
"""In the folder of a table's files."""


class Finished(msgspec.Struct, frozen=True):
    """A part's file, complete under a hidden name."""

    path: Path
    timeline: tuple[SegmentReceipt, ...]
    samples: int
    gain_db: float = 0.0
    loudness_lufs: float | None = None


class Writer:
    """Owns the one thread that writes for jobs. Several would fight over the interpreter: more CPU, fewer files."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._results = stores.results
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    def close(self) -> None:
        """What is being written is still written."""
        self._thread.shutdown(wait=False)

    def scratch(self, work: Work, part: Part, suffix: str = "") -> Path:
        """A hidden path for a part's file; `suffix` tells several of one part from each other."""
        if work.source is None:
            return self._results.scratch(work.job.id, suffix)
        row = "" if part.row is None else f"-{part.row.number}"
        return work.source.spool.scratch(work.job.id, f"output{row}{suffix}")

    async def append(self, rendering: Rendering, work: Work, first: int, sounds: Sequence[Sound]) -> None:
        """Segments, from `first` on, go into the output. Raises StorageFull."""
        await self._run(lambda: self._append(rendering, work, first, sounds))

    def _append(self, rendering: Rendering, work: Work, first: int, sounds: Sequence[Sound]) -> None:
        for position, sound in enumerate(sounds, first):
            rendering.append(position, work.prepared.segments[position], sound, work.slot_starts.get(position))

    async def complete(self, rendering: Rendering) -> None:
        """The scratch file is whole, and on the disk. Raises StorageFull."""
        await self._run(rendering.close)

    async def publish(self, work: Work, part: Part, whole: Rendering | Finished) -> Made:
        """A part's file gets its name, and its captions lie beside it. Raises StorageFull."""
        return await self._run(lambda: self._publish(work, part, _finished(whole)))

    def _publish(self, work: Work, part: Part, finished: Finished) -> Made:
        suffix = f".{part.format}"
        made = Made(
            part=part,
            timeline=finished.timeline,
            samples=finished.samples,
            gain_db=finished.gain_db,
            loudness_lufs=finished.loudness_lufs,
        )
        if work.source is None:
            output = self._results.publish(work.job.id, suffix, finished.path)
            return msgspec.structs.replace(made, output=str(output))
        spool, relative = work.source.spool, work.source.relative
        if part.row is None:
            output = spool.publish(finished.path, relative, suffix)
        else:
            output = spool.publish_row(finished.path, relative, part.row.name, suffix)
        beside = [
            spool.publish_beside(work.job.id, output, kind, text.encode())
            for kind, text in self._captions(work, finished.timeline)
        ]
        names = tuple(str(path.relative_to(spool.outbox)) for path in (output, *beside))
        return msgspec.structs.replace(made, output=names[0], files=names)

    @staticmethod
    def _captions(work: Work, timeline: Sequence[SegmentReceipt]) -> list[tuple[str, str]]:
        asked, said = work.captions, [Said(each.text, each.start_s, each.end_s) for each in timeline]
        found = [(".srt", srt(said))] if asked in ("srt", "both") else []
        return [*found, (".vtt", vtt(said))] if asked in ("vtt", "both") else found

    async def finish(self, work: Work, made: Sequence[Made], progress: Progress) -> Path:
        """The receipt is written, and the source moves to `done/` unless a row is missing; returns the output.

        Raises StorageFull.
        """
        if work.source is None:
            return Path(made[0].output)
        source = work.source
        return await self._run(lambda: self._finish(work, source, made, progress))

    def _finish(self, work: Work, source: Source, made: Sequence[Made], progress: Progress) -> Path:
        spool, relative, job = source.spool, source.relative, work.job.id
        output = spool.rows_folder(job, relative) if work.is_table else spool.outbox / made[0].output
        if work.is_table:
            listed = spool.publish_beside(job, output / SUMMARY, ".csv", summary(made))
            made = [
                *made[:-1],
                msgspec.structs.replace(made[-1], files=(*made[-1].files, _below(listed, spool.outbox))),
            ]
        told = receipt(work, made, _below(output, spool.outbox), progress, self._clock())
        old = () if work.last is None else work.last.files or (work.last.output,)
        spool.publish_receipt(job, output, told, old=old, new=told.files)
        if not any(each.error for each in made):
            spool.finish(job, relative)
        return output

    async def _run(self, work: Callable[[], T]) -> T:
        """What has begun ends before a cancel is heard: who cancels moves files about."""
        begun = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(begun)
        except asyncio.CancelledError:
            with suppress(Exception):
                await asyncio.shield(begun)
            raise


def _finished(whole: Rendering | Finished) -> Finished:
    if isinstance(whole, Finished):
        return whole
    whole.close()
    return Finished(whole.path, tuple(whole.timeline), whole.samples)


def _below(path: Path, outbox: Path) -> str:
    return str(path.relative_to(outbox))
