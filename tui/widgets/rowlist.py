"""A list with a cursor, drawn line by line: any number of rows costs what a page of them costs."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.lasting import Lasting

T = TypeVar("T")


class RowList(Lasting, ScrollView, Generic[T], can_focus=True):
    """Shows rows; the cursor stays on its row while others come and go. Subclasses draw a row in `segments`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--cursor"}

    class Selected(Message):
        """The cursor is on another row, or its row has changed."""

    class Chosen(Message):
        """A row was pressed twice."""

    def __init__(self, same: Callable[[T], object]) -> None:
        """`same`: what stays of a row when it changes."""
        super().__init__()
        self._same = same
        self._rows: Sequence[T] = ()
        self._cursor = 0

    @property
    def selected(self) -> T | None:
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    @property
    def in_sight(self) -> Sequence[T]:
        """The rows on the screen now."""
        top = self.scroll_offset.y
        return self._rows[top : top + max(1, self.size.height)]

    def show(self, rows: Sequence[T]) -> None:
        before = self.selected
        self._rows = rows
        # Without rows it takes no room; hidden, it would lose the focus, and the next keys with it.
        self.set_class(not rows, "-bare")
        self.virtual_size = Size(1, len(rows))
        if before is not None:
            self._cursor = self._place_of(self._same(before), self._cursor)
        self._cursor = max(0, min(self._cursor, len(rows) - 1))
        self.refresh()
        if self.selected != before:
            self.post_message(self.Selected())

    def seek(self, same: object) -> None:
        """Put the cursor on that row, if it is here."""
        self._put(self._place_of(same, self._cursor))

    def _place_of(self, same: object, otherwise: int) -> int:
        return next((place for place, row in enumerate(self._rows) if self._same(row) == same), otherwise)

    def action_move(self, by: int) -> None:
        self._put(self._cursor + by)

    def action_page(self, direction: int) -> None:
        self._put(self._cursor + direction * max(1, self.size.height - 1))

    def on_click(self, event: Click) -> None:
        self._put(event.y + self.scroll_offset.y)
        if event.chain == 2:
            self.post_message(self.Chosen())

    def _put(self, place: int) -> None:
        if not self._rows:
            return
        self._cursor = max(0, min(place, len(self._rows) - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Selected())

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if place >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        if place == self._cursor:
            base += self.get_component_rich_style("row--cursor", partial=True)
        return Strip(self.segments(self._rows[place], width), width).apply_style(base)

    def segments(self, row: T, width: int) -> list[Segment]:
        """A row in exactly `width` cells."""
        raise NotImplementedError

    def style_of(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)
