"""The queue's SQL: whole statements, each guarded by the state a job must be in."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Door, Job, JobSettings, JobState
from ttsd.protocol.speech import SAMPLE_RATE_HZ


class NewRow(msgspec.Struct, frozen=True):
    """A job about to be accepted: from a file (`path`) or from a request (`text`)."""

    id: str
    door: Door
    title: str
    settings: JobSettings
    created_s: float
    path: str | None = None
    text: str | None = None
    spool: str = ""
    user: str = ""

    @property
    def lane(self) -> str:
        """Lanes take turns: a door, a user, and the top folder of a spool."""
        top, below, _ = (self.path or "").partition("/")
        return f"{self.door}/{self.user}/{self.spool}/{top if below else ''}"


class Claimed(msgspec.Struct, frozen=True):
    """A job that is ours to run, with what a client need not see."""

    job: Job
    path: str | None
    text: str | None
    lane: str = ""


class SegmentRow(msgspec.Struct, frozen=True):
    """One segment's outcome."""

    position: int
    samples: int
    reused: bool


class Head(NamedTuple):
    """A job that may run now, as the choice between lanes sees it."""

    seq: int
    door: Door
    user: str
    lane: str
    created_s: float


class Forgotten(NamedTuple):
    """A job whose row is gone."""

    id: str
    from_file: bool


PAUSED: Final = "paused"
"""The switch of background work."""

_ROW: Final = (
    "seq, id, door, state, title, path, text, settings, attempts, error, "
    "created_s, started_s, finished_s, segments_total, segments_done, samples, output, spool, user, lane"
)


def from_row(row: sqlite3.Row) -> Job:
    """The job a client sees."""
    return Job(
        id=row["id"],
        door=Door(row["door"]),
        state=JobState(row["state"]),
        title=row["title"],
        settings=msgspec.json.decode(row["settings"], type=JobSettings),
        created_s=row["created_s"],
        started_s=row["started_s"],
        finished_s=row["finished_s"],
        attempts=row["attempts"],
        segments_total=row["segments_total"],
        segments_done=row["segments_done"],
        audio_s=row["samples"] / SAMPLE_RATE_HZ,
        output=row["output"],
        error=msgspec.json.decode(row["error"], type=ErrorBody) if row["error"] else None,
        spool=row["spool"],
        user=row["user"],
    )


def _claimed(row: sqlite3.Row) -> Claimed:
    return Claimed(from_row(row), row["path"], row["text"], row["lane"])


def insert(db: sqlite3.Connection, rows: Iterable[NewRow]) -> list[Job]:
    """Accept jobs; one that is there already (adopted twice) is left as it is and not returned."""
    jobs: list[Job] = []
    for new in rows:
        row = db.execute(
            f"""
            INSERT INTO job (id, door, title, path, text, settings, created_s, spool, user, lane)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            RETURNING {_ROW}
            """,  # noqa: S608 — constant columns
            (
                new.id,
                new.door,
                new.title,
                new.path,
                new.text,
                msgspec.json.encode(new.settings).decode(),
                new.created_s,
                new.spool,
                new.user,
                new.lane,
            ),
        ).fetchone()
        if row is not None:
            jobs.append(from_row(row))
    return jobs


def heads(db: sqlite3.Connection, limit: int, now_s: float) -> list[Head]:
    """The first `limit` due jobs of each lane, oldest first; each lane is found by one step in the index."""
    lanes = db.execute(
        """
        WITH RECURSIVE lanes (lane) AS (
            SELECT min(lane) FROM job INDEXED BY job_waiting WHERE state = 'queued'
            UNION ALL
            SELECT (SELECT min(lane) FROM job INDEXED BY job_waiting WHERE state = 'queued' AND lane > lanes.lane)
            FROM lanes WHERE lanes.lane IS NOT NULL
        )
        SELECT lane FROM lanes WHERE lane IS NOT NULL
        """
    ).fetchall()
    return [
        Head(row["seq"], Door(row["door"]), row["user"], lane, row["created_s"])
        for (lane,) in lanes
        for row in db.execute(
            """
            SELECT seq, door, user, created_s FROM job
            WHERE state = 'queued' AND lane = ? AND not_before_s <= ? ORDER BY seq LIMIT ?
            """,
            (lane, now_s, limit),
        )
    ]


