"""Decisions of the supervisor, over values and a made-up time."""

import array
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.config import Engine
from ttsd.protocol.errors import BadRequest, Busy, EngineFailed, ErrorBody, UnknownVoice
from ttsd.protocol.health import LEGAL_PHASES, ExitCause, Phase
from ttsd.supervisor import policy
from ttsd.supervisor.policy import Exit, Signs

LIMITS = Engine(start_timeout_s=100, ping_timeout_s=10, chunk_timeout_s=50)
moments = st.none() | st.floats(0, 1e6)


@given(st.integers(0, 10_000))
def test_the_back_off_grows_and_is_bounded(failures):
    delay = policy.back_off_s(failures)
    assert policy.FIRST_DELAY_S <= delay <= policy.LONGEST_DELAY_S
    assert delay <= policy.back_off_s(failures + 1)


def test_the_back_off_doubles():
    assert [policy.back_off_s(n) for n in range(1, 10)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]


def test_crashes_in_a_row_wait_longer_until_a_worker_was_healthy():
    failures = 0
    delays = []
    for ready_for_s in (0, 1, 59, 60, 0):
        restart = policy.after_exit(Exit(1, ready_for_s), failures)
        failures = restart.failures
        delays.append(restart.delay_s)
    assert delays == [0.2, 0.4, 0.8, 0.2, 0.4]


def test_a_refusal_waits_for_a_reload():
    restart = policy.after_exit(Exit(3, error=ErrorBody("engine_failed", "bad weights")), 0)
    assert restart.delay_s is None
    assert restart.hopeless
    assert restart.error.message == "bad weights"


def test_a_refusal_without_words_points_to_the_log():
    restart = policy.after_exit(Exit(3), 0)
    assert restart.delay_s is None
    assert restart.hopeless
    assert "log" in restart.error.message


def test_a_missing_device_is_looked_for_every_minute():
    restart = policy.after_exit(Exit(3, error=ErrorBody("engine_not_ready", "no card", None, True)), 7)
    assert restart.delay_s == policy.MISSING_DEVICE_S
    assert restart.hopeless


@pytest.mark.parametrize(("slots", "fewer"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 3), (16, 12)])
def test_out_of_memory_means_fewer_slots(slots, fewer):
    restart = policy.after_exit(Exit(4, slots=slots), 0)
    assert restart.slots == fewer
    assert restart.delay_s == policy.FIRST_DELAY_S
    assert not restart.hopeless


def test_other_ends_keep_the_slots():
    assert policy.after_exit(Exit(1, slots=4), 0).slots is None


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (Exit(-9), "was killed by SIGKILL"),
        (Exit(-11), "was killed by SIGSEGV"),
        (Exit(-200), "was killed by signal 200"),
        (Exit(0), "ended by itself with status 0"),
        (Exit(1), "ended by itself with status 1"),
        (Exit(4), "ran out of memory"),
        (Exit(-9, verdict="hung: no answer"), "hung: no answer"),
        (Exit(3, error=ErrorBody("x", "no card")), "could not start: no card"),
    ],
)
def test_ends_are_told_in_words(end, words):
    assert policy.describe(end) == words
    assert end.error is not None or words in policy.after_exit(end, 0).error.message


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        (Exit(-9), ExitCause.CRASH),
        (Exit(-9, verdict="sent what is no message: x"), ExitCause.CRASH),
        (Exit(-9, verdict=policy.hung(Signs(ping_since=0), LIMITS, 10)), ExitCause.HANG),
        (Exit(-9, verdict=policy.hung(Signs(quiet_since=0), LIMITS, 50)), ExitCause.HANG),
        (Exit(-9, verdict=policy.hung(Signs(starting_since=0), LIMITS, 100)), ExitCause.HANG),
        (Exit(-9, verdict=policy.judge_canary(None, [])), ExitCause.CANARY),
        (Exit(-9, verdict=policy.judge_canary(EngineFailed("no"), [])), ExitCause.CANARY),
        (Exit(4), ExitCause.OUT_OF_MEMORY),
        (Exit(5), ExitCause.CUDA_ERROR),
        (Exit(3), ExitCause.CANNOT_START),
        (Exit(0, error=ErrorBody("x", "no card")), ExitCause.CANNOT_START),
    ],
)
def test_ends_have_a_cause_of_few(end, cause):
    assert policy.cause(end) is cause


@given(st.builds(Signs, moments, moments, moments), st.floats(0, 1e6))
def test_hung_is_exactly_one_overdue_sign(signs, now):
    overdue = [
        since is not None and now - since >= timeout
        for since, timeout in zip(
            (signs.starting_since, signs.ping_since, signs.quiet_since), (100, 10, 50), strict=True
        )
    ]
    assert (policy.hung(signs, LIMITS, now) is not None) == any(overdue)


def test_each_hang_has_its_words():
    assert "not ready after 100 s" in policy.hung(Signs(starting_since=0), LIMITS, 100)
    assert "ping for 10 s" in policy.hung(Signs(ping_since=0), LIMITS, 10)
    assert "audio for 50 s" in policy.hung(Signs(quiet_since=0), LIMITS, 50)


@given(st.floats(0.01, 1000))
def test_pings_are_sparse_and_fit_the_timeout(timeout_s):
    every = policy.ping_every_s(Engine(ping_timeout_s=timeout_s))
    assert 0.2 <= every <= 2.0
    assert every <= timeout_s / 5 or every == 0.2


def test_who_slept_himself_does_not_judge():
    assert not policy.overslept(2.5, 2.0)
    assert policy.overslept(3.5, 2.0)


@pytest.mark.parametrize("now", list(Phase))
@pytest.mark.parametrize("then", list(Phase))
def test_only_legal_moves(now, then):
    if then in LEGAL_PHASES[now]:
        assert policy.move(now, then) is then
    else:
        with pytest.raises(AssertionError, match="cannot go"):
            policy.move(now, then)


def tone(peak: int) -> bytes:
    return array.array("h", (round(peak * math.sin(i / 7)) for i in range(480))).tobytes()


def test_a_canary_has_to_be_heard():
    assert policy.judge_canary(None, [bytes(480), tone(4000)]) == ""
    assert "silence" in policy.judge_canary(None, [])
    assert "silence" in policy.judge_canary(None, [b"", tone(100)])
    assert policy.judge_canary(Busy("all slots are taken"), []) == ""
    assert policy.judge_canary(EngineFailed("no such voice"), [tone(4000)]) == "failed its canary: no such voice"


def test_negative_peaks_and_odd_bytes_count():
    assert policy.audible(array.array("h", [0, -32768]).tobytes())
    assert policy.audible(array.array("h", [32767]).tobytes() + b"\x01")
    assert not policy.audible(b"\x7f")


def test_only_the_engines_own_errors_count():
    count = 0
    for error in (EngineFailed("a"), UnknownVoice("b"), EngineFailed("c"), BadRequest("d"), Busy("e")):
        count = policy.failures_in_a_row(count, error)
    assert count == 2
    assert policy.failures_in_a_row(count, None) == 0
