"""The pure reducer: what the app knows after each message."""

from msgspec.structs import replace

from ttsd.protocol.events import HealthSampled, JobChanged, LogEvent, Missed, Snapshot, StoppingEvent, WorkerChanged
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.protocol.history import Band, HealthHistory, MachineHistory
from ttsd.protocol.jobs import JobState
from tui import state as states
from tui.state import Link, LinkChanged, PastRead, State, StatusRead, reduce


def line(seq: int, event: str = "e") -> LogEvent:
    return LogEvent(seq=seq, at_s=float(seq), level="info", event=event, fields={})


def test_the_connection_is_part_of_the_state():
    state = reduce(State(), LinkChanged(Link.LOST, "gone"))

    assert (state.link, state.note) == (Link.LOST, "gone")


def test_a_snapshot_is_the_whole_truth(make_status, make_job):
    old = reduce(State(), JobChanged(1, make_job("gone.txt")))

    state = reduce(old, Snapshot(seq=7, status=make_status(), jobs=(make_job("a.txt"),), log=(line(7),)))

    assert state.seq == 7
    assert [job.title for job in state.newest_jobs()] == ["a.txt"]
    assert state.worker is not None
    assert state.worker.phase is Phase.READY
    assert state.queue.succeeded == 128


def test_a_second_snapshot_of_the_same_daemon_keeps_the_older_log(make_status):
    first = reduce(State(), Snapshot(seq=2, status=make_status(), jobs=(), log=(line(1), line(2))))

    again = reduce(first, Snapshot(seq=4, status=make_status(), jobs=(), log=(line(2), line(3), line(4))))

    assert [entry.seq for entry in again.log] == [1, 2, 3, 4]


def test_a_new_daemon_counts_its_lines_anew(make_status):
    first = reduce(State(), Snapshot(seq=9, status=make_status(), jobs=(), log=(line(9),)))

    again = reduce(first, Snapshot(seq=1, status=make_status(started_s=1.0), jobs=(), log=(line(1),)))

    assert [entry.seq for entry in again.log] == [9, 1]


def test_jobs_are_kept_by_id_and_listed_newest_first(make_job):
    state = State()
    for job in (make_job("old.txt", ago_s=100), make_job("new.txt", ago_s=1)):
        state = reduce(state, JobChanged(1, job))
    state = reduce(state, JobChanged(2, make_job("old.txt", JobState.RUNNING, ago_s=100)))

    assert [(job.title, job.state) for job in state.newest_jobs()] == [
        ("new.txt", JobState.QUEUED),
        ("old.txt", JobState.RUNNING),
    ]


def test_the_oldest_finished_jobs_are_forgotten_first(make_job, monkeypatch):
    monkeypatch.setattr(states, "MAX_JOBS", 10)
    state = reduce(State(), JobChanged(1, make_job("waiting.txt", ago_s=9999)))
    for number in range(10):
        state = reduce(state, JobChanged(2, make_job(f"{number}.txt", JobState.SUCCEEDED, ago_s=1000 - number)))

    titles = [job.title for job in state.newest_jobs()]

    assert len(titles) == 10
    assert "waiting.txt" in titles
    assert "0.txt" not in titles


def test_worker_health_and_log_events_move_their_part(make_status):
    state = reduce(State(), Snapshot(seq=1, status=make_status(), jobs=()))
    sample = replace(make_status().health, at_s=5.0)

    for event in (WorkerChanged(2, WorkerStatus(Phase.DRAINING, 1.0)), HealthSampled(3, sample), line(4), Missed(5, 9)):
        state = reduce(state, event)

    assert state.worker is not None
    assert state.worker.phase is Phase.DRAINING
    assert state.status is not None
    assert state.status.health == sample
    assert state.log[-1].seq == 4
    assert state.seq == 5


def test_the_past_is_kept_by_how_far_it_goes_back_until_another_daemon_comes(make_status):
    nothing = Band((), (), ())
    past = HealthHistory(0.0, 6.0, MachineHistory(*[nothing] * len(MachineHistory.__struct_fields__)))
    state = reduce(State(), Snapshot(seq=1, status=make_status(), jobs=()))
    state = reduce(reduce(state, PastRead(300, past)), PastRead(3600, past))
    assert set(state.past) == {300, 3600}
    assert set(reduce(state, Snapshot(seq=9, status=make_status(), jobs=())).past) == {300, 3600}
    assert not reduce(state, Snapshot(seq=9, status=make_status(started_s=1.0), jobs=())).past


def test_events_before_any_snapshot_are_no_accident(make_status):
    state = State()
    for event in (WorkerChanged(1, WorkerStatus(Phase.READY, 1.0)), HealthSampled(2, make_status().health)):
        state = reduce(state, event)

    assert state.status is None
    assert reduce(state, StoppingEvent(3)).status is None


def test_a_stopping_daemon_is_shown_as_such_and_a_status_read_replaces_it(make_status):
    state = reduce(State(), Snapshot(seq=1, status=make_status(), jobs=()))

    stopping = reduce(state, StoppingEvent(2))
    assert stopping.status is not None
    assert stopping.status.stopping

    assert reduce(stopping, StatusRead(make_status())).status == make_status()
