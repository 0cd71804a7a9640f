"""What deserves a toast."""

import pytest
from msgspec.structs import replace

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.events import JobChanged, Snapshot, WorkerChanged
from ttsd.protocol.health import MemoryStatus, Phase
from ttsd.protocol.jobs import JobPage, JobState
from tui.listing import View
from tui.news import Notice, news
from tui.state import JobsRead, Message, State, reduce


@pytest.fixture
def up(make_status, make_job) -> State:
    return reduce(State(), Snapshot(seq=1, status=make_status(), jobs=(make_job("a.txt"),)))


def told(state: State, message: Message) -> list[Notice]:
    return news(state, reduce(state, message), message)


def test_a_failure_is_told_once_with_its_reason(up, make_job):
    failed = make_job("a.txt", JobState.FAILED, error=ErrorBody("x", "no voice speaks it"))

    assert told(up, JobChanged(2, failed)) == [Notice("no voice speaks it", "a.txt failed", "error")]
    assert told(reduce(up, JobChanged(2, failed)), JobChanged(3, failed)) == []


def test_success_and_old_failures_are_no_news(up, make_job, make_status):
    failed = make_job("old.txt", JobState.FAILED)

    assert told(up, JobChanged(2, make_job("a.txt", JobState.SUCCEEDED))) == []
    assert told(up, JobsRead(View(), 0, JobPage((failed,), {}))) == []
    assert told(up, Snapshot(seq=9, status=make_status(), jobs=(failed,))) == []
    assert told(State(), Snapshot(seq=9, status=make_status(), jobs=(failed,))) == []


def test_what_failed_while_the_connection_was_gone_is_told(up, make_job, make_status):
    snapshot = Snapshot(seq=9, status=make_status(), jobs=(make_job("a.txt", JobState.FAILED),))

    assert [notice.title for notice in told(up, snapshot)] == ["a.txt failed"]


def test_a_failed_a_replaced_and_a_recovered_worker_are_told(up, make_status):
    worker = make_status().worker

    failed = replace(worker, phase=Phase.FAILED, error=ErrorBody("x", "weights are missing"))
    replaced = replace(worker, phase=Phase.STARTING, restarts=1, last_exit="killed by signal 9")
    loading = reduce(up, WorkerChanged(2, replace(replaced, phase=Phase.LOADING)))

    assert told(up, WorkerChanged(2, failed)) == [Notice("weights are missing", "The engine failed", "error")]
    assert told(up, WorkerChanged(2, replaced)) == [Notice("killed by signal 9", "The worker was replaced", "warning")]
    assert told(loading, WorkerChanged(3, replace(replaced, phase=Phase.READY))) == [
        Notice("The engine is loaded again.", "Ready")
    ]
    assert told(up, WorkerChanged(2, replace(worker, phase=Phase.BUSY))) == []


def test_pressure_is_told_when_it_comes_and_when_it_goes(up, make_status):
    worker = make_status().worker
    pressed = replace(worker, memory=MemoryStatus(pressure="others", reason="others hold it", refuses=True))
    tight = replace(worker, memory=MemoryStatus(pressure="tight", reason="the model needs it"))
    assert told(up, WorkerChanged(2, tight)) == []
    assert told(up, WorkerChanged(2, pressed)) == [Notice("others hold it", "No new speech for now", "warning")]
    under = reduce(up, WorkerChanged(2, pressed))
    assert told(under, WorkerChanged(3, pressed)) == []
    assert told(under, WorkerChanged(3, worker)) == [Notice("There is memory again.", "New speech is taken")]
