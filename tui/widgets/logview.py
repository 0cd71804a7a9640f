"""The log: drawn line by line, with a filter; it follows the end until it is scrolled up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ttsd.protocol.events import LogEvent
from tui.words import plain

LEVELS: Final = ("debug", "info", "warning", "error")
GLYPHS: Final = {"debug": "·", "info": " ", "warning": "!", "error": "✗"}


class LogView(ScrollView, can_focus=True):
    """Shows lines; `least` and `search` choose among them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("end,G", "follow", "Follow", key_display="End", tooltip="Go to the newest line and stay there")
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"log--{level}" for level in LEVELS),
        "log--time",
        "log--event",
        "log--field",
        "log--found",
    }

    class Moved(Message):
        """Following began or ended, or lines were added."""

    def __init__(self) -> None:
        super().__init__()
        self._all: Sequence[LogEvent] = ()
        self._lines: list[LogEvent] = []
        self.least = "info"
        self.search = ""
        self.following = True
        self.unseen = 0

    @property
    def count(self) -> tuple[int, int]:
        """Lines shown, lines there are."""
        return len(self._lines), len(self._all)

    def show(self, log: Sequence[LogEvent]) -> None:
        if log is self._all:
            return
        before = len(self._lines)
        self._all = log
        self._choose()
        if not self.following:
            self.unseen += max(0, len(self._lines) - before)
        self.post_message(self.Moved())

    def choose(self, *, least: str | None = None, search: str | None = None) -> None:
        """Change the filter."""
        self.least = self.least if least is None else least
        self.search = self.search if search is None else search.lower()
        self._choose()
        self.post_message(self.Moved())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Following is offered where it is not on already."""
        if action == "follow":
            return None if self.following else True
        return super().check_action(action, parameters)

    def action_follow(self) -> None:
        self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.following = new_value >= self.max_scroll_y - 0.5
        self.unseen = 0 if self.following else self.unseen
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        self._choose()

    def _choose(self) -> None:
        rank = LEVELS.index(self.least)
        self._lines = [line for line in self._all if _rank(line) >= rank and self._found(line)]
        following = self.following
        self.virtual_size = Size(1, len(self._lines))
        if following:
            self.scroll_end(animate=False, immediate=True)
        self.refresh()

    def _found(self, line: LogEvent) -> bool:
        return not self.search or self.search in f"{line.event} {fields(line)}".lower()

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[place]
        level = self.get_component_rich_style(f"log--{line.level}" if line.level in LEVELS else "log--info")
        time = datetime.fromtimestamp(line.at_s, tz=UTC).astimezone().strftime("%H:%M:%S")
        segments = [
            Segment(f" {time} ", self.get_component_rich_style("log--time")),
            Segment(f"{GLYPHS.get(line.level, '?')} ", level),
            *self._marked(plain(line.event), "log--event" if _rank(line) < 2 else f"log--{line.level}"),
            Segment("  "),
            *self._marked(fields(line), "log--field"),
        ]
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _marked(self, text: str, name: str) -> list[Segment]:
        """`text`, with what is searched for in front."""
        style = self.get_component_rich_style(name)
        found = self.get_component_rich_style("log--found")
        segments: list[Segment] = []
        start = 0
        while self.search and (at := text.lower().find(self.search, start)) >= 0:
            end = at + len(self.search)
            segments += [Segment(text[start:at], style), Segment(text[at:end], found)]
            start = end
        return [*segments, Segment(text[start:], style)]


def fields(line: LogEvent) -> str:
    """What the event says, without the module it comes from: the event's name tells that."""
    return plain(" ".join(f"{name}={value}" for name, value in line.fields.items() if name != "logger"))


def _rank(line: LogEvent) -> int:
    return LEVELS.index(line.level) if line.level in LEVELS else LEVELS.index("info")
