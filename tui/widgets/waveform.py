"""The sound of the take as a skyline, with what was heard in another colour."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.bars import columns, squeezed


class Waveform(Widget):
    """Shows an envelope (0..1 a column) that grows from the left, then is squeezed into the width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"waveform--heard", "waveform--ahead", "waveform--rest"}

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str] = []
        self._shown: tuple[int, int, int, int] | None = None
        self._split = 0
        self._envelope: Sequence[float] = ()
        self._heard = 0.0

    def show(self, envelope: Sequence[float], heard: float) -> None:
        """`heard` is the fraction of the envelope that was heard."""
        self._envelope, self._heard = envelope, heard
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        levels = squeezed(self._envelope, width)
        split = round(self._heard * len(levels))
        shown = (len(self._envelope), split, width, height)
        if shown != self._shown:
            # The ear hears loudness by ratio: a root shows quiet speech too.
            self._rows = columns([level**0.6 for level in levels], height)
            self._shown, self._split = shown, split
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        row = self._rows[y] if y < len(self._rows) else ""
        segments = [
            Segment(row[: self._split], self.get_component_rich_style("waveform--heard")),
            Segment(row[self._split :], self.get_component_rich_style("waveform--ahead")),
        ]
        # A line of dots where there is no sound: the place for it can be seen.
        rest = "·" if y == self.size.height - 1 else " "
        segments.append(Segment(rest * (width - len(row)), self.get_component_rich_style("waveform--rest")))
        return Strip(segments, width)