def claim(db: sqlite3.Connection, seqs: Sequence[int], now_s: float) -> list[Claimed]:
    """Move these jobs from queued to running; returns those that were still queued, in the order given."""
    marks = ", ".join("?" * len(seqs))
    rows = db.execute(
        f"""
        UPDATE job SET state = 'running', started_s = ?, finished_s = NULL, error = NULL
        WHERE seq IN ({marks}) AND state = 'queued'
        RETURNING {_ROW}
        """,  # noqa: S608 — constant columns and question marks
        (now_s, *seqs),
    ).fetchall()
    return [_claimed(row) for row in sorted(rows, key=lambda row: seqs.index(row["seq"]))]


def next_due_s(db: sqlite3.Connection, now_s: float) -> float | None:
    """When the next queued job comes out of its back-off; `None` when none is in one."""
    query = "SELECT min(not_before_s) FROM job INDEXED BY job_due WHERE state = 'queued' AND not_before_s > ?"
    return db.execute(query, (now_s,)).fetchone()[0]


def plan(db: sqlite3.Connection, job: str, keys: Sequence[str], settings: JobSettings) -> Job | None:
    """Record a running job's segments, replacing those of an earlier try, and its settings."""
    db.execute("DELETE FROM segment WHERE job = ?", (job,))
    row = db.execute(
        f"""
        UPDATE job SET segments_total = ?, segments_done = 0, samples = 0, settings = ?
        WHERE id = ? AND state = 'running'
        RETURNING {_ROW}
        """,  # noqa: S608 — constant columns
        (len(keys), msgspec.json.encode(settings).decode(), job),
    ).fetchone()
    if row is None:
        return None
    db.executemany(
        "INSERT INTO segment (job, position, key) VALUES (?, ?, ?)", [(job, i, k) for i, k in enumerate(keys)]
    )
    return from_row(row)


def finish_segment(db: sqlite3.Connection, job: str, segment: SegmentRow) -> Job | None:
    """Move one segment from pending to done and count it."""
    done = db.execute(
        """
        UPDATE segment SET state = 'done', samples = ?, reused = ?
        WHERE job = ? AND position = ? AND state = 'pending'
        """,
        (segment.samples, segment.reused, job, segment.position),
    ).rowcount
    if not done:
        return None
    row = db.execute(
        f"""
        UPDATE job SET segments_done = segments_done + 1, samples = samples + ?
        WHERE id = ? AND state = 'running'
        RETURNING {_ROW}
        """,  # noqa: S608 — constant columns
        (segment.samples, job),
    ).fetchone()
    return from_row(row) if row else None


def succeed(db: sqlite3.Connection, job: str, output: str, samples: int, now_s: float) -> Job | None:
    """running → succeeded; `samples` is the output's length, pauses included."""
    return _move(
        db,
        """
        UPDATE job SET state = 'succeeded', finished_s = ?, output = ?, samples = ?
        WHERE id = ? AND state = 'running'
        """,
        (now_s, output, samples, job),
    )


def fail(db: sqlite3.Connection, job: str, error: ErrorBody, now_s: float) -> Job | None:
    """running → failed"""
    return _move(
        db,
        """
        UPDATE job SET state = 'failed', finished_s = ?, error = ?, attempts = attempts + 1
        WHERE id = ? AND state = 'running'
        """,
        (now_s, msgspec.json.encode(error).decode(), job),
    )


def requeue(
    db: sqlite3.Connection, job: str, error: ErrorBody | None, not_before_s: float, *, counts: bool = False
) -> Job | None:
    """running → queued, to be tried again; `counts` when it was the job's own try that failed."""
    return _move(
        db,
        """
        UPDATE job SET state = 'queued', not_before_s = ?, error = ?, attempts = attempts + ?
        WHERE id = ? AND state = 'running'
        """,
        (not_before_s, msgspec.json.encode(error).decode() if error else None, counts, job),
    )


def cancel(db: sqlite3.Connection, job: str, now_s: float) -> Job | None:
    """queued | running → cancelled"""
    return _move(
        db,
        "UPDATE job SET state = 'cancelled', finished_s = ? WHERE id = ? AND state IN ('queued', 'running')",
        (now_s, job),
    )


