"""Jobs, their states, and the receipt that lies beside every output."""

import enum
from typing import Annotated, Final, Literal

import msgspec

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.speech import NEUTRAL, Captions, FileFormat, Seed, Speed, Style, VoiceName


class JobState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """No move leads out of it but a retry, which makes the job queued again."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


LEGAL_MOVES: Final[dict[JobState, frozenset[JobState]]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.QUEUED}),
    JobState.SUCCEEDED: frozenset({JobState.QUEUED}),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
}
"""`failed → queued` and `cancelled → queued` are the operator's retry, `succeeded → queued` is a redo."""


class Door(enum.StrEnum):
    """Where a job came in."""

    SPOOL = "spool"
    HTTP = "http"
    BATCH = "batch"


OTHERS_JOB: Final = "another user's job"
"""The title of a job that is `veiled`."""


class JobSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What decides the sound besides the text; `None` means the daemon's default."""

    voice: VoiceName | None = None
    language: str | None = None
    format: FileFormat | None = None
    seed: Seed = 0
    speed: Speed = 1.0
    style: Style = Style()
    captions: Captions | None = None
    takes: dict[int, Seed] = {}
    """Seeds of segments that were redone, by their index."""
    voice_revision: str = ""
    """Of the voice profile that the job was planned with; empty for built-in voices and tables."""


class NewJob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/jobs`."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    voice: VoiceName | None = None
    language: str = ""
    """A code, an English name, or `auto`; empty: the daemon's default."""
    format: FileFormat = "wav"
    seed: Seed = 0
    speed: Speed = 1.0
    style: Style = Style()
    title: str = ""
    door: Literal["http", "batch"] = "http"
    """`batch` waits behind the others."""


class Redo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/jobs/ID/redo`: another take of one segment."""

    segment: Annotated[int, msgspec.Meta(ge=0)]
    """Its `index` in the receipt."""
    seed: Seed | None = None
    """`None`: one that this segment has not had."""


Order = Literal["newest", "oldest", "turn"]
"""Of a listing; `turn`: what runs, then what waits, as it will run unless lanes take turns (see docs/hot-folder.md)."""
Place = Literal["first", "up", "down"]
"""Where a waiting job is moved to: before all others, or past its neighbour of the same user, door and folder."""


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/jobs/ID/move`."""

    to: Place = "first"


class Job(msgspec.Struct, frozen=True):
    """A unit in the queue. Times are Unix seconds; `progress` counts segments."""

    id: str
    door: Door
    state: JobState
    title: str
    """File path below the inbox, or the beginning of the text."""
    settings: JobSettings
    created_s: float
    started_s: float | None = None
    finished_s: float | None = None
    attempts: int = 0
    segments_total: int = 0
    segments_done: int = 0
    audio_s: float = 0.0
    output: str | None = None
    """Absolute path of the finished audio."""
    error: ErrorBody | None = None
    spool: str = ""
    """Name of the spool its file came from; empty: `[spool]`."""
    user: str = ""
    """Who asked for it: `uid 1000` (of a file its owner), `token laptop`, an address, or empty."""
    eta_s: float | None = None
    """Seconds until it is done, by its pace so far; of running jobs."""
    first: bool = False
    """An operator put it before all others."""
    who: str = ""
    """The same `user` by the name of their account, where it has one."""
    veiled: bool = False
    """It is another user's, and all but its place in the queue is kept from who asks."""


class SegmentReceipt(msgspec.Struct, frozen=True):
    """One segment's place in the output; `reused` when its audio came from the clip store.

    `cut_off`: speech would not end, with another seed neither, and was stopped; listen to this one.
    """

    index: int
    text: str
    language: str
    start_s: float
    end_s: float
    reused: bool
    key: str
    cut_off: bool = False
    seed: int = 0
    spoken: str = ""
    """How the text was said, where that is not as it is written."""
    readings: tuple[str, ...] = ()
    """Words with the pronunciation that was asked for, as `word=reading`."""
    lexicon: tuple[str, ...] = ()
    """Entries of lexicons that decided how it was said, as `written=spoken`."""


class ChapterReceipt(msgspec.Struct, frozen=True):
    """A chapter, and where it begins."""

    title: str
    start_s: float


class SlotReceipt(msgspec.Struct, frozen=True):
    """A subtitle, and how its speech fitted into its time."""

    first: int
    """Index of its first segment."""
    start_s: float
    end_s: float
    late_s: float
    """It began so much after its time, because the one before it was still speaking."""
    over_s: float
    """It ended so much after its time."""


class RowReceipt(msgspec.Struct, frozen=True):
    """A row of a table: its file, or why there is none."""

    number: int
    output: str = ""
    """Relative to the outbox; empty where the row failed."""
    first: int = 0
    """Index of its first segment, whose times count from the beginning of its file."""
    count: int = 0
    duration_s: float = 0.0
    voice: str = ""
    error: ErrorBody | None = None
    voice_revision: str = ""
    """Of the voice profile's variant; empty for built-in voices."""


class Receipt(msgspec.Struct, frozen=True):
    """`outbox/<path>.json`: everything needed to make the same audio again."""

    schema_version: Literal[1]
    job: str
    source: str
    source_sha256: str
    output: str
    voice: str
    language: str
    engine: str
    engine_revision: str
    seed: int
    speed: float
    sample_rate_hz: int
    duration_s: float
    segments: tuple[SegmentReceipt, ...]
    created_s: float
    finished_s: float
    queued_ms: float
    ttfa_ms: float
    """From the job's start to its first audio."""
    work_s: float
    rtf: float
    """Seconds of work per second of audio; 0 when everything was reused."""
    provenance: str = "synthetic speech"
    style: Style = NEUTRAL
    title: str = ""
    gain_db: float = 0.0
    """What the whole output was made louder by."""
    loudness_lufs: float | None = None
    """Its loudness after that (EBU R128), less than asked for where peaks forbade more; `None`: not measured."""
    chapters: tuple[ChapterReceipt, ...] = ()
    slots: tuple[SlotReceipt, ...] = ()
    """Of subtitles."""
    rows: tuple[RowReceipt, ...] = ()
    """Of a table; its `output` is the folder of their files."""
    files: tuple[str, ...] = ()
    """All that was published for this source, receipt apart, relative to the outbox."""
    voice_revision: str = ""
    """Of the voice profile's variant; empty for built-in voices."""
    voice_asked: str = ""
    """The profile in whose stead a built-in voice spoke, on an engine that cannot clone."""


class JobPage(msgspec.Struct, frozen=True):
    """Answer of `GET /v1/jobs`: newest first; `next` continues the listing as `?before=`.

    A search looks through so many jobs for one page: it may have few or none, and a `next` all the same.
    """

    jobs: tuple[Job, ...]
    counts: dict[str, int]
    next: str | None = None
    total: int | None = None
    """How many such jobs there are, on all pages; `None`: of a search, whose end was not reached."""
