"""A claimed job with everything decided: what to say, how, and which files it becomes."""

from pathlib import PurePath

import msgspec

from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.slots import Whose
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.jobs import Door, Job, JobSettings, Receipt
from ttsd.protocol.prep import Prepared, Row
from ttsd.protocol.speech import Captions, FileFormat
from ttsd.storage.spool import Spool


class Source(msgspec.Struct, frozen=True):
    """The file a job came from."""

    spool: Spool
    relative: PurePath
    """Below the inbox."""


class Part(msgspec.Struct, frozen=True):
    """What becomes one file: all segments of a text, or those of a row."""

    first: int
    count: int
    format: FileFormat
    row: Row | None = None
    error: ErrorBody | None = None
    """Why this row cannot be spoken."""

    @property
    def positions(self) -> range:
        """Its segments; none when it cannot be spoken."""
        return range(self.first, self.first if self.error else self.first + self.count)


class Work(msgspec.Struct, frozen=True):
    """See the module."""

    job: Job
    whose: Whose
    settings: JobSettings
    """As the job, its text, its spool and the configuration together have it."""
    source: Source | None
    prepared: Prepared
    parts: tuple[Part, ...]
    voices: tuple[VoiceSettings, ...]
    """Of each segment."""
    keys: tuple[str, ...]
    """Of each segment's clip."""
    slot_starts: dict[int, float]
    """Of subtitles: when the segment that begins one may be heard."""
    captions: Captions
    language: str
    engine: EngineInfo
    last: Receipt | None
    """Of the file's last version."""
    started: float
    """`time.perf_counter()` at the claim."""

    @property
    def is_table(self) -> bool:
        """Whether each part is a row with a file of its own."""
        return bool(self.prepared.rows)

    @property
    def spoken(self) -> list[int]:
        """The segments to be spoken, in order."""
        return [position for part in self.parts for position in part.positions]

    @property
    def title(self) -> str:
        """What players show."""
        if self.source is not None:
            return self.prepared.front_matter.title or self.prepared.title or self.source.relative.stem
        # A batch calls its jobs by where their files will be, which is nobody else's business.
        return self.prepared.segments[0].text if self.job.door is Door.BATCH else self.job.title
