"""When the worker's memory calls for a fresh worker, when it cannot help, and when it may not be had yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ttsd.supervisor.memory import Fine, Pressure, Reading, Recycle, Rules, Watch, decide, recent
from ttsd.supervisor.trend import MOST_POINTS, WINDOW_S, Growth, Point, growth, noted

GB = 2**30
RULES = Rules(fraction=0.9, hysteresis=0.05, sustained_s=10, pause_s=60, most_an_hour=3)
LEAKING = Reading(1000.0, "card", "card 0", 92 * GB, 100 * GB, 60 * GB, 40 * GB, key="[gpu] vram_restart")
"""72 GB would be left."""
CROWDED = replace(LEAKING, own_bytes=41 * GB)
LONG_OVER = Watch(over_since_s=0.0)


def judged(reading: Reading, recycled_s: tuple[float, ...] = (), rules: Rules = RULES) -> Fine | Recycle | Pressure:
    return decide(LONG_OVER, reading, rules, recycled_s)[1]


def test_only_when_it_stays_above():
    watch, verdict = decide(Watch(), LEAKING, RULES, ())
    assert (watch.over_since_s, verdict) == (1000, Fine())
    _, verdict = decide(watch, replace(LEAKING, at_s=1009.9), RULES, ())
    assert verdict == Fine()
    _, verdict = decide(watch, replace(LEAKING, at_s=1010), RULES, ())
    assert isinstance(verdict, Recycle)
    fallen, _ = decide(watch, replace(LEAKING, at_s=1005, used_bytes=90 * GB), RULES, ())
    assert fallen == Watch()


def test_a_leak_is_told_with_what_it_grew_by():
    verdict = judged(replace(LEAKING, growth=Growth(2**20 / 5, 0.0)))
    assert isinstance(verdict, Recycle)
    assert "of card 0, 92.0 GB of 100.0 GB are in use (92%, above 90%)" in verdict.reason
    assert "holds 60.0 GB, 20.0 GB more than at its start, and grew 12 MB a minute since" in verdict.reason


def test_what_others_hold_is_no_reason_for_a_fresh_worker():
    verdict = judged(CROWDED)
    assert isinstance(verdict, Pressure)
    assert (verdict.kind, verdict.refuses) == ("others", True)
    assert "51.0 GB of it by other processes" in verdict.reason


def test_pressure_ends_only_below_the_hysteresis():
    watch, _ = decide(LONG_OVER, CROWDED, RULES, ())
    assert watch.pressed
    _, verdict = decide(watch, replace(CROWDED, at_s=1001, used_bytes=86 * GB), RULES, ())
    assert isinstance(verdict, Pressure)
    assert decide(watch, replace(CROWDED, at_s=1001, used_bytes=85 * GB), RULES, ()) == (Watch(), Fine())


def test_pressure_that_the_worker_comes_to_cause_ends_in_a_fresh_one():
    watch, _ = decide(LONG_OVER, CROWDED, RULES, ())
    assert isinstance(decide(watch, LEAKING, RULES, ())[1], Recycle)


def test_a_model_that_needs_it_all_goes_on_speaking():
    verdict = judged(replace(LEAKING, own_bytes=90 * GB, canary_bytes=88 * GB))
    assert isinstance(verdict, Pressure)
    assert (verdict.kind, verdict.refuses) == ("tight", False)
    assert "the model alone needs 88.0 GB: fewer slots need less, or raise [gpu] vram_restart" in verdict.reason


def test_the_pause_doubles_within_an_hour():
    assert isinstance(judged(LEAKING, (940.0,)), Recycle)
    early = judged(LEAKING, (941.0,))
    assert isinstance(early, Pressure)
    assert (early.kind, early.refuses, early.retry_s) == ("waiting", False, 1)
    assert isinstance(judged(LEAKING, (700.0, 881.0)), Pressure)
    assert isinstance(judged(LEAKING, (700.0, 880.0)), Recycle)
    assert isinstance(judged(LEAKING, (1000 - 3600, 941 - 3600, 940.0)), Recycle), "only the last hour counts"


def test_too_many_within_an_hour_are_pressure_until_the_first_is_an_hour_ago():
    verdict = judged(LEAKING, (-1600.0, -1000.0, 0.0))
    assert isinstance(verdict, Pressure)
    assert (verdict.kind, verdict.refuses, verdict.retry_s) == ("capped", True, 1000)
    assert "replaced 3 times within an hour" in verdict.reason
    assert isinstance(judged(replace(LEAKING, at_s=2000), (-1600.0, -1000.0, 0.0)), Recycle)


bytes_ = st.integers(0, 100)


@given(used=bytes_, own=bytes_, canary=bytes_, at_s=st.floats(0, 1e6), recycled=st.lists(st.floats(0, 1e6)))
def test_never_in_vain_and_never_too_often(used, own, canary, at_s, recycled):
    reading = replace(LEAKING, at_s=at_s, used_bytes=used, total_bytes=100, own_bytes=own, canary_bytes=canary)
    past = tuple(sorted(recycled))
    if isinstance(decide(LONG_OVER, reading, RULES, past)[1], Recycle):
        assert used > 90
        assert used - max(0, own - canary) < 85
        assert len(recent(past, at_s)) < RULES.most_an_hour


def test_a_whole_card_as_limit_means_never():
    full = replace(LEAKING, used_bytes=100 * GB)
    assert judged(full, rules=replace(RULES, fraction=1.0)) == Fine()


# --- trend -------------------------------------------------------------------------------------------


def series(*values: float, every_s: float = 10.0) -> tuple[Point, ...]:
    return tuple(Point(number * every_s, round(value)) for number, value in enumerate(values))


def test_steady_growth_has_its_slope_whatever_single_readings_say():
    values = [1000 + 20 * n for n in range(64)]
    values[7] = values[20] = 9000
    found = growth(series(*values))
    assert found == Growth(pytest.approx(2.0, rel=0.05), 0.0)


@pytest.mark.parametrize(
    "values",
    [
        [1000.0] * 64,
        [1000 + n % 3 for n in range(64)],
        [1000] * 32 + [2000] * 32,
        [1000] * 33 + [2000] * 31,
        [1000] * 5 + [2000] * 59,
        [1000] * 59 + [2000] * 5,
        [2000 - 10 * n for n in range(64)],
        [1000 + 20 * n for n in range(59)],
        [2000 - 1000 * 0.94**n for n in range(64)],
        [],
    ],
    ids=[
        "flat",
        "breathing",
        "one step",
        "another",
        "warming up",
        "just now",
        "shrinking",
        "too young",
        "filling up",
        "nothing",
    ],
)
def test_what_is_no_leak(values):
    assert growth(series(*values)) is None


def test_points_are_bounded_and_the_old_ones_forgotten():
    points: tuple[Point, ...] = ()
    for second in range(10_000):
        points = noted(points, Point(float(second), 1000 + second))
        assert len(points) <= MOST_POINTS
    assert points[-1].at_s == 9999
    assert points[0].at_s > 9999 - WINDOW_S
    assert points[0].at_s < 9999 - WINDOW_S * 0.9
    assert growth(points) == Growth(1.0, points[0].at_s)
