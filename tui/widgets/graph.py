"""One figure over time: its mean as a skyline, how low and how high it went in paler and in brighter tones."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.bars import EIGHTHS
from tui.charts import Chart, Column, columns_of, peak, top_of
from tui.language import t
from tui.widgets.lasting import Lasting
from tui.words import fitted

LEAST_FOR_AXIS: Final = 3
"""Rows from which on the last one names the times."""
TONES: Final = ("graph--low", "graph--mean", "graph--high")


class Graph(Lasting, Widget):
    """Shows a chart; its border has the name and the figure of now. Drawn line by line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*TONES, "graph--axis"}

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self._since = ""
        self._columns: Sequence[Column | None] = ()

    def show(self, chart: Chart, since: str) -> None:
        """`since` is how far back it goes, in words."""
        if (chart, since) == (self._chart, self._since):
            return
        self._chart, self._since = chart, since
        self.border_title = t(chart.name)
        self.border_subtitle = chart.now
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._chart is not None:
            self._columns = columns_of(self._chart.band, self.size.width, top_of(self._chart))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        with_axis = height >= LEAST_FOR_AXIS
        if with_axis and y == height - 1:
            return Strip([Segment(self._axis(width), self.get_component_rich_style("graph--axis"))], width)
        base = (height - with_axis - 1 - y) * 8
        full = (height - with_axis) * 8
        tones = [self.get_component_rich_style(name) for name in TONES]
        empty = Segment(" ", self.rich_style)
        return Strip([_cell(column, base, full, tones) or empty for column in self._columns], width)

    def _axis(self, width: int) -> str:
        """From when to when, and between them how high it was at most."""
        highest = peak(self._chart) if self._chart else ""
        middle = t("peak {figure}", figure=highest) if highest else ""
        return spread((f"−{t(self._since)}", middle, t("now")), width)


def spread(texts: tuple[str, str, str], width: int) -> str:
    """Three texts at the left, in the middle and at the right; the middle goes first where there is no room."""
    left, middle, right = texts
    room = width - sum(map(cell_len, texts))
    if room < 4:
        gap = width - cell_len(left) - cell_len(right)
        return left + " " * gap + right if gap > 0 else fitted(left, width)
    before = max(2, min(room - 2, (width - cell_len(middle)) // 2 - cell_len(left)))
    return left + " " * before + middle + " " * (room - before) + right


def _cell(column: Column | None, base: int, full: int, tones: Sequence[Style]) -> Segment | None:
    """One cell, eight steps high, whose lower edge is step `base` of `full`; `None`: there is nothing in it."""
    if column is None:
        return None
    tops = [round(level * full) - base for level in column]
    if base == 0 and column.mean > 0:
        tops[1] = max(tops[1], 1)
    ground = next((tone for top, tone in zip(tops, tones, strict=True) if top >= 8), None)
    # A cell has one edge, over one ground: that of the mean where it is in here.
    edge = next((number for number in (1, 0, 2) if 0 < tops[number] < 8), None)
    if edge is None:
        return Segment("█", ground) if ground else None
    style = tones[edge] + Style(bgcolor=ground.color) if ground else tones[edge]
    return Segment(EIGHTHS[tops[edge]], style)
