"""The queue's SQL for what waits: the heads of its lanes, claims, and back-offs."""

import math
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from ttsd.protocol.jobs import Door, Job, Place
from ttsd.storage.jobs import ROW, Claimed, claimed, from_row

LONGEST_WAIT_S: Final = 600.0
"""No back-off is longer; one that seems to be was set before the wall clock went back, and counts as over."""


class Head(NamedTuple):
    """A job that may run now, as the choice between lanes sees it."""

    seq: int
    door: Door
    user: str
    lane: str
    created_s: float
    is_first: bool = False
    """An operator put it before all others; among those, the lower `place` goes first."""
    place: int = 0


def heads(db: sqlite3.Connection, limit: int, now_s: float) -> list[Head]:
    """The first `limit` due jobs of each lane, in their order; each lane is found by one step in the index.

    A file's job waits until those of its earlier versions are over, and whichever of them is running.
    """
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
        Head(row["seq"], Door(row["door"]), row["user"], lane, row["created_s"], bool(row["is_first"]), row["place"])
        for (lane,) in lanes
        for row in db.execute(
            """
            SELECT seq, door, user, created_s, is_first, place FROM job
            WHERE state = 'queued' AND lane = ? AND not_before_s NOT BETWEEN ? AND ? AND NOT EXISTS (
                SELECT 1 FROM job AS other INDEXED BY job_source
                WHERE other.path = job.path AND other.spool = job.spool AND other.state IN ('queued', 'running')
                  AND (other.seq < job.seq OR (other.seq > job.seq AND other.state = 'running'))
            )
            ORDER BY is_first DESC, place, seq LIMIT ?
            """,
            (lane, math.nextafter(now_s, math.inf), now_s + LONGEST_WAIT_S, limit),
        )
    ]


def claim(db: sqlite3.Connection, seqs: Sequence[int], now_s: float) -> list[Claimed]:
    """Move these jobs from queued to running; returns those that were still queued, in the order given."""
    marks = ", ".join("?" * len(seqs))
    rows = db.execute(
        f"""
        UPDATE job SET state = 'running', started_s = ?, finished_s = NULL, error = NULL
        WHERE seq IN ({marks}) AND state = 'queued'
        RETURNING {ROW}
        """,  # noqa: S608 — constant columns and question marks
        (now_s, *seqs),
    ).fetchall()
    return [claimed(row) for row in sorted(rows, key=lambda row: seqs.index(row["seq"]))]


def move(db: sqlite3.Connection, job: str, to: Place) -> Job | None:
    """Change the turn of a queued job; `None` when it does not wait. At the end of its lane it stays where it is."""
    query = "SELECT seq, lane, is_first, place FROM job WHERE id = ? AND state = 'queued'"
    here = db.execute(query, (job,)).fetchone()
    if here is None:
        return None
    if to == "first":
        update = """
            UPDATE job SET is_first = 1, place = (
                SELECT min(place) FROM job INDEXED BY job_waiting WHERE state = 'queued'
            ) - 1 WHERE seq = ?
        """
        db.execute(update, (here["seq"],))
    elif there := _neighbour(db, here, to):
        exchange = "UPDATE job SET is_first = ?, place = ? WHERE seq = ?"
        db.execute(exchange, (there["is_first"], there["place"], here["seq"]))
        db.execute(exchange, (here["is_first"], here["place"], there["seq"]))
    return from_row(db.execute(f"SELECT {ROW} FROM job WHERE id = ?", (job,)).fetchone())  # noqa: S608 — constant columns


def _neighbour(db: sqlite3.Connection, here: sqlite3.Row, to: Place) -> sqlite3.Row | None:
    """The job before (`up`) or after this one in its lane."""
    beyond, order = (">", "is_first, place DESC") if to == "up" else ("<", "is_first DESC, place")
    query = f"""
        SELECT seq, is_first, place FROM job INDEXED BY job_waiting
        WHERE state = 'queued' AND lane = ? AND (is_first, -place) {beyond} (?, ?) ORDER BY {order} LIMIT 1
    """  # noqa: S608 — constants
    return db.execute(query, (here["lane"], here["is_first"], -here["place"])).fetchone()


def is_followed(db: sqlite3.Connection, job: str) -> bool:
    """Whether another version of the same file waits, or is being spoken."""
    query = """
        SELECT EXISTS (
            SELECT 1 FROM job JOIN job AS other INDEXED BY job_source USING (path, spool)
            WHERE job.id = ? AND other.id <> job.id AND other.state IN ('queued', 'running')
        )
    """
    return bool(db.execute(query, (job,)).fetchone()[0])


def next_due_s(db: sqlite3.Connection, now_s: float) -> float | None:
    """When the next queued job comes out of its back-off; `None` when none is in one."""
    query = "SELECT min(not_before_s) FROM job INDEXED BY job_due WHERE state = 'queued' AND not_before_s > ?"
    return db.execute(query, (now_s,)).fetchone()[0]


def waiting(db: sqlite3.Connection) -> dict[str, int]:
    """How many jobs of each user are queued."""
    rows = db.execute("SELECT user, count(*) AS jobs FROM job WHERE state = 'queued' GROUP BY user")
    return {row["user"]: row["jobs"] for row in rows}
