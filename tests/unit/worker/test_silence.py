"""Quiet ends are cut off, sound is not."""

import numpy as np
import pytest

from ttsd.worker.silence import LEAD, QUIET, TAIL, pcm, trimmed

LOUD = np.full(1000, 0.5, np.float32)


def quiet(samples: int) -> np.ndarray:
    return np.full(samples, QUIET / 10, np.float32)


@pytest.mark.parametrize("block", [1, 7, 480, 5000, 100_000])
def test_ends_are_cut_to_the_same_length_however_the_sound_is_blocked(block: int):
    sound = np.concatenate((quiet(9000), LOUD, quiet(4000), LOUD, quiet(9000)))
    blocks = [sound[i : i + block] for i in range(0, len(sound), block)]
    kept = np.concatenate(list(trimmed(blocks)))
    assert np.array_equal(kept, sound[9000 - LEAD : 9000 + 1000 + 4000 + 1000 + TAIL])


def test_ends_that_are_short_stay():
    sound = np.concatenate((quiet(10), LOUD, quiet(10)))
    assert np.array_equal(np.concatenate(list(trimmed([sound]))), sound)


def test_sound_is_passed_on_at_once():
    stream = trimmed(iter([LOUD, quiet(100), LOUD]))
    assert len(next(stream)) == 1000
    assert len(next(stream)) == 1100


def test_of_quiet_alone_nothing_is_left():
    assert list(trimmed([quiet(5000), quiet(5000)])) == []


def test_overshoot_is_limited():
    assert np.frombuffer(pcm(np.array([0.0, 2.0, -2.0], np.float32)), "<i2").tolist() == [0, 32767, -32767]
