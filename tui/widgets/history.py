"""One figure over time: its name, its value now, and a skyline of what it was."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.bars import columns, newest


class History(Widget):
    """Shows values (0..1), newest at the right; title and subtitle of its border carry name and figure."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"history--low", "history--mid", "history--high"}

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002 — Textual's own name for it
        super().__init__(id=id)
        self.border_title = title
        self._values: Sequence[float] = ()
        self._rows: list[str] = []

    def show(self, values: Sequence[float], now: str) -> None:
        self._values = values
        self.border_subtitle = now
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        self._rows = columns(newest(self._values, width), height)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        row = self._rows[y] if y < len(self._rows) else " " * width
        level = (height - y) / height
        name = "high" if level > 0.9 else "mid" if level > 0.7 else "low"
        return Strip([Segment(row, self.get_component_rich_style(f"history--{name}"))], width)
