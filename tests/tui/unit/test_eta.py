"""How long it will take, told without jumps."""

from itertools import pairwise

import pytest

from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import JobState
from tui.eta import Etas, Steady, queue_left_s


def test_it_counts_down_by_itself():
    steady = Steady()
    assert steady.left_s(0.0) is None
    steady.tell(60.0, 100.0)
    assert [steady.left_s(at) for at in (100.0, 130.0, 170.0)] == [60.0, 30.0, 0.0]


def test_a_worse_estimate_is_believed_little_by_little():
    steady = Steady()
    steady.tell(60.0, 0.0)
    told = []
    for second in range(1, 31):
        steady.tell(180.0 - second, float(second))
        told.append(steady.left_s(float(second)))
    steps = [later - sooner for sooner, later in pairwise(told)]
    assert max(abs(step) for step in steps) < 12.0, "no jump"
    assert told[-1] == pytest.approx(150.0, abs=30.0), "and it gets there"


def test_estimates_that_jitter_are_shown_calmly():
    steady = Steady()
    for tenth in range(300):
        at = tenth / 10
        steady.tell(100.0 - at + (20.0 if tenth % 2 else -20.0), at)
    assert steady.left_s(30.0) == pytest.approx(70.0, abs=5.0)


def finished(make_job, name: str, seconds: float):
    job = make_job(name, JobState.SUCCEEDED)
    return type(job)(**{f: getattr(job, f) for f in job.__struct_fields__} | {"finished_s": job.started_s + seconds})


def test_the_queue_takes_what_its_jobs_took_lately(make_job):
    known = [finished(make_job, "a", 10.0), finished(make_job, "b", 20.0)]
    assert queue_left_s([5.0, 10.0], known, QueueStatus(running=2, queued=4)) == (15.0 + 4 * 15.0) / 2
    assert queue_left_s([100.0], known, QueueStatus(running=1)) == 100.0
    assert queue_left_s([], known, QueueStatus()) is None
    assert queue_left_s([None], [], QueueStatus(running=1, queued=3)) is None, "nobody knows yet"


def test_a_running_job_is_followed_and_forgotten(make_job):
    etas = Etas()
    running = make_job("a", JobState.RUNNING, eta_s=40.0)
    etas.hear([running], QueueStatus(running=1), 0.0)
    etas.hear([running], QueueStatus(running=1), 10.0)
    assert (etas.left_s(running.id, 10.0), etas.queue_left_s(10.0)) == (30.0, pytest.approx(30.0, abs=1.0))
    etas.hear([running], QueueStatus(running=1, paused=True), 10.0)
    assert etas.queue_left_s(10.0) is None
    etas.hear([make_job("a", JobState.SUCCEEDED)], QueueStatus(), 11.0)
    assert etas.left_s(running.id, 11.0) is None
