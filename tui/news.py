"""What deserves a toast: pure, from the state before and after one message."""

from typing import Literal

import msgspec

from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.protocol.jobs import Job, JobState
from tui.state import Link, State


class Notice(msgspec.Struct, frozen=True):
    text: str
    title: str
    severity: Literal["information", "warning", "error"] = "information"


def news(before: State, after: State) -> list[Notice]:
    """Notices for a change seen live; what a first snapshot already holds is old."""
    if before.status is None or after.status is None or before.link is not Link.UP:
        return []
    return [*_failures(before, after), *_worker(before.status.worker, after.status.worker)]


def _failures(before: State, after: State) -> list[Notice]:
    if before.jobs is after.jobs:
        return []
    failed = [job for job in after.jobs.values() if job.state is JobState.FAILED and _moved(before.jobs.get(job.id))]
    return [
        Notice(job.error.message if job.error else "no reason given", f"{job.title} failed", "error") for job in failed
    ]


def _moved(before: Job | None) -> bool:
    return before is not None and before.state is not JobState.FAILED


def _worker(before: WorkerStatus, after: WorkerStatus) -> list[Notice]:
    if after.phase is Phase.FAILED and before.phase is not Phase.FAILED:
        reason = after.error.message if after.error else after.last_exit or "no reason given"
        return [Notice(reason, "The engine failed", "error")]
    if after.restarts > before.restarts:
        return [Notice(after.last_exit or "no reason given", "The worker was replaced", "warning")]
    if before.phase is Phase.LOADING and after.phase is Phase.READY and after.restarts:
        return [Notice("The engine is loaded again.", "Ready")]
    return []
