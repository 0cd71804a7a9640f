"""How much of something each may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.api.gate import Gate
from ttsd.api.rates import DAY_S, MOST, Allowance, Buckets, Rate, midnight
from ttsd.protocol.errors import Busy, Throttled

TWICE = Rate(per_s=2.0, burst=3)


def test_a_burst_then_the_pace():
    buckets = Buckets()
    assert [buckets.take("anna", TWICE, 10.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.wait_s("anna", TWICE, 10.25) == 0.25
    assert buckets.take("bert", TWICE, 10.0) == 0.0
    assert buckets.take("anna", TWICE, 10.5) == 0.0
    assert buckets.take("anna", TWICE, 10.5) == 0.5
    assert [buckets.take("anna", TWICE, 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_a_clock_that_goes_back_gives_and_takes_nothing():
    buckets = Buckets()
    for _ in range(3):
        buckets.take("anna", TWICE, 10.0)
    assert buckets.take("anna", TWICE, 1.0) == 0.5


@given(st.lists(st.floats(0, 5), max_size=60))
def test_never_more_than_burst_and_pace(pauses_s: list[float]):
    buckets, now_s, taken = Buckets(), 0.0, 0
    for pause_s in pauses_s:
        now_s += pause_s
        taken += not buckets.take("anna", TWICE, now_s)
    assert taken <= TWICE.burst + now_s * TWICE.per_s + 1e-6


def test_the_table_is_bounded():
    buckets = Buckets()
    for number in range(MOST + 100):
        buckets.take(str(number), TWICE, 1.0)
    assert len(buckets) == MOST


def test_a_days_characters():
    allowance = Allowance()
    noon_s = 20_000 * DAY_S + DAY_S / 2
    allowance.spend("anna", 60, 100, noon_s)
    with pytest.raises(Throttled, match="midnight UTC") as refused:
        allowance.spend("anna", 41, 100, noon_s)
    assert refused.value.retry_after_s == DAY_S / 2
    allowance.spend("anna", 40, 100, noon_s)
    allowance.spend("bert", 100, 100, noon_s)
    allowance.spend("anna", 100, 100, noon_s + DAY_S / 2)
    allowance.spend("anna", 1_000_000, 0, noon_s)


def test_people_read_names_they_know():
    with pytest.raises(Throttled, match=r"^root has had"):
        Allowance().spend("uid 0", 11, 10, DAY_S)
    with pytest.raises(Throttled, match=r"^this client has had"):
        Allowance().spend("", 11, 10, DAY_S)


def test_what_was_used_before_a_start_counts_on_its_day_alone():
    allowance = Allowance()
    noon_s = 20_000 * DAY_S + DAY_S / 2
    assert midnight(noon_s) == 20_000 * DAY_S
    allowance.recall({"anna": 60}, noon_s)
    with pytest.raises(Throttled, match="had 60 characters"):
        allowance.spend("anna", 41, 100, noon_s)
    allowance.spend("anna", 40, 100, noon_s)
    allowance.spend("anna", 100, 100, noon_s + DAY_S)


def test_a_bound_that_is_set_at_noon_counts_the_morning():
    allowance = Allowance()
    allowance.spend("anna", 100, 0, DAY_S)
    with pytest.raises(Throttled):
        allowance.spend("anna", 1, 100, DAY_S + 1)


def test_one_user_does_not_take_every_place():
    gate = Gate("streams", "max", "own max")
    with gate.enter(3, "uid 0", 1):
        with (
            pytest.raises(Busy, match=r"1 streams of root are under way; at most 1 may be \(own max\)"),
            gate.enter(3, "uid 0", 1),
        ):
            pass
        with gate.enter(3, "anna", 1), gate.enter(3), pytest.raises(Busy, match="max"), gate.enter(3, "bert", 1):
            pass
    with gate.enter(1, "uid 0", 1):
        assert gate.taken == 1
