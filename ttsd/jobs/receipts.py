"""What a receipt says, from what was decided and what was made. Pure."""

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest

import msgspec

from ttsd.audio.pcm import duration_s
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.rendering import Rendering, Sound
from ttsd.jobs.work import Part, Work
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.jobs import ChapterReceipt, Receipt, RowReceipt, SegmentReceipt, SlotReceipt
from ttsd.protocol.prep import ChapterTime
from ttsd.protocol.speech import SAMPLE_RATE_HZ


class Progress:
    """Counts of one job under way."""

    def __init__(self) -> None:
        self.ttfa_ms = 0.0
        self.work_s = 0.0
        self.fresh_s = 0.0

    def add(self, sounds: Sequence[Sound], since_start_s: float) -> None:
        """More sound is there."""
        self.ttfa_ms = self.ttfa_ms or since_start_s * 1000
        for sound in sounds:
            if not sound.reused:
                self.work_s += sound.work_s
                self.fresh_s += duration_s(len(sound.pcm))


class Made(msgspec.Struct, frozen=True):
    """A part's file, published."""

    part: Part
    output: str = ""
    """Relative to the outbox."""
    timeline: tuple[SegmentReceipt, ...] = ()
    samples: int = 0
    gain_db: float = 0.0
    loudness_lufs: float | None = None
    files: tuple[str, ...] = ()
    """The output, and what lies beside it."""
    error: ErrorBody | None = None


def receipt(work: Work, made: Sequence[Made], output: str, progress: Progress, finished_s: float) -> Receipt:
    """The receipt of a job that came from a file."""
    job, settings = work.job, work.settings
    assert work.source is not None
    segments = tuple(segment for each in made for segment in each.timeline)
    return Receipt(
        schema_version=1,
        job=job.id,
        source=str(work.source.relative),
        source_sha256=work.prepared.sha256,
        output=output,
        voice=work.voices[0].voice if work.voices else settings.voice or "",
        language=work.language,
        engine=work.engine.name,
        engine_revision=work.engine.revision,
        seed=settings.seed,
        speed=settings.speed,
        style=settings.style,
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_s=round(sum(each.samples for each in made) / SAMPLE_RATE_HZ, 6),
        segments=segments,
        created_s=job.created_s,
        finished_s=finished_s,
        queued_ms=round(max(0.0, (job.started_s or finished_s) - job.created_s) * 1000, 3),
        ttfa_ms=round(progress.ttfa_ms, 3),
        work_s=round(progress.work_s, 6),
        rtf=round(progress.work_s / progress.fresh_s, 6) if progress.fresh_s else 0.0,
        title=work.title,
        gain_db=0.0 if work.is_table or not made else made[0].gain_db,
        loudness_lufs=None if work.is_table or not made else made[0].loudness_lufs,
        chapters=chapters(work, segments),
        slots=slots(work, segments),
        rows=tuple(_row(work, each) for each in made) if work.is_table else (),
        files=tuple(name for each in made for name in each.files),
        voice_revision=work.voices[0].revision if work.voices else "",
        voice_asked=work.voices[0].stands_for if work.voices else "",
    )


def chapters(work: Work, timeline: Sequence[SegmentReceipt]) -> tuple[ChapterReceipt, ...]:
    """Where each chapter begins."""
    starts = {segment.index: segment.start_s for segment in timeline}
    return tuple(
        ChapterReceipt(chapter.title, starts[chapter.first])
        for chapter in work.prepared.chapters
        if chapter.first in starts
    )


def chapter_times(work: Work, rendering: Rendering) -> tuple[ChapterTime, ...]:
    """The chapters of a file, each up to the next one; the first one from the beginning."""
    found = chapters(work, rendering.timeline)
    starts = [0.0, *(chapter.start_s for chapter in found[1:])]
    ends = [*starts[1:], rendering.duration_s]
    return tuple(
        ChapterTime(chapter.title, start, end)
        for chapter, start, end in zip(found, starts[: len(found)], ends[-len(found) :] if found else [], strict=True)
        if end > start
    )


def slots(work: Work, timeline: Sequence[SegmentReceipt]) -> tuple[SlotReceipt, ...]:
    """How the speech of each subtitle fitted into its time."""
    given = work.prepared.slots
    spoken = {segment.index: segment for segment in timeline}
    found: list[SlotReceipt] = []
    for slot, following in zip_longest(given, given[1:]):
        last = (len(work.voices) if following is None else following.first) - 1
        late_s, over_s = spoken[slot.first].start_s - slot.start_s, spoken[last].end_s - slot.end_s
        found.append(SlotReceipt(slot.first, slot.start_s, slot.end_s, _excess(late_s), _excess(over_s)))
    return tuple(found)


def _excess(seconds: float) -> float:
    return max(0.0, round(seconds, 3))


def _row(work: Work, made: Made) -> RowReceipt:
    row = made.part.row
    assert row is not None
    voice = work.voices[row.first] if row.count else VoiceSettings(row.voice or "")
    return RowReceipt(
        number=row.number,
        output=made.output,
        first=row.first,
        count=row.count,
        duration_s=round(made.samples / SAMPLE_RATE_HZ, 6),
        voice=voice.voice,
        error=made.error,
        voice_revision=voice.revision,
    )


def summary(made: Sequence[Made]) -> bytes:
    """A table's outcome as CSV: row, file, seconds, error."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("row", "file", "duration_s", "error"))
    for each in made:
        assert each.part.row is not None
        duration = f"{each.samples / SAMPLE_RATE_HZ:.3f}" if each.output else ""
        writer.writerow((each.part.row.number, each.output, duration, each.error.message if each.error else ""))
    return text.getvalue().encode()
