"""From a plan to finished files: segments spoken ahead of their turn, written, encoded, published."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ttsd.audio.tags import wav_info
from ttsd.config import Config
from ttsd.jobs.ahead import Ahead
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.receipts import Made, Progress, chapter_times
from ttsd.jobs.rendering import Rendering, Sound
from ttsd.jobs.speaker import Speaker
from ttsd.jobs.work import Part, Work
from ttsd.jobs.writer import Finished, Writer
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.prep import Encoding, Tags
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, Service
from ttsd.storage.jobs import SegmentRow
from ttsd.storage.stores import Stores
from ttsd.supervisor.prep import Prep

FOUND_AT_ONCE: Final = 16
"""Clips that are read together: most of what one costs is handing it from thread to thread."""


class _Course:
    """A job on its way: its segments in stretches, each of which is found, or made, as one."""

    def __init__(self, work: Work, is_known: Callable[[str], bool]) -> None:
        self.work = work
        self.progress = Progress()
        self.stretches: list[range] = []
        self._of_parts: dict[int, range] = {}
        for part in work.parts:
            first = len(self.stretches)
            self.stretches += stretches(part.positions, lambda position: is_known(work.keys[position]))
            self._of_parts[part.first] = range(first, len(self.stretches))
        self.places = {position: place for place, position in enumerate(work.spoken)}
        """Where each segment stands in the plan."""

    def of(self, part: Part) -> range:
        """The numbers of a part's stretches."""
        return self._of_parts[part.first] if part.positions else range(0)


class Production:
    """Makes what a plan asks for; owns nothing but what is under way."""

    def __init__(
        self, queue: JobQueue, speaker: Speaker, encoder: Prep, stores: Stores, writer: Writer, config: Config
    ) -> None:
        self._queue = queue
        self._speaker = speaker
        self._encoder = encoder
        self._clips = stores.clips
        self._writer = writer
        self._config = config

    def reload(self, config: Config) -> None:
        """Take over what may change at run time."""
        self._config = config

    async def make(self, work: Work, width: Callable[[], int], group: asyncio.TaskGroup) -> tuple[Path, list[Made]]:
        """Speak, write and publish everything, receipt included; `width`: how many segments may be under way at once.

        Rows that cannot be spoken come back with their error. Raises TtsdError.
        """
        self._clips.pin(work.job.id, [work.keys[position] for position in work.spoken])
        course = _Course(work, self._clips.__contains__)
        numbers = range(len(course.stretches))

        async def make(number: int) -> list[Sound]:
            return await self._sounds(work, course.stretches[number])

        async with Ahead(numbers, make, width, self._queue.going, group) as ahead:
            made = [await self._part(course, part, ahead) for part in work.parts]
        self._count(made, course.progress)
        return await self._writer.finish(work, made, course.progress), made

    def _count(self, made: list[Made], progress: Progress) -> None:
        metrics = self._speaker.metrics
        metrics.spoken.labels(Service.BACKGROUND.value).inc(sum(each.samples for each in made) / SAMPLE_RATE_HZ)
        if progress.ttfa_ms:
            metrics.ttfa.labels(Service.BACKGROUND.value).observe(progress.ttfa_ms / 1000)

    async def _sounds(self, work: Work, stretch: range) -> list[Sound]:
        keys = [work.keys[position] for position in stretch]
        known = any(key in self._clips for key in keys)
        found = await asyncio.to_thread(self._found, keys) if known else [None] * len(keys)
        misses = found.count(None)
        self._speaker.looked_up(hits=len(found) - misses, misses=misses)
        return [
            await self._rendered(work, position)
            if pcm is None
            else Sound(pcm, work.keys[position], work.voices[position].seed, reused=True)
            for position, pcm in zip(stretch, found, strict=True)
        ]

    def _found(self, keys: list[str]) -> list[bytes | None]:
        return [self._clips.get(key) for key in keys]

    async def _rendered(self, work: Work, position: int) -> Sound:
        key, voice = work.keys[position], work.voices[position]
        began = time.perf_counter()
        rendered = await self._speaker.render(work.prepared.segments[position], voice, work.whose)
        work_s = time.perf_counter() - began
        # Speech that had to be stopped is not kept: the next one who asks for this text has another chance.
        if not rendered.cut_off:
            await asyncio.to_thread(self._clips.put, key, rendered.pcm)
        return Sound(rendered.pcm, key, voice.seed, reused=False, cut_off=rendered.cut_off, work_s=work_s)

    async def _part(self, course: _Course, part: Part, ahead: Ahead[list[Sound]]) -> Made:
        """A row that fails for good fails alone; anything else ends the job."""
        if part.error is not None:
            return Made(part, error=part.error)
        try:
            return await self._made(course, part, ahead)
        except TtsdError as error:
            if part.row is None or error.retryable:
                raise
            await ahead.skip(course.of(part))
            return Made(part, error=error.body())

    async def _made(self, course: _Course, part: Part, ahead: Ahead[list[Sound]]) -> Made:
        work = course.work
        encoded = part.format not in ("wav", "pcm") or self._config.output.loudness_lufs != 0
        tags = _tags(work, part)
        rendering = Rendering(
            self._writer.scratch(work, part),
            header=encoded or part.format == "wav",
            info=b"" if encoded else wav_info(tags),
        )
        target = self._writer.scratch(work, part, ".encoded")
        try:
            for _ in course.of(part):
                number, sounds = await ahead.next()
                stretch = course.stretches[number]
                course.progress.add(sounds, time.perf_counter() - work.started)
                await self._writer.append(rendering, work, stretch.start, sounds)
                done = [
                    SegmentRow(course.places[position], len(sound.pcm) // BYTES_PER_SAMPLE, sound.reused)
                    for position, sound in zip(stretch, sounds, strict=True)
                ]
                self._queue.segments_done(work.job.id, done)
            if not encoded:
                return await self._writer.publish(work, part, rendering)
            await self._writer.complete(rendering)
            return await self._writer.publish(work, part, await self._encoded(work, part, tags, rendering, target))
        except BaseException:
            with suppress(OSError):
                target.unlink(missing_ok=True)
            raise
        finally:
            rendering.discard()

    async def _encoded(self, work: Work, part: Part, tags: Tags, rendering: Rendering, target: Path) -> Finished:
        wanted = Encoding(
            format=part.format,
            tags=tags,
            chapters=() if work.is_table else chapter_times(work, rendering),
            loudness_lufs=self._config.output.loudness_lufs,
        )
        made = await self._encoder.encode(rendering.path, target, wanted, audio_s=rendering.duration_s)
        reached = None if made.loudness_lufs is None else round(made.loudness_lufs + made.gain_db, 2)
        return Finished(target, tuple(rendering.timeline), rendering.samples, round(made.gain_db, 3), reached)


def stretches(positions: range, is_known: Callable[[int], bool]) -> Iterator[range]:
    """`positions` in their order: neighbours whose clips are there together, all others alone."""
    start = positions.start
    for position in positions:
        known = is_known(position)
        if start < position and (not known or position - start == FOUND_AT_ONCE):
            yield range(start, position)
            start = position
        if not known:
            yield range(position, position + 1)
            start = position + 1
    if start < positions.stop:
        yield range(start, positions.stop)


def _tags(work: Work, part: Part) -> Tags:
    return Tags(
        title=work.title if part.row is None else part.row.name,
        voice=work.voices[part.first].voice if part.count else "",
        album=work.prepared.title if part.row is None else work.title,
        engine=work.engine.name,
    )
