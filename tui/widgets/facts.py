"""Names and values in two columns; a long value wraps within its own."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.words import wrapped

Fact = tuple[str, str, str]
"""Name, value, colour of the value."""


class Facts(Widget):
    """Shows facts, as high as they need; the names have room for `least` letters at least."""

    def __init__(self, facts: Sequence[Fact] = (), *, least: int = 8, names: str = "$quiet", classes: str = "") -> None:
        super().__init__(classes=classes)
        self._facts = facts
        self._least = least
        self._names = names

    def show(self, facts: Sequence[Fact]) -> None:
        if facts != self._facts:
            before = len(self._lines(self.size.width))
            self._facts = facts
            self.refresh(layout=len(self._lines(self.size.width)) != before)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        gutter = 2 + max([self._least, *(cell_len(name) for name, _, _ in self._facts)])
        for name, value, colour in self._facts:
            label = set_cell_size(name, gutter)
            for part in wrapped(value, width - gutter):
                lines.append(Content.assemble((label, self._names), (part, colour)))
                label = " " * gutter
        return lines
