"""Pages of jobs in every order, a search over all of them, and turns that are changed by hand."""

import sqlite3
from pathlib import Path

import pytest

from ttsd.jobs.turns import Seats, choose
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.jobs import Door, Job, JobSettings, JobState
from ttsd.storage import jobs as sql
from ttsd.storage import lanes, listing
from ttsd.storage.database import connect, migrate, migrations
from ttsd.storage.listing import Wanted


@pytest.fixture
def db(tmp_path: Path):
    connection = connect(tmp_path / "ttsd.db")
    yield connection
    connection.close()


def row(name: str, door: Door = Door.SPOOL, voice: str | None = "heart") -> sql.NewRow:
    settings = JobSettings(voice=voice)
    if door is Door.SPOOL:
        return sql.NewRow(name, door, f"folder/{name}.txt", settings, 1.0, path=f"folder/{name}.txt")
    return sql.NewRow(name, door, f"{name} spoken", settings, 1.0, text="x" * 9000)


def fill(db: sqlite3.Connection, names: str) -> None:
    sql.insert(db, [row(name) for name in names])


def run(db: sqlite3.Connection, limit: int) -> str:
    """The ids of what a daemon with so many seats takes now, in order."""
    heads = lanes.heads(db, limit, 10.0)
    claimed = lanes.claim(db, [head.seq for head in choose(heads, Seats(limit, 0, {}), {}, 10.0)], 10.0)
    return "".join(one.job.id for one in claimed)


def ids(jobs: tuple[Job, ...]) -> str:
    return "".join(job.id for job in jobs)


def page(db: sqlite3.Connection, **wanted: object) -> str:
    return ids(listing.page(db, Wanted(**wanted)).jobs)


def test_pages_go_backwards_through_time(db: sqlite3.Connection):
    fill(db, "abcde")
    first = listing.page(db, Wanted(limit=2))
    assert (ids(first.jobs), first.next, first.total, first.counts["queued"]) == ("ed", "d", 5, 5)
    rest = listing.page(db, Wanted(before="d", limit=9))
    assert (ids(rest.jobs), rest.next) == ("cba", None)
    run(db, 1)
    running = listing.page(db, Wanted(states=[JobState.RUNNING]))
    assert (ids(running.jobs), running.total) == ("a", 1)


def test_a_page_from_anywhere_and_from_the_other_end(db: sqlite3.Connection):
    fill(db, "abcdefgh")
    assert page(db, offset=3, limit=2) == "ed"
    assert page(db, offset=6, limit=9) == "ba"
    assert page(db, order="oldest", limit=3) == "abc"
    assert page(db, order="oldest", before="c", limit=2) == "de"
    run(db, 2)
    assert page(db, states=[JobState.QUEUED], offset=1, limit=3) == "gfe"


def test_in_the_order_of_turns_what_runs_comes_before_what_waits(db: sqlite3.Connection):
    sql.insert(db, [row("b", Door.BATCH), row("f"), row("g"), row("h", Door.HTTP)])
    lanes.claim(db, [2], 5.0)
    sql.succeed(db, "f", "/x", 1, 6.0)
    lanes.claim(db, [3], 7.0)
    assert page(db, order="turn") == "ghb"
    assert page(db, order="turn", offset=1, limit=1) == "h"
    assert page(db, order="turn", offset=2) == "b"
    lanes.move(db, "b", "first")
    assert page(db, order="turn") == "gbh"
    assert listing.page(db, Wanted(order="turn", states=[JobState.FAILED])).total == 3


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["folder/a"], "a"),
        (["FOLDER", "b.TXT"], "b"),
        (["sky"], "c"),
        (["kein", "platz"], "a"),
        (["ÜBER"], "c"),
        (["nobody"], ""),
        (["%"], ""),
    ],
)
def test_words_are_looked_for_in_title_id_voice_and_error(db: sqlite3.Connection, words: list[str], found: str):
    sql.insert(db, [row("a"), row("b"), sql.NewRow("c", Door.HTTP, "über", JobSettings(voice="sky"), 1.0, text="x")])
    lanes.claim(db, [1], 2.0)
    sql.fail(db, "a", ErrorBody("storage_full", "Kein Platz"), 3.0)
    assert page(db, words=words) == found


