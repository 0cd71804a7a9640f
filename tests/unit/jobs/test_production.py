"""How a job is cut into what is found together and what is made alone."""

from hypothesis import given
from hypothesis import strategies as st

from ttsd.jobs.production import FOUND_AT_ONCE, stretches


def test_neighbours_that_are_known_go_together_and_others_alone():
    assert list(stretches(range(10, 17), {11, 12, 13, 15}.__contains__)) == [
        range(10, 11), range(11, 14), range(14, 15), range(15, 16), range(16, 17)
    ]  # fmt: skip


@given(st.integers(0, 50), st.integers(0, 60), st.sets(st.integers(0, 110)))
def test_every_position_is_in_one_stretch_in_order(first: int, count: int, known: set[int]):
    found = list(stretches(range(first, first + count), known.__contains__))
    assert [position for stretch in found for position in stretch] == list(range(first, first + count))
    for stretch in found:
        assert 1 <= len(stretch) <= FOUND_AT_ONCE
        assert len(stretch) == 1 or known.issuperset(stretch)
