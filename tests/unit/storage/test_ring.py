"""The ring file: it wraps, survives a writer's death and torn rows, and knows what to make of odd clocks."""

import math
import random
import signal
import subprocess
import sys

import pytest

from ttsd.storage.ring import Ring, subject

NAMES = ("warmth", "load")
WRITER = """
import sys
from pathlib import Path
from ttsd.storage.ring import Ring

ring = Ring(Path(sys.argv[1]), ("warmth", "load"), 50)
for number in range(10**9):
    ring.append(number, (number, number))
    if number == 200:
        print("wrapped", flush=True)
"""


@pytest.fixture
def ring(tmp_path):
    """`ring()` opens the same file again, as the next daemon does."""
    opened = []

    def open_(capacity=50, names=NAMES, whose="it"):
        opened.append(Ring(tmp_path / "it.ring", names, capacity, whose))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def times(ring: Ring, from_s: float = 0) -> list[float]:
    return [row.at_s for row in ring.since(from_s)]


def test_rows_come_back_oldest_first_with_what_was_not_told(ring):
    first = ring()
    first.append(1.5, (0.25, None))
    first.append(6.5, (2.0**33, 7.0))
    for each in (first, ring()):
        [old, new] = each.since(0)
        assert (old.at_s, old.figures[0]) == (1.5, 0.25)
        assert math.isnan(old.figures[1])
        assert new == (6.5, (2.0**33, 7.0))
        assert times(each, 2) == [6.5]


@pytest.mark.parametrize("count", [49, 50, 51, 99, 100, 137])
def test_the_newest_are_kept_and_the_file_does_not_grow(ring, tmp_path, count):
    written = ring()
    for at_s in range(count):
        written.append(at_s, (at_s, 0))
    expected = list(range(max(0, count - 50), count))
    assert times(written) == expected
    again = ring()
    assert times(again) == expected
    again.append(count, (0, 0))
    assert times(again) == [*expected[count >= 50 :], count]
    assert (tmp_path / "it.ring").stat().st_size <= 116 + 50 * (8 + 8 + 2 * 4 + 4)


def test_kill_9_while_it_is_written(ring, tmp_path):
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "it.ring")], stdout=-1) as writer:
            assert writer.stdout.readline() == b"wrapped\n"
            writer.send_signal(signal.SIGKILL)
        rows = ring(whose="").since(0)
        assert len(rows) >= 49
        assert all(row.figures == (row.at_s, row.at_s) for row in rows)


def test_a_torn_row_is_dropped_and_the_others_stay(ring, tmp_path):
    written = ring()
    for at_s in range(50):
        written.append(at_s, (at_s, at_s))
    whole = (tmp_path / "it.ring").read_bytes()
    chance = random.Random(7)
    for _ in range(200):
        spoiled = bytearray(whole)
        spoiled[chance.randrange(120, len(whole))] ^= 1 << chance.randrange(8)
        (tmp_path / "it.ring").write_bytes(spoiled)
        rows = ring().since(0)
        assert len(rows) == 49
        assert all(row.figures == (row.at_s, row.at_s) for row in rows)


@pytest.mark.parametrize("cut", [1, 20, 28, 60])
def test_a_file_that_was_cut_short_goes_on(ring, tmp_path, cut):
    written = ring()
    for at_s in range(10):
        written.append(at_s, (0, 0))
    path = tmp_path / "it.ring"
    path.write_bytes(path.read_bytes()[:-cut])
    again = ring()
    left = 10 - math.ceil(cut / 28)
    assert times(again) == list(range(left))
    again.append(20, (0, 0))
    assert times(ring()) == [*range(left), 20]


@pytest.mark.parametrize("content", [b"", b"ttsdring", b"\0" * 500, b"something else" * 100])
def test_what_is_no_ring_becomes_one(ring, tmp_path, content):
    (tmp_path / "it.ring").write_bytes(content)
    assert subject(tmp_path / "it.ring") == ""
    begun = ring()
    assert times(begun) == []
    begun.append(1, (1, 1))
    assert times(ring()) == [1]
    assert subject(tmp_path / "it.ring") == "it"


@pytest.mark.parametrize("changed", [{"capacity": 60}, {"names": ("warmth", "other")}, {"whose": "another"}])
def test_a_ring_of_another_shape_is_begun_anew(ring, changed):
    ring().append(1, (1, 1))
    assert times(ring(**changed)) == []


def test_a_clock_that_was_set_back(ring):
    written = ring()
    for at_s in (100, 105, 110, 115):
        written.append(at_s, (1, 1))
    for at_s in (103, 108):
        written.append(at_s, (2, 2))
    assert [(row.at_s, row.figures[0]) for row in written.since(0)] == [(100, 1), (103, 2), (108, 2)]


def test_a_clock_that_was_in_the_future_for_a_while(ring):
    written = ring()
    for at_s in (100, 9_000_000, 9_000_005, 110):
        written.append(at_s, (0, 0))
    assert times(written) == [100, 110]
    assert times(written, 105) == [110]
