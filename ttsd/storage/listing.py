"""The queue's SQL for who looks at it: pages in three orders, and a search that stops in time."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from ttsd.protocol.jobs import Job, JobPage, JobState, Order
from ttsd.storage.jobs import ROW, counts, from_row

SCAN: Final = 20_000
"""Jobs that one page of a search looks through: some tens of milliseconds of the database's thread."""
UNDER_WAY: Final = (JobState.RUNNING, JobState.QUEUED)


class Wanted(msgspec.Struct, frozen=True):
    """Which page; `before` continues after that job, `offset` leaves out so many. Words are for the order `newest`."""

    states: Sequence[JobState] = ()
    """None: all. The order of turns has those that run or wait, whatever this says."""
    words: Sequence[str] = ()
    order: Order = "newest"
    before: str | None = None
    offset: int = 0
    limit: int = 50
    sees: Callable[[str, str, str], bool] | None = None
    """Which jobs a search may find, by user, door and spool; `None`: all. On the database's thread."""


def page(db: sqlite3.Connection, wanted: Wanted) -> JobPage:
    """The jobs wanted. `total` counts them without reading them; of a search nobody knows it."""
    tally = counts(db)
    by_state = {state.value: int(getattr(tally, state.value)) for state in JobState}
    if wanted.words:
        jobs, last = _search(db, wanted)
        return JobPage(jobs, by_state, last)
    by_turns = wanted.order == "turn"
    jobs = _turns(db, wanted, tally.running) if by_turns else _page(db, wanted)
    states = UNDER_WAY if by_turns else wanted.states or JobState
    last = jobs[-1].id if len(jobs) == wanted.limit and not by_turns else None
    return JobPage(jobs, by_state, last, total=sum(by_state[state.value] for state in states))


def _page(db: sqlite3.Connection, wanted: Wanted) -> tuple[Job, ...]:
    """What `offset` leaves out is passed over in an index, or in the slim table of words."""
    choice, values = _chosen(wanted)
    direction = "ASC" if wanted.order == "oldest" else "DESC"
    query = f"{choice} ORDER BY seq {direction} LIMIT ? OFFSET ?"
    return _jobs(db, [seq for (seq,) in db.execute(query, (*values, wanted.limit, wanted.offset))])


def _chosen(wanted: Wanted) -> tuple[str, tuple[object, ...]]:
    """A query for the `seq` of all that may be on the page, without its order, and its values."""
    table, conditions, values = "job_words", "true", ()
    if wanted.states:
        marks = ", ".join("?" * len(wanted.states))
        table, conditions, values = "job", f"state IN ({marks})", tuple(wanted.states)
    if wanted.before is not None:
        beyond = ">" if wanted.order == "oldest" else "<"
        conditions += f" AND seq {beyond} (SELECT seq FROM job WHERE id = ?)"  # noqa: S608 — a constant
        values = (*values, wanted.before)
    return f"SELECT seq FROM {table} WHERE {conditions}", values  # noqa: S608 — constants and question marks


def _turns(db: sqlite3.Connection, wanted: Wanted, running: int) -> tuple[Job, ...]:
    """What runs, then what waits: each door's jobs as their turns come."""
    first = "SELECT seq FROM job WHERE state = 'running' ORDER BY seq LIMIT ? OFFSET ?"
    then = """
        SELECT seq FROM job INDEXED BY job_turn WHERE state = 'queued'
        ORDER BY is_first DESC, CASE door WHEN 'http' THEN 0 WHEN 'spool' THEN 1 ELSE 2 END, place LIMIT ? OFFSET ?
    """
    seqs = [seq for (seq,) in db.execute(first, (wanted.limit, wanted.offset))]
    rest = (wanted.limit - len(seqs), max(0, wanted.offset - running))
    return _jobs(db, [*seqs, *(seq for (seq,) in db.execute(then, rest))])


def _jobs(db: sqlite3.Connection, seqs: Sequence[int]) -> tuple[Job, ...]:
    """Those jobs, in that order."""
    marks = ", ".join("?" * len(seqs))
    rows = db.execute(f"SELECT {ROW} FROM job WHERE seq IN ({marks})", tuple(seqs))  # noqa: S608 — question marks
    by_seq = {row["seq"]: from_row(row) for row in rows}
    return tuple(by_seq[seq] for seq in seqs)


def _search(db: sqlite3.Connection, wanted: Wanted) -> tuple[tuple[Job, ...], str | None]:
    """Newest first, those with every word in them, and where to go on: the page is full, or enough was looked at."""
    folded = [word.casefold() for word in wanted.words]
    choice, values = _chosen(wanted)
    cursor = db.cursor()
    cursor.row_factory = None
    cursor.execute(
        f"""
        SELECT seq, words FROM job_words WHERE seq IN ({choice} ORDER BY seq DESC LIMIT ?) ORDER BY seq DESC
        """,  # noqa: S608 — a query of ours
        (*values, SCAN),
    )
    seen: list[int] = []
    matches = (seq for seq, words in _noted(cursor, seen) if holds(words, folded) and _is_seen(db, seq, wanted.sees))
    found = list(islice(matches, wanted.limit))
    jobs = _jobs(db, found)
    if len(found) < wanted.limit and len(seen) < SCAN:
        return jobs, None
    return jobs, db.execute("SELECT id FROM job WHERE seq = ?", (seen[-1],)).fetchone()[0]


def _is_seen(db: sqlite3.Connection, seq: int, sees: Callable[[str, str, str], bool] | None) -> bool:
    """A search that found what it may not show would tell of the words in it."""
    if sees is None:
        return True
    row = db.execute("SELECT user, door, spool FROM job WHERE seq = ?", (seq,)).fetchone()
    return sees(row["user"], row["door"], row["spool"])


def _noted(cursor: sqlite3.Cursor, seen: list[int]) -> Iterator[tuple[int, str]]:
    for row in cursor:
        seen.append(row[0])
        yield row


def holds(text: str, folded: Sequence[str]) -> bool:
    """Whether each of the words (in `casefold`) is in the text, whatever its case."""
    whole = text.casefold()
    return all(word in whole for word in folded)