def retry(db: sqlite3.Connection, job: str) -> Job | None:
    """failed | cancelled → queued, with a clean slate"""
    return _move(
        db,
        """
        UPDATE job SET state = 'queued', not_before_s = 0, attempts = 0, error = NULL, output = NULL,
                       started_s = NULL, finished_s = NULL, segments_total = 0, segments_done = 0, samples = 0
        WHERE id = ? AND state IN ('failed', 'cancelled')
        """,
        (job,),
    )


def redo(db: sqlite3.Connection, job: str, settings: JobSettings) -> Job | None:
    """succeeded → queued, with other takes of some segments"""
    return _move(
        db,
        """
        UPDATE job SET state = 'queued', not_before_s = 0, attempts = 0, error = NULL, output = NULL, settings = ?,
                       started_s = NULL, finished_s = NULL, segments_done = 0, samples = 0
        WHERE id = ? AND state = 'succeeded'
        """,
        (msgspec.json.encode(settings).decode(), job),
    )


def recover(db: sqlite3.Connection) -> list[Claimed]:
    """At start: what was running when the last daemon died is queued again; returns all that wait."""
    db.execute("UPDATE job SET state = 'queued', not_before_s = 0 WHERE state = 'running'")
    rows = db.execute(f"SELECT {_ROW} FROM job WHERE state = 'queued' ORDER BY seq").fetchall()  # noqa: S608
    return [_claimed(row) for row in rows]


def adopt_finished(db: sqlite3.Connection, job: str, output: str, now_s: float) -> Job | None:
    """A queued job whose output was complete before the crash: queued → running → succeeded."""
    db.execute("UPDATE job SET state = 'running', started_s = ? WHERE id = ? AND state = 'queued'", (now_s, job))
    return _move(
        db,
        "UPDATE job SET state = 'succeeded', finished_s = ?, output = ? WHERE id = ? AND state = 'running'",
        (now_s, output, job),
    )


def adopt_failed(db: sqlite3.Connection, job: str, error: ErrorBody, now_s: float) -> Job | None:
    """A queued job that had failed before the crash: queued → running → failed."""
    db.execute("UPDATE job SET state = 'running', started_s = ? WHERE id = ? AND state = 'queued'", (now_s, job))
    return fail(db, job, error, now_s)


def get(db: sqlite3.Connection, job: str) -> Claimed | None:
    row = db.execute(f"SELECT {_ROW} FROM job WHERE id = ?", (job,)).fetchone()  # noqa: S608 — constant columns
    return _claimed(row) if row else None


def page(db: sqlite3.Connection, states: Sequence[JobState], before: str | None, limit: int) -> list[Job]:
    """Newest first; `before` is the id of the last job of the page before."""
    marks = ", ".join("?" * len(states))
    rows = db.execute(
        f"""
        SELECT {_ROW} FROM job
        WHERE (? OR state IN ({marks}))
          AND (? IS NULL OR seq < (SELECT seq FROM job WHERE id = ?))
        ORDER BY seq DESC LIMIT ?
        """,  # noqa: S608 — constant columns and question marks
        (not states, *states, before, before, limit),
    ).fetchall()
    return [from_row(row) for row in rows]


def counts(db: sqlite3.Connection) -> QueueStatus:
    tally = {row["state"]: row["jobs"] for row in db.execute("SELECT state, jobs FROM tally")}
    return QueueStatus(**tally, paused=is_on(db, PAUSED))


def waiting(db: sqlite3.Connection) -> dict[str, int]:
    """How many jobs of each user are queued."""
    rows = db.execute("SELECT user, count(*) AS jobs FROM job WHERE state = 'queued' GROUP BY user")
    return {row["user"]: row["jobs"] for row in rows}


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


def switch(db: sqlite3.Connection, name: str, *, on: bool) -> None:
    """Set a switch that survives restarts."""
    db.execute("INSERT INTO switch VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on", (name, on))


def is_on(db: sqlite3.Connection, name: str) -> bool:
    """Whether a switch is set; none is at first."""
    row = db.execute("SELECT is_on FROM switch WHERE name = ?", (name,)).fetchone()
    return bool(row and row[0])


def _move(db: sqlite3.Connection, update: str, values: tuple[object, ...]) -> Job | None:
    """Run a guarded update; `None` when the job was not in a state that allows it."""
    row = db.execute(f"{update} RETURNING {_ROW}", values).fetchone()
    return from_row(row) if row else None
