"""What the app knows of the daemon: a frozen value and a pure `reduce` over what the daemon says."""

import enum
from collections.abc import Mapping
from typing import Final, assert_never

import msgspec
from msgspec.structs import replace

from ttsd.protocol.events import (
    EventMessage,
    HealthSampled,
    JobChanged,
    LogEvent,
    Missed,
    QueueChanged,
    Snapshot,
    StoppingEvent,
    WorkerChanged,
)
from ttsd.protocol.health import HealthSample, QueueStatus, Status, WorkerStatus
from ttsd.protocol.jobs import Job

MAX_JOBS: Final = 2000
MAX_LOG: Final = 5000
MAX_HISTORY: Final = 600
"""Samples: 20 minutes at one every two seconds."""


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


class OlderJobs(msgspec.Struct, frozen=True):
    """A page of the listing, asked for when the list was scrolled to its end."""

    jobs: tuple[Job, ...]
    complete: bool


class StatusRead(msgspec.Struct, frozen=True):
    """`GET /v1/status`: what no event carries (uptime, sessions, exact counts)."""

    status: Status


Message = EventMessage | LinkChanged | OlderJobs | StatusRead

_NO_JOBS: Final[Mapping[str, Job]] = {}


class State(msgspec.Struct, frozen=True):
    """Never changed in place; `jobs` is by id."""

    link: Link = Link.SEARCHING
    note: str = ""
    seq: int | None = None
    status: Status | None = None
    jobs: Mapping[str, Job] = _NO_JOBS
    jobs_complete: bool = False
    log: tuple[LogEvent, ...] = ()
    history: tuple[HealthSample, ...] = ()

    @property
    def worker(self) -> WorkerStatus | None:
        return self.status.worker if self.status else None

    @property
    def queue(self) -> QueueStatus:
        return self.status.queue if self.status else QueueStatus()

    def newest_jobs(self) -> list[Job]:
        """In the order of the list: newest first."""
        return sorted(self.jobs.values(), key=_newness, reverse=True)


def _newness(job: Job) -> tuple[float, str]:
    return job.created_s, job.id


def reduce(state: State, message: Message) -> State:
    """The state after `message`."""
    match message:
        case LinkChanged(link=link, note=note):
            return replace(state, link=link, note=note)
        case OlderJobs(jobs=jobs, complete=complete):
            return replace(state, jobs={job.id: job for job in jobs} | dict(state.jobs), jobs_complete=complete)
        case StatusRead(status=status):
            return replace(state, status=status)
        case Snapshot():
            return _from_snapshot(state, message)
        case _:
            return replace(_event(state, message), seq=message.seq)


def _event(
    state: State, event: JobChanged | QueueChanged | WorkerChanged | HealthSampled | LogEvent | Missed | StoppingEvent
) -> State:
    match event:
        case JobChanged(job=job):
            return _job(state, job)
        case QueueChanged(queue=queue):
            changed: dict[str, object] = {"queue": queue}
        case WorkerChanged(worker=worker):
            changed = {"worker": worker}
        case StoppingEvent():
            changed = {"stopping": True}
        case HealthSampled(sample=sample):
            return _sample(state, sample)
        case LogEvent():
            return replace(state, log=(*state.log, event)[-MAX_LOG:])
        case Missed():
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
        jobs_complete=False,
        log=_joined(state.log, snapshot.log) if same else (*state.log, *snapshot.log)[-MAX_LOG:],
        history=(*state.history, snapshot.status.health)[-MAX_HISTORY:],
    )


def _joined(known: tuple[LogEvent, ...], said: tuple[LogEvent, ...]) -> tuple[LogEvent, ...]:
    last = known[-1].seq if known else -1
    return (*known, *(line for line in said if line.seq > last))[-MAX_LOG:]


def _sample(state: State, sample: HealthSample) -> State:
    return replace(
        state,
        status=state.status and replace(state.status, health=sample),
        history=(*state.history, sample)[-MAX_HISTORY:],
    )


def _job(state: State, job: Job) -> State:
    """The queue's counts are not kept along: of jobs the app never saw nobody knows where they came from."""
    jobs = dict(state.jobs)
    jobs[job.id] = job
    if len(jobs) > MAX_JOBS:
        _forget_oldest(jobs)
    return replace(state, jobs=jobs)


def _forget_oldest(jobs: dict[str, Job]) -> None:
    finished = [job for job in jobs.values() if job.state.final]
    for job in sorted(finished, key=_newness)[: MAX_JOBS // 10]:
        del jobs[job.id]
