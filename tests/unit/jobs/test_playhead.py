"""Gaps that a listener hears who is always ready."""

import pytest

from ttsd.jobs.playhead import Playhead


def test_sound_in_time_leaves_no_gap():
    playhead = Playhead()
    assert [playhead.hear(at, 0.5) for at in (10.0, 10.1, 10.9, 11.5)] == [0, 0, 0, 0]


def test_late_sound_leaves_a_gap_and_what_follows_is_counted_from_there():
    playhead = Playhead()
    playhead.hear(10.0, 0.5)
    assert playhead.hear(10.8, 0.5) == pytest.approx(0.3)
    assert playhead.hear(11.3, 0.5) == 0
    assert playhead.hear(12.0, 0.5) == pytest.approx(0.2)


def test_what_a_sound_device_bridges_is_no_gap():
    playhead = Playhead()
    playhead.hear(10.0, 0.5)
    assert playhead.hear(10.51, 0.5) == 0


def test_after_a_rest_nothing_is_late():
    playhead = Playhead()
    playhead.hear(10.0, 0.5)
    playhead.rest()
    assert playhead.hear(99.0, 0.5) == 0
