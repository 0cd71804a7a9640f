"""The load of `python -m benchmarks load`, small and short: everybody is served; how fast is not for tests to say."""

import pytest

from benchmarks.load import Load, beyond_limits, growth_percent, under
from benchmarks.players import BYTES_PER_S, Playback

SMALL = Load(seconds=4.0, streams=8, jobs=20, slow=1, idle=40, background=4, rtf=0.2)


def figures(table) -> dict[str, float]:
    return {row.label.partition(" (")[0]: row.median for row in table.rows}


def test_everybody_is_served_under_load() -> None:
    table = under(SMALL)
    found = figures(table)
    assert found["refused or broken off"] == 0, table.notes
    assert found["jobs done"] > 0
    assert found["first sound"] > 0
    assert len(table.rows) == 12


def test_beyond_the_limit_everybody_is_told_when_to_come_back() -> None:
    found = figures(beyond_limits(120, 20))
    assert found["answered"] >= 20
    assert found["told when to come back"] > 0
    assert found["anything else, or nothing"] == 0
    assert found["not answered when the others have left"] == 0


def test_a_listener_counts_what_he_misses() -> None:
    second = BYTES_PER_S
    smooth, dry = Playback(0.1), Playback(0.1)
    for now_s in (0.0, 0.5, 1.4):
        smooth.arrived(now_s, second)
    assert (smooth.underruns, smooth.left_s(2.0)) == (0, 1.0)
    for now_s in (0.0, 1.5, 2.6):
        dry.arrived(now_s, second)
    assert dry.underruns == 2
    assert dry.dry_s == pytest.approx(0.6)


def test_growth_is_counted_from_when_it_is_warm() -> None:
    assert growth_percent((10.0, *[100.0] * 99)) == 0
    assert growth_percent((*[100.0] * 60, *[110.0] * 40)) == pytest.approx(10)
