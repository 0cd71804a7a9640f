"""Charts and bars as text and figures: what fits, what is high, what is not known."""

import pytest

from ttsd.protocol.health import GpuProcess, GpuSample
from ttsd.protocol.history import Band
from tui.charts import NO_BAND, Chart, chosen, columns_of, peak, top_of
from tui.widgets.cardpanel import bar, memory_bar
from tui.widgets.graph import spread


def band(*means: float | None) -> Band:
    return Band(
        tuple(None if mean is None else mean / 2 for mean in means),
        means,
        tuple(None if mean is None else mean * 2 for mean in means),
    )


def test_stretches_share_a_column_or_have_several():
    assert columns_of(band(1, 2, 3, 4), 2, 8) == [(1 / 16, 1.5 / 8, 0.5), (1.5 / 8, 3.5 / 8, 1.0)]
    assert columns_of(band(2, 4), 4, 8) == [(1 / 8, 0.25, 0.5)] * 2 + [(0.25, 0.5, 1.0)] * 2
    assert columns_of(band(None, 4), 2, 8) == [None, (0.25, 0.5, 1.0)]
    assert columns_of(NO_BAND, 3, 8) == [None] * 3
    assert columns_of(band(1, 2), 2, 0) == [None] * 2


def test_a_column_with_a_gap_tells_what_is_known():
    assert columns_of(band(None, 4, None), 1, 8) == [(0.25, 0.5, 1.0)]


@pytest.mark.parametrize(
    ("highest", "top"), [(0.4, 20), (19, 20), (21, 50), (51, 100), (100, 100), (180, 200), (700, 1000)]
)
def test_a_chart_without_a_top_chooses_a_round_one(highest, top):
    assert top_of(Chart("lag", "", band(highest / 2), least_top=20)) == top


def test_the_peak_is_told_where_one_is_known():
    assert peak(Chart("CPU", "", band(0.1, None, 0.3))) == "60 %"
    assert peak(Chart("CPU", "", band(None))) == ""


def test_a_low_screen_shows_three_charts_beside_cards():
    cards = [Chart(name, "", NO_BAND) for name in "abcd"]
    machine = [Chart(name, "", NO_BAND) for name in "efghijk"]
    assert "".join(chart.name for chart in chosen(cards, machine, low=True)) == "abe"
    assert "".join(chart.name for chart in chosen(cards, machine, low=False)) == "abcdefgh"
    assert "".join(chart.name for chart in chosen([], machine, low=True)) == "efghijk"


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (30, "−5 min    peak 31 %        now"),
        (22, "−5 min  peak 31 %  now"),
        (20, "−5 min           now"),
        (8, "−5 min  "),
    ],
)
def test_the_axis_drops_its_middle_where_there_is_no_room(width, line):
    assert spread(("−5 min", "peak 31 %", "now"), width) == line


def text(parts) -> str:
    return "".join(text for text, _ in parts)


def test_a_bar_has_as_many_cells_as_it_is_wide():
    assert text(bar([(0.5, "a"), (0.25, "b")], 8)) == "━━━━━━──"
    assert text(bar([(0.9, "a"), (0.9, "b")], 8)) == "━━━━━━━━"
    assert text(bar([], 4)) == "────"


@pytest.mark.parametrize(
    ("used", "line", "colours"),
    [
        (50, "━━━━━────┃", ("$primary", "$secondary")),
        (95, "━━━━━━━━━┃", ("$error", "$warning")),
        (None, "──────────", ()),
    ],
)
def test_memory_against_the_threshold(used, line, colours):
    card = GpuSample(0, "RTX", used, 100, processes=(GpuProcess(1, 30, ours=True),))
    parts = memory_bar(card, 0.9, 10)
    assert text(parts) == line
    assert tuple(colour for text, colour in parts if text.startswith("━"))[:2] == colours
