"""What the app knows of the daemon: a frozen value and a pure `reduce` over what the daemon says."""

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, assert_never

import msgspec
from msgspec.structs import replace

from ttsd.protocol.events import (
    Event,
    EventMessage,
    HealthSampled,
    JobChanged,
    LogEvent,
    Missed,
    QueueChanged,
    Snapshot,
    StoppingEvent,
    VoicesChanged,
    WorkerChanged,
)
from ttsd.protocol.health import HealthSample, QueueStatus, Status, WorkerStatus
from ttsd.protocol.jobs import Job, JobPage
from tui import listing as listings
from tui.listing import Listing, View

if TYPE_CHECKING:
    from ttsd.protocol.history import HealthHistory
    from ttsd.protocol.voices import VoiceList

MAX_JOBS: Final = 2000
MAX_LOG: Final = 5000


class Link(enum.StrEnum):
    """How the app stands with the daemon."""

    SEARCHING = "searching"
    """No daemon has answered yet; it is looked for."""
    UP = "up"
    LOST = "lost"
    """The connection broke or the daemon restarts; it is looked for."""
    STOPPED = "stopped"
    """The daemon said that it stops: only a key connects again, or socket activation would bring it back."""
    STRANGE = "strange"
    """Something answers, but not in our protocol."""


class LinkChanged(msgspec.Struct, frozen=True):
    """From the connection, not from the daemon."""

    link: Link
    note: str = ""
    version: str = ""
    """Of what answers strangely, as far as it tells."""


class JobsViewed(msgspec.Struct, frozen=True):
    """Another list of jobs is wanted."""

    view: View


class JobsRead(msgspec.Struct, frozen=True):
    """A page of `GET /v1/jobs`, by its number in the view's list; of a search, what was found next."""

    view: View
    number: int
    page: JobPage


class StatusRead(msgspec.Struct, frozen=True):
    """`GET /v1/status`: what no event carries (uptime, sessions, exact counts)."""

    status: Status


class VoicesRead(msgspec.Struct, frozen=True):
    """`GET /v1/voices`: asked for at the start, and again when something about them has changed."""

    voices: "VoiceList"


class PastRead(msgspec.Struct, frozen=True):
    """What the daemon remembers of the machine's last `since_s` seconds."""

    since_s: int
    history: "HealthHistory"


Listed = JobsViewed | JobsRead
Read = Listed | StatusRead | PastRead | VoicesRead
Message = EventMessage | LinkChanged | Read

_NO_JOBS: Final[Mapping[str, Job]] = {}
_NO_PAST: Final[Mapping[int, "HealthHistory"]] = {}


class State(msgspec.Struct, frozen=True):
    """Never changed in place; `jobs` is by id."""

    link: Link = Link.SEARCHING
    note: str = ""
    stranger: str = ""
    """Version of a daemon that is not understood; empty when it tells none."""
    seq: int | None = None
    status: Status | None = None
    jobs: Mapping[str, Job] = _NO_JOBS
    """The newest, and all that changed since; the list has others."""
    listing: Listing = Listing()
    log: tuple[LogEvent, ...] = ()
    past: Mapping[int, "HealthHistory"] = _NO_PAST
    """By how many seconds it goes back."""
    voices: "VoiceList | None" = None

    @property
    def worker(self) -> WorkerStatus | None:
        return self.status.worker if self.status else None

    @property
    def queue(self) -> QueueStatus:
        return self.status.queue if self.status else QueueStatus()

    def newest_jobs(self) -> list[Job]:
        """Newest first."""
        return sorted(self.jobs.values(), key=_newness, reverse=True)


def voices_wanted(before: State, after: State, message: Message) -> bool:
    """Whether the list of voices is to be read: when a daemon was found, and when something about them may differ."""
    if isinstance(message, Snapshot | VoicesChanged):
        return True
    engines = [state.worker.engine if state.worker else None for state in (before, after)]
    return engines[0] != engines[1]


def _newness(job: Job) -> tuple[float, str]:
    return job.created_s, job.id


def reduce(state: State, message: Message) -> State:
    """The state after `message`."""
    match message:
        case LinkChanged(link=link, note=note, version=version):
            return replace(state, link=link, note=note, stranger=version)
        case JobsViewed() | JobsRead() | StatusRead() | PastRead() | VoicesRead():
            return _read(state, message)
        case Snapshot():
            return _from_snapshot(state, message)
        case _:
            return replace(_event(state, message), seq=message.seq)


def _read(state: State, message: Read) -> State:
    match message:
        case JobsViewed() | JobsRead():
            return replace(state, listing=_listed(state, message))
        case StatusRead(status=status):
            return replace(state, status=status, listing=listings.counted(state.listing, status.queue))
        case PastRead(since_s=since_s, history=history):
            return replace(state, past={**state.past, since_s: history})
        case VoicesRead(voices=voices):
            return replace(state, voices=voices)


def _listed(state: State, message: Listed) -> Listing:
    if isinstance(message, JobsViewed):
        return listings.begun(message.view, state.newest_jobs(), state.queue)
    if message.view.search:
        return listings.found(state.listing, message.view, message.page)
    return listings.read(state.listing, message.view, message.number, message.page)


def _event(state: State, event: Event) -> State:
    match event:
        case JobChanged(job=job):
            return _job(state, job)
        case QueueChanged(queue=queue):
            state = replace(state, listing=listings.counted(state.listing, queue))
            changed: dict[str, object] = {"queue": queue}
        case WorkerChanged(worker=worker):
            changed = {"worker": worker}
        case StoppingEvent():
            changed = {"stopping": True}
        case HealthSampled(sample=sample):
            return _sample(state, sample)
        case LogEvent():
            return replace(state, log=(*state.log, event)[-MAX_LOG:])
        case Missed() | VoicesChanged():
            return state
        case _:
            assert_never(event)
    return replace(state, status=state.status and replace(state.status, **changed))


def _from_snapshot(state: State, snapshot: Snapshot) -> State:
    """The daemon's word counts; history and older log lines of the same daemon are kept."""
    newest = {job.id: job for job in snapshot.jobs}
    same = state.status is not None and state.status.started_s == snapshot.status.started_s
    return replace(
        state,
        seq=snapshot.seq,
        status=snapshot.status,
        jobs=newest,
        listing=listings.begun(state.listing.view, snapshot.jobs, snapshot.status.queue),
        log=_joined(state.log, snapshot.log) if same else (*state.log, *snapshot.log)[-MAX_LOG:],
        past=state.past if same else _NO_PAST,
    )


def _joined(known: tuple[LogEvent, ...], said: tuple[LogEvent, ...]) -> tuple[LogEvent, ...]:
    last = known[-1].seq if known else -1
    return (*known, *(line for line in said if line.seq > last))[-MAX_LOG:]


def _sample(state: State, sample: HealthSample) -> State:
    return replace(
        state,
        status=state.status and replace(state.status, health=sample),
    )


def _job(state: State, job: Job) -> State:
    """The queue's counts are not kept along: of jobs the app never saw nobody knows where they came from."""
    jobs = dict(state.jobs)
    jobs[job.id] = job
    if len(jobs) > MAX_JOBS:
        _forget_oldest(jobs)
    return replace(state, jobs=jobs, listing=listings.changed(state.listing, job))


def _forget_oldest(jobs: dict[str, Job]) -> None:
    finished = [job for job in jobs.values() if job.state.final]
    for job in sorted(finished, key=_newness)[: MAX_JOBS // 10]:
        del jobs[job.id]
