"""How much sound is kept in hand."""

from hypothesis import given
from hypothesis import strategies as st

from tui.cushion import CALM_S, GROWTH, LEAST_S, MOST_S, Cushion, after_hearing, after_underrun


def test_it_starts_small_grows_at_each_hitch_and_has_a_bound():
    cushion = Cushion()
    assert 0.06 <= cushion.depth_s <= 0.08
    assert after_underrun(cushion).depth_s == LEAST_S * GROWTH

    for _ in range(50):
        cushion = after_underrun(cushion)
    assert cushion.depth_s == MOST_S


def test_it_shrinks_slowly_while_nothing_happens():
    grown = after_underrun(after_underrun(Cushion()))

    assert after_hearing(grown, CALM_S / 2).depth_s == grown.depth_s
    assert grown.depth_s * 0.8 < after_hearing(after_hearing(grown, CALM_S / 2), CALM_S / 2).depth_s < grown.depth_s


def test_a_hitch_begins_the_calm_anew():
    almost = after_hearing(Cushion(0.5), CALM_S * 0.9)

    assert after_hearing(after_underrun(almost), CALM_S * 0.2).depth_s == 0.5 * GROWTH


def test_sound_is_let_out_when_there_is_enough_or_when_it_has_waited():
    cushion = Cushion(0.1)

    assert not cushion.opens(0.05, 0.05)
    assert cushion.opens(0.1, 0.0)
    assert cushion.opens(0.01, 0.1)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60))
def test_it_never_leaves_its_bounds(events: list[float | None]):
    cushion = Cushion()
    for heard in events:
        cushion = after_underrun(cushion) if heard is None else after_hearing(cushion, heard)
        assert LEAST_S <= cushion.depth_s <= MOST_S