def test_a_search_goes_on_where_its_page_ended_and_stops_in_time(db, monkeypatch: pytest.MonkeyPatch):
    fill(db, "abcdefgh")
    run(db, 1)
    first = listing.page(db, Wanted(words=["folder"], limit=3))
    assert (ids(first.jobs), first.next, first.total) == ("hgf", "f", None)
    assert page(db, words=["folder"], before="f", states=[JobState.RUNNING]) == "a"

    monkeypatch.setattr(listing, "SCAN", 4)
    nothing = listing.page(db, Wanted(words=["b.txt"]))
    assert (nothing.jobs, nothing.next) == ((), "e")
    end = listing.page(db, Wanted(words=["b.txt"], before="e"))
    assert (ids(end.jobs), end.next) == ("b", "a")
    assert listing.page(db, Wanted(words=["b.txt"], before="a")).next is None


def test_neither_pages_nor_searches_read_the_jobs_they_leave_out(db: sqlite3.Connection):
    sql.insert(db, [row(str(n), Door.HTTP) for n in range(50)])
    asked_for = [
        Wanted(offset=40, limit=2),
        Wanted(words=["49"]),
        Wanted(states=[JobState.QUEUED], offset=40),
        Wanted(states=[JobState.QUEUED], words=["49"]),
        Wanted(order="turn", offset=40),
    ]
    for asked in asked_for:
        plans: list[str] = []

        def note(statement: str, plans: list[str] = plans) -> None:
            if "FROM job" in statement and "EXPLAIN" not in statement:
                plans.extend(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}"))

        db.set_trace_callback(note)
        listing.page(db, asked)
        db.set_trace_callback(None)
        assert plans
        assert set(plans).isdisjoint({"SCAN job", "USE TEMP B-TREE FOR ORDER BY"}), plans


def test_a_job_that_is_put_first_goes_before_every_lane(db: sqlite3.Connection):
    sql.insert(db, [row("h", Door.HTTP), *(row(name) for name in "abc"), row("x", Door.BATCH)])
    moved = lanes.move(db, "c", "first")
    assert moved is not None
    assert moved.first
    lanes.move(db, "x", "first")
    assert run(db, 9) == "xchab"


def test_a_job_goes_past_its_neighbour(db: sqlite3.Connection):
    fill(db, "abcd")
    lanes.move(db, "c", "up")
    lanes.move(db, "a", "down")
    assert run(db, 9) == "cabd"


def test_at_the_end_of_its_lane_a_job_stays_where_it_is(db: sqlite3.Connection):
    fill(db, "ab")
    assert lanes.move(db, "a", "up") is not None
    assert lanes.move(db, "b", "down") is not None
    assert run(db, 9) == "ab"
    assert lanes.move(db, "a", "first") is None, "it runs"
    assert lanes.move(db, "z", "first") is None


def test_past_one_that_was_put_first_it_is_first_itself(db: sqlite3.Connection):
    fill(db, "abc")
    lanes.move(db, "c", "first")
    lanes.move(db, "a", "up")
    assert [job.first for job in listing.page(db, Wanted(order="turn")).jobs] == [True, False, False]
    assert run(db, 9) == "acb"


def test_an_older_file_keeps_the_order_of_its_jobs(tmp_path: Path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path, isolation_level=None) as old:
        migrate(old, migrations()[:3], path)
        for name in "ab":
            old.execute(
                "INSERT INTO job (id, door, title, text, settings, created_s) VALUES (?, 'http', ?, 'x', '{}', 1)",
                (name, name),
            )
    with connect(path) as new:
        sql.insert(new, [row("c", Door.HTTP)])
        assert page(new, order="turn") == "abc"
        assert page(new, words=["b"]) == "b"
    new.close()
    old.close()
