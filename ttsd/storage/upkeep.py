"""The queue's SQL for what is done once: putting in order what a crash left, and forgetting what is old."""

import sqlite3
from typing import NamedTuple

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.jobs import Job
from ttsd.storage.jobs import ROW, Claimed, claimed, fail, succeed


class Forgotten(NamedTuple):
    """A job whose row is gone."""

    id: str
    from_file: bool


def recover(db: sqlite3.Connection) -> list[Claimed]:
    """At start: what was running when the last daemon died is queued again; returns all that wait."""
    db.execute("UPDATE job SET state = 'queued', not_before_s = 0 WHERE state = 'running'")
    rows = db.execute(f"SELECT {ROW} FROM job WHERE state = 'queued' ORDER BY seq").fetchall()  # noqa: S608
    return [claimed(row) for row in rows]


def adopt_finished(db: sqlite3.Connection, job: str, output: str, samples: int, now_s: float) -> Job | None:
    """A queued job whose output was complete before the crash: queued → running → succeeded."""
    db.execute("UPDATE job SET state = 'running', started_s = ? WHERE id = ? AND state = 'queued'", (now_s, job))
    return succeed(db, job, output, samples, now_s)


def adopt_failed(db: sqlite3.Connection, job: str, error: ErrorBody, now_s: float) -> Job | None:
    """A queued job that had failed before the crash: queued → running → failed."""
    db.execute("UPDATE job SET state = 'running', started_s = ? WHERE id = ? AND state = 'queued'", (now_s, job))
    return fail(db, job, error, now_s)


def planned(db: sqlite3.Connection) -> dict[str, list[str]]:
    """The keys of the clips that unfinished jobs have planned, by job."""
    found: dict[str, list[str]] = {}
    for job, key in db.execute(
        "SELECT job, key FROM segment JOIN job ON job.id = segment.job WHERE job.state IN ('queued', 'running')"
    ):
        found.setdefault(job, []).append(key)
    return found


def forget(db: sqlite3.Connection, before_s: float, limit: int) -> list[Forgotten]:
    """Remove up to `limit` jobs that ended before then, and their segments."""
    rows = db.execute(
        """
        DELETE FROM job WHERE seq IN (
            SELECT seq FROM job
            WHERE state IN ('succeeded', 'failed', 'cancelled') AND finished_s < ? ORDER BY finished_s LIMIT ?
        )
        RETURNING id, path
        """,
        (before_s, limit),
    ).fetchall()
    return [Forgotten(row["id"], row["path"] is not None) for row in rows]
