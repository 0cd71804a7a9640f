"""What deserves a toast: pure, from the state before and after one message."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from ttsd.protocol.events import JobChanged, Snapshot, WorkerChanged
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.protocol.jobs import Job, JobState
from tui.state import Message, State


class Notice(msgspec.Struct, frozen=True):
    text: str
    title: str
    severity: Literal["information", "warning", "error"] = "information"


def news(before: State, after: State, message: Message) -> list[Notice]:
    """Notices for a change seen live; what a first snapshot or an older page holds is old."""
    if before.status is None or after.status is None:
        return []
    match message:
        case JobChanged(job=job):
            return _failures(before, [job])
        case Snapshot(jobs=jobs):
            known = [job for job in jobs if job.id in before.jobs]
            return [*_failures(before, known), *_worker(before.status.worker, after.status.worker)]
        case WorkerChanged(worker=worker):
            return _worker(before.status.worker, worker)
        case _:
            return []


def _failures(before: State, jobs: Iterable[Job]) -> list[Notice]:
    failed = [job for job in jobs if job.state is JobState.FAILED and not _had_failed(before.jobs.get(job.id))]
    return [
        Notice(job.error.message if job.error else "no reason given", f"{job.title} failed", "error") for job in failed
    ]


def _had_failed(job: Job | None) -> bool:
    return job is not None and job.state is JobState.FAILED


def _worker(before: WorkerStatus, after: WorkerStatus) -> list[Notice]:
    if after.phase is Phase.FAILED and before.phase is not Phase.FAILED:
        reason = after.error.message if after.error else after.last_exit or "no reason given"
        return [Notice(reason, "The engine failed", "error")]
    if after.restarts > before.restarts:
        return [Notice(after.last_exit or "no reason given", "The worker was replaced", "warning")]
    if before.phase is Phase.LOADING and after.phase is Phase.READY and after.restarts:
        return [Notice("The engine is loaded again.", "Ready")]
    return []
