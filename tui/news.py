"""What deserves a toast: pure, from the state before and after one message."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from ttsd.client import VERSION
from ttsd.protocol.events import JobChanged, Snapshot, WorkerChanged
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.protocol.jobs import Job, JobState
from tui.language import t
from tui.state import Message, State
from tui.versions import ADVICE, older


class Notice(msgspec.Struct, frozen=True):
    text: str
    title: str
    severity: Literal["information", "warning", "error"] = "information"


def news(before: State, after: State, message: Message) -> list[Notice]:
    """Notices for a change seen live; what a first snapshot or an older page holds is old."""
    if isinstance(message, Snapshot) and (notice := _version(before, message.status.version)):
        return [notice]
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


def _version(before: State, theirs: str) -> Notice | None:
    """That daemon and app differ: once, until a daemon of yet another version comes."""
    if theirs == VERSION or (before.status and before.status.version == theirs):
        return None
    text = t("The daemon is version {theirs}, this app {ours}.", theirs=theirs, ours=VERSION)
    return Notice(f"{text}\n{t(ADVICE[older(theirs)])}", t("Another version"))


def _failures(before: State, jobs: Iterable[Job]) -> list[Notice]:
    theirs = [job for job in jobs if not job.veiled]
    failed = [job for job in theirs if job.state is JobState.FAILED and not _had_failed(before.jobs.get(job.id))]
    return [
        Notice(job.error.message if job.error else t("no reason given"), t("{title} failed", title=job.title), "error")
        for job in failed
    ]


def _had_failed(job: Job | None) -> bool:
    return job is not None and job.state is JobState.FAILED


def _worker(before: WorkerStatus, after: WorkerStatus) -> list[Notice]:
    if after.phase is Phase.FAILED and before.phase is not Phase.FAILED:
        reason = after.error.message if after.error else after.last_exit or t("no reason given")
        return [Notice(reason, t("The engine failed"), "error")]
    if after.memory.refuses and not before.memory.refuses:
        return [Notice(after.memory.reason, t("No new speech for now"), "warning")]
    if before.memory.refuses and not after.memory.refuses and after.phase is not Phase.STOPPED:
        return [Notice(t("There is memory again."), t("New speech is taken"))]
    if after.restarts > before.restarts:
        return [Notice(after.last_exit or t("no reason given"), t("The worker was replaced"), "warning")]
    if before.phase is Phase.LOADING and after.phase is Phase.READY and after.restarts:
        return [Notice(t("The engine is loaded again."), t("Ready"))]
    return []
