"""The queue's SQL against a real database: only legal moves, tallies that never drift."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ttsd.jobs.turns import Seats, choose
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.jobs import LEGAL_MOVES, Door, JobSettings, JobState
from ttsd.storage import jobs as sql
from ttsd.storage import lanes, upkeep
from ttsd.storage.database import connect

ERROR = ErrorBody("engine_failed", "it broke")
GONE: Any = "forgotten"


@pytest.fixture
def db(tmp_path: Path):
    connection = connect(tmp_path / "ttsd.db")
    yield connection
    connection.close()


def row(name: str, created_s: float = 1.0) -> sql.NewRow:
    return sql.NewRow(name, Door.SPOOL, name, JobSettings(voice="heart"), created_s, path=name)


def claim(db: sqlite3.Connection, limit: int, now_s: float) -> list[sql.Claimed]:
    """What a queue with so many free seats takes."""
    heads = lanes.heads(db, limit, now_s)
    return lanes.claim(db, [head.seq for head in choose(heads, Seats(limit, 0, {}), {}, now_s)], now_s)


def test_a_job_comes_back_as_it_went_in(db: sqlite3.Connection):
    (job,) = sql.insert(db, [row("a.txt")])
    assert (job.id, job.state, job.settings.voice, job.title) == ("a.txt", JobState.QUEUED, "heart", "a.txt")
    found = sql.get(db, "a.txt")
    assert found is not None
    assert (found.job, found.path, found.text) == (job, "a.txt", None)


def test_a_job_that_is_there_is_left_alone(db: sqlite3.Connection):
    sql.insert(db, [row("a")])
    assert sql.insert(db, [row("a"), row("b")])[0].id == "b"


def test_claims_are_oldest_first_and_never_twice(db: sqlite3.Connection):
    sql.insert(db, [row(str(n)) for n in range(5)])
    assert [one.job.id for one in claim(db, 3, 10.0)] == ["0", "1", "2"]
    assert [one.job.id for one in claim(db, 3, 10.0)] == ["3", "4"]
    assert claim(db, 3, 10.0) == []


def test_a_job_in_back_off_waits_for_its_time(db: sqlite3.Connection):
    sql.insert(db, [row("a")])
    claim(db, 1, 1.0)
    again = sql.requeue(db, "a", ERROR, 50.0, counts=True)
    assert again is not None
    assert (again.attempts, again.error) == (1, ERROR)
    assert claim(db, 1, 49.0) == []
    assert lanes.next_due_s(db, 49.0) == 50.0
    assert lanes.next_due_s(db, 50.0) is None
    assert claim(db, 1, 50.0)[0].job.error is None


def test_a_requeue_that_does_not_count_is_no_attempt(db: sqlite3.Connection):
    sql.insert(db, [row("a")])
    claim(db, 1, 1.0)
    job = sql.requeue(db, "a", None, 0.0)
    assert job is not None
    assert job.attempts == 0


def test_segments_count_once_each(db: sqlite3.Connection):
    sql.insert(db, [row("a")])
    claim(db, 1, 1.0)
    sql.plan(db, "a", ["k0", "k1"], JobSettings())
    assert sql.finish_segments(db, "a", [sql.SegmentRow(0, 24_000, reused=False)])
    assert sql.finish_segments(db, "a", [sql.SegmentRow(0, 24_000, reused=False)]) is None
    job = sql.finish_segments(db, "a", [sql.SegmentRow(1, 12_000, reused=True)])
    assert job is not None
    assert (job.segments_done, job.segments_total, job.audio_s) == (2, 2, 1.5)


def test_planning_again_starts_over(db: sqlite3.Connection):
    sql.insert(db, [row("a")])
    claim(db, 1, 1.0)
    sql.plan(db, "a", ["k0", "k1"], JobSettings())
    sql.finish_segments(db, "a", [sql.SegmentRow(0, 24_000, reused=False)])
    job = sql.plan(db, "a", ["k9"], JobSettings(takes={0: 3}))
    assert job is not None
    assert (job.segments_done, job.segments_total, job.audio_s) == (0, 1, 0.0)
    assert job.settings.takes == {0: 3}


def test_recovery_queues_what_was_running(db: sqlite3.Connection):
    sql.insert(db, [row("a"), row("b"), row("c")])
    claim(db, 2, 1.0)
    sql.succeed(db, "a", "/out/a.wav", 10, 2.0)
    assert [one.job.id for one in upkeep.recover(db)] == ["b", "c"]
    assert sql.counts(db).queued == 2


def test_the_schema_itself_refuses_an_illegal_move(db: sqlite3.Connection):
    sql.insert(db, [row("a")])
    with pytest.raises(sqlite3.IntegrityError, match="illegal move"):
        db.execute("UPDATE job SET state = 'succeeded' WHERE id = 'a'")


@pytest.mark.parametrize("start", list(JobState))
@pytest.mark.parametrize("end", list(JobState))
def test_the_schema_and_the_table_of_moves_agree(db: sqlite3.Connection, start: JobState, end: JobState):
    sql.insert(db, [row("a")])
    route = {
        JobState.QUEUED: [],
        JobState.RUNNING: ["running"],
        JobState.SUCCEEDED: ["running", "succeeded"],
        JobState.FAILED: ["running", "failed"],
        JobState.CANCELLED: ["cancelled"],
    }
    for state in route[start]:
        db.execute("UPDATE job SET state = ? WHERE id = 'a'", (state,))
    try:
        db.execute("UPDATE job SET state = ? WHERE id = 'a'", (end,))
        moved = True
    except sqlite3.IntegrityError:
        moved = False
    assert moved == (end in LEGAL_MOVES[start] or start == end)


def test_each_lane_shows_its_first_due_jobs(db: sqlite3.Connection):
    names = ["ann/1", "ann/2", "ann/3", "bob/1", "loose"]
    sql.insert(db, [row(name) for name in names])
    assert [head.seq for head in lanes.heads(db, 2, 10.0)] == [5, 1, 2, 4], "files in no folder share a lane"
    claimed = lanes.claim(db, [1], 10.0)
    sql.requeue(db, claimed[0].job.id, None, 99.0)
    assert [head.seq for head in lanes.heads(db, 2, 10.0)] == [5, 2, 3, 4]
    assert lanes.claim(db, [4, 4, 77], 10.0)[0].job.id == "bob/1"


def test_old_jobs_are_forgotten_with_their_segments(db: sqlite3.Connection):
    sql.insert(db, [row("old"), row("new"), row("waiting")])
    claim(db, 2, 1.0)
    sql.plan(db, "old", ["k0"], JobSettings())
    sql.succeed(db, "old", "/o", 1, 10.0)
    sql.fail(db, "new", ERROR, 20.0)
    assert upkeep.forget(db, 15.0, 9) == [("old", True)]
    assert upkeep.forget(db, 15.0, 9) == []
    assert sql.get(db, "old") is None
    assert db.execute("SELECT count(*) FROM segment").fetchone()[0] == 0
    assert (sql.counts(db).succeeded, sql.counts(db).failed, sql.counts(db).queued) == (0, 1, 1)


def test_the_clips_of_unfinished_jobs_are_known(db: sqlite3.Connection):
    sql.insert(db, [row("a"), row("b")])
    claim(db, 2, 1.0)
    sql.plan(db, "a", ["k0", "k1"], JobSettings())
    sql.plan(db, "b", ["k1"], JobSettings())
    sql.succeed(db, "b", "/o", 1, 2.0)
    assert upkeep.planned(db) == {"a": ["k0", "k1"]}


def test_a_switch_stays_as_it_was_set(db: sqlite3.Connection):
    assert not sql.counts(db).paused
    sql.switch(db, sql.PAUSED, on=True)
    sql.switch(db, sql.PAUSED, on=True)
    assert sql.counts(db).paused
    sql.switch(db, sql.PAUSED, on=False)
    assert not sql.is_on(db, sql.PAUSED)


def test_lanes_are_found_without_a_walk_through_the_queue(db: sqlite3.Connection):
    sql.insert(db, [row(f"{lane}/{n}") for lane in "abc" for n in range(1000)])
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.set_progress_handler(count, 1)
    assert len(lanes.heads(db, 4, 10.0)) == 12
    db.set_progress_handler(None, 0)
    assert steps < 3000, "three thousand jobs wait; a walk takes several steps for each"


class QueueAgainstModel(RuleBasedStateMachine):
    """Any sequence of operations leaves the database where a dictionary of states says it should be."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        from ttsd.storage.database import migrate, migrations

        migrate(self.db, migrations(), Path(":memory:"))
        self.states: dict[str, JobState] = {}

    def teardown(self) -> None:
        self.db.close()

    def move(self, job: str, moved: object, start: set[JobState], end: JobState) -> None:
        assert (moved is not None) == (self.states[job] in start)
        if moved is not None:
            self.states[job] = end

    @rule(target=jobs)
    def add(self) -> str:
        name = f"job{len(self.states)}"
        sql.insert(self.db, [row(name)])
        self.states[name] = JobState.QUEUED
        return name

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        waiting = [name for name, state in self.states.items() if state is JobState.QUEUED]
        claimed = [one.job.id for one in claim(self.db, limit, 1e9)]
        assert claimed == waiting[:limit]
        self.states |= dict.fromkeys(claimed, JobState.RUNNING)

    @rule(job=jobs)
    def succeed(self, job: str) -> None:
        self.move(job, sql.succeed(self.db, job, "o", 1, 1.0), {JobState.RUNNING}, JobState.SUCCEEDED)

    @rule(job=jobs)
    def fail(self, job: str) -> None:
        self.move(job, sql.fail(self.db, job, ERROR, 1.0), {JobState.RUNNING}, JobState.FAILED)

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        self.move(job, sql.cancel(self.db, job, 1.0), {JobState.QUEUED, JobState.RUNNING}, JobState.CANCELLED)

    @rule(job=jobs)
    def requeue(self, job: str) -> None:
        self.move(job, sql.requeue(self.db, job, None, 0.0), {JobState.RUNNING}, JobState.QUEUED)

    @rule(job=jobs)
    def retry(self, job: str) -> None:
        self.move(job, sql.retry(self.db, job), {JobState.FAILED, JobState.CANCELLED}, JobState.QUEUED)

    @rule(job=jobs, seed=st.integers(0, 9))
    def redo(self, job: str, seed: int) -> None:
        redone = sql.redo(self.db, job, JobSettings(takes={0: seed}))
        self.move(job, redone, {JobState.SUCCEEDED}, JobState.QUEUED)
        assert redone is None or redone.settings.takes == {0: seed}

    @rule(limit=st.integers(1, 3))
    def forget(self, limit: int) -> None:
        gone = [job.id for job in upkeep.forget(self.db, 2.0, limit)]
        ended = [name for name, state in self.states.items() if state is not GONE and state.final]
        assert len(gone) == min(limit, len(ended))
        assert set(gone) <= set(ended)
        for name in gone:
            self.states[name] = GONE

    @rule()
    def crash(self) -> None:
        upkeep.recover(self.db)
        self.states |= {name: JobState.QUEUED for name, state in self.states.items() if state is JobState.RUNNING}

    @invariant()
    def tallies_agree(self) -> None:
        counts = sql.counts(self.db)
        for state in JobState:
            assert getattr(counts, state.value) == sum(one is state for one in self.states.values())


def test_the_queue_behaves_like_its_model():
    run_state_machine_as_test(
        QueueAgainstModel,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
