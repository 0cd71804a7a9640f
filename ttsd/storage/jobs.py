"""The queue's SQL: whole statements, each guarded by the state a job must be in."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from ttsd.asker import name_of
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


PAUSED: Final = "paused"
"""The switch of background work."""

ROW: Final = (
    "seq, id, door, state, title, path, text, settings, attempts, error, "
    "created_s, started_s, finished_s, segments_total, segments_done, samples, output, spool, user, lane, is_first"
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
        first=bool(row["is_first"]),
        who=name_of(row["user"]),
    )


def claimed(row: sqlite3.Row) -> Claimed:
    return Claimed(from_row(row), row["path"], row["text"], row["lane"])


def insert(db: sqlite3.Connection, rows: Iterable[NewRow]) -> list[Job]:
    """Accept jobs; one that is there already (adopted twice) is left as it is and not returned."""
    jobs: list[Job] = []
    for new in rows:
        row = db.execute(
            f"""
            INSERT INTO job (id, door, title, path, text, settings, created_s, spool, user, lane, place)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM job))
            ON CONFLICT (id) DO NOTHING
            RETURNING {ROW}
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


def plan(db: sqlite3.Connection, job: str, keys: Sequence[str], settings: JobSettings) -> Job | None:
    """Record a running job's segments, replacing those of an earlier try, and its settings."""
    db.execute("DELETE FROM segment WHERE job = ?", (job,))
    row = db.execute(
        f"""
        UPDATE job SET segments_total = ?, segments_done = 0, samples = 0, settings = ?
        WHERE id = ? AND state = 'running'
        RETURNING {ROW}
        """,  # noqa: S608 — constant columns
        (len(keys), msgspec.json.encode(settings).decode(), job),
    ).fetchone()
    if row is None:
        return None
    db.executemany(
        "INSERT INTO segment (job, position, key) VALUES (?, ?, ?)", [(job, i, k) for i, k in enumerate(keys)]
    )
    return from_row(row)


def finish_segments(db: sqlite3.Connection, job: str, segments: Sequence[SegmentRow]) -> Job | None:
    """Move segments from pending to done and count them; `None` when none was pending."""
    update = "UPDATE segment SET state = 'done', samples = ?, reused = ? WHERE job = ? AND position = ? AND state = ?"
    done = [
        segment.samples
        for segment in segments
        if db.execute(update, (segment.samples, segment.reused, job, segment.position, "pending")).rowcount
    ]
    if not done:
        return None
    return move(
        db,
        """
        UPDATE job SET segments_done = segments_done + ?, samples = samples + ? WHERE id = ? AND state = 'running'
        """,
        (len(done), sum(done), job),
    )


def succeed(db: sqlite3.Connection, job: str, output: str, samples: int, now_s: float) -> Job | None:
    """running → succeeded; `samples` is the output's length, pauses included.

    All its segments are done then, whether or not each could be counted while the disk was full.
    """
    db.execute("UPDATE segment SET state = 'done' WHERE job = ? AND state = 'pending'", (job,))
    return move(
        db,
        """
        UPDATE job SET state = 'succeeded', finished_s = ?, output = ?, samples = ?, segments_done = segments_total
        WHERE id = ? AND state = 'running'
        """,
        (now_s, output, samples, job),
    )


def fail(db: sqlite3.Connection, job: str, error: ErrorBody, now_s: float) -> Job | None:
    """running → failed"""
    return move(
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
    return move(
        db,
        """
        UPDATE job SET state = 'queued', not_before_s = ?, error = ?, attempts = attempts + ?
        WHERE id = ? AND state = 'running'
        """,
        (not_before_s, msgspec.json.encode(error).decode() if error else None, counts, job),
    )


def cancel(db: sqlite3.Connection, job: str, now_s: float) -> Job | None:
    """queued | running → cancelled"""
    return move(
        db,
        "UPDATE job SET state = 'cancelled', finished_s = ? WHERE id = ? AND state IN ('queued', 'running')",
        (now_s, job),
    )


def retry(db: sqlite3.Connection, job: str) -> Job | None:
    """failed | cancelled → queued, with a clean slate"""
    return move(
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
    return move(
        db,
        """
        UPDATE job SET state = 'queued', not_before_s = 0, attempts = 0, error = NULL, output = NULL, settings = ?,
                       started_s = NULL, finished_s = NULL, segments_done = 0, samples = 0
        WHERE id = ? AND state = 'succeeded'
        """,
        (msgspec.json.encode(settings).decode(), job),
    )


def get(db: sqlite3.Connection, job: str) -> Claimed | None:
    row = db.execute(f"SELECT {ROW} FROM job WHERE id = ?", (job,)).fetchone()  # noqa: S608 — constant columns
    return claimed(row) if row else None


def counts(db: sqlite3.Connection) -> QueueStatus:
    tally = {row["state"]: row["jobs"] for row in db.execute("SELECT state, jobs FROM tally")}
    return QueueStatus(**tally, paused=is_on(db, PAUSED))


def asked_since(db: sqlite3.Connection, since_s: float) -> Counter[str]:
    """Characters of the texts that each sent from then on, whatever became of them; files are not counted."""
    found: Counter[str] = Counter()
    # Backwards, as there is no index by time: of a history of a million jobs only these are looked at.
    for row in db.execute("SELECT user, created_s, ifnull(length(text), 0) AS characters FROM job ORDER BY seq DESC"):
        if row["created_s"] < since_s:
            break
        found[row["user"]] += row["characters"]
    return found


def is_on(db: sqlite3.Connection, name: str) -> bool:
    """Whether a switch is set; none is at first."""
    row = db.execute("SELECT is_on FROM switch WHERE name = ?", (name,)).fetchone()
    return bool(row and row[0])


def move(db: sqlite3.Connection, update: str, values: tuple[object, ...]) -> Job | None:
    """Run a guarded update; `None` when the job was not in a state that allows it."""
    row = db.execute(f"{update} RETURNING {ROW}", values).fetchone()
    return from_row(row) if row else None


def switch(db: sqlite3.Connection, name: str, *, on: bool) -> None:
    """Set a switch that survives restarts."""
    db.execute("INSERT INTO switch VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on", (name, on))
