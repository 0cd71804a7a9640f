"""The log: drawn line by line, with a cursor; it follows the end until the cursor leaves it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final, cast

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LEVELS, NOT_SAID, LogQuery, in_words, rank, words_of
from tui.language import later, t
from tui.loglines import LogLines
from tui.reasons import Explains
from tui.widgets.lasting import Lasting
from tui.words import plain

GLYPHS: Final = {"debug": "·", "info": " ", "warning": "!", "error": "✗", "critical": "✗"}
ROOMY: Final = 110
"""From so many cells on, fields stand in a column of their own."""
EVENT: Final = 22
TRACE: Final = "exception"
"""The field with a traceback."""
HEAD: Final = 1
"""Lines above the first row: what there is to say of the past."""
WEEKDAYS: Final = (
    later("Monday"),
    later("Tuesday"),
    later("Wednesday"),
    later("Thursday"),
    later("Friday"),
    later("Saturday"),
    later("Sunday"),
)


class LogView(Explains, Lasting, ScrollView, can_focus=True):  # pyright: ignore[reportIncompatibleMethodOverride] — ScrollView scrolls its own way
    """Shows the rows of `LogLines`; the cursor stays on its line while others come and go."""

    KEYS_OF = "logs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "follow", "Follow", key_display="End", tooltip="Go to the newest line and stay there"),
        Binding("n", "match(1)", "Next match", show=False, tooltip="To the next line with the words searched for"),
        Binding("N", "match(-1)", "Match before", show=False, tooltip="To the line before with the words searched for"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"log--{level}" for level in LEVELS),
        "log--time",
        "log--event",
        "log--name",
        "log--value",
        "log--found",
        "log--day",
        "log--head",
        "log--cursor",
    }

    class Moved(Message):
        """Following began or ended, the cursor moved, or lines were added."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, type(self))

    class TopReached(Message):
        """The first line is in sight: older ones may be wanted."""

    class Rejoined(Message):
        """From the past back to the newest lines, which are to be shown anew."""

    class Sought(Message):
        """No line from here on has the words, as far as lines were read; `step` is 1 or -1."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Chosen(Message):
        """A line was pressed twice."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = LogLines()
        self.following = True
        self.unseen = 0
        self.head = ""
        self._place = 0
        self._fitting = False
        self._words: Sequence[str] = ()

    @property
    def selected(self) -> LogEvent | None:
        """The line under the cursor."""
        row = self.lines.rows[self._place] if self._place < len(self.lines.rows) else None
        return row if isinstance(row, LogEvent) else None

    @property
    def has_room(self) -> bool:
        """Fewer lines than there are places for them."""
        return len(self.lines.rows) + HEAD < self.size.height

    @property
    def top_day(self) -> date | None:
        """The day of the first line in sight, when it does not stand above that one."""
        place = self.scroll_offset.y - HEAD
        row = self.lines.rows[place] if 0 <= place < len(self.lines.rows) else None
        return moment(row.at_s).date() if isinstance(row, LogEvent) else None

    # --- what is shown ---

    def show(self, log: Sequence[LogEvent]) -> None:
        """Take in what is new of the state's lines."""
        change = self.lines.hear(log)
        if change == (0, 0):
            return
        if not self.following:
            self.unseen += change.added
        self._fit(-change.dropped)

    def choose(self, query: LogQuery, *, around: bool) -> None:
        """Change the filter; the cursor stays on its line if that is still shown, else on one after it."""
        before = self.selected
        self.lines.choose(query, around=around)
        self._words = words_of(query.q)
        self.unseen = 0
        if before is not None and not self.following:
            self._place = self._place_at(before.at_s)
        self._fit(0)
        if not self.following:
            self._bring_in_sight()
        self._look_on()

    def _place_at(self, at_s: float) -> int:
        """The first line of that time or after it, or the last of all."""
        lines = self.lines
        while lines.ahead and not any(isinstance(row, LogEvent) and row.at_s < at_s for row in lines.rows[:2]):
            lines.look_on()
        rows = enumerate(lines.rows)
        at = next((at for at, row in rows if isinstance(row, LogEvent) and row.at_s >= at_s), None)
        return len(lines.rows) - 1 if at is None else at

    def _look_on(self) -> None:
        """Let the filter go through the lines that it has not seen, between what else is to be done."""
        if self.lines.ahead:
            self._fit(self.lines.look_on())
            self.call_later(self._look_on)

    def hold(self) -> None:
        """Stay at the line under the cursor, whatever becomes of those after it."""
        self.following = False

    def put_before(self, found: Sequence[LogEvent]) -> None:
        """Older lines, newest first; what is in sight stays where it is."""
        self._fit(self.lines.put_before(found))

    def say(self, head: str) -> None:
        """What stands above the first line."""
        if head != self.head:
            self.head = head
            self.refresh()

    def _fit(self, shift: int) -> None:
        """The rows have changed, `shift` of them in front."""
        rows = len(self.lines.rows)
        self._fitting = True
        # By assignment it would lay out the whole screen anew, and lines come twenty times a second.
        self.set_reactive(cast("Any", LogView.virtual_size), Size(1, rows + HEAD))
        self._scroll_update(self.virtual_size)
        if self.following:
            self._place = max(0, rows - 1)
            self.scroll_end(animate=False, immediate=True)
        else:
            self._place = max(0, min(self._place + shift, rows - 1))
            if shift:
                self.scroll_to(y=max(0, self.scroll_y + shift), animate=False, force=True, immediate=True)
        self._fitting = False
        self.refresh()
        self.post_message(self.Moved())

    # --- moving ---

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        if action == "follow" and self.following:
            return t("The newest line is in sight.")
        if action == "match" and not self._words:
            return t("No search is on.")
        return super().reason(action, parameters)

    def action_move(self, by: int) -> None:
        self._put(self._place + by, 1 if by > 0 else -1)

    def action_page(self, direction: int) -> None:
        self._put(self._place + direction * max(1, self.size.height - 1), direction)

    def action_first(self) -> None:
        self._put(0)

    def action_follow(self) -> None:
        self.following, self.unseen = True, 0
        if self.lines.parted:
            self.lines.rejoin()
            self.post_message(self.Rejoined())
        self._fit(0)

    def action_match(self, step: int) -> None:
        if not self.go_to_match(step):
            self.post_message(self.Sought(step))

    def go_to_match(self, step: int) -> bool:
        """To the next line with the words, if there is one among those that were read."""
        place = self.lines.match_from(self._place, step)
        if place is not None:
            self._put(place)
        return place is not None

    def on_click(self, event: Click) -> None:
        self._put(event.get_content_offset_capture(self).y + self.scroll_offset.y - HEAD)
        if event.chain == 2:
            self.post_message(self.Chosen())

    def _put(self, place: int, step: int = 1) -> None:
        """Move the cursor there; days are stepped over."""
        rows = self.lines.rows
        if not rows:
            self.post_message(self.TopReached())
            return
        place = max(1, min(place, len(rows) - 1))
        if not isinstance(rows[place], LogEvent):
            place += step  # before a day and after it there are lines, but for the first
        self._place = place
        self.following = place == len(rows) - 1 and not self.lines.parted
        self.unseen = 0 if self.following else self.unseen
        self._bring_in_sight()
        self.refresh()
        self.post_message(self.Moved())
        if place == 1:
            self.post_message(self.TopReached())

    def _bring_in_sight(self) -> None:
        """The cursor; with the first line what stands above it."""
        y = 0 if self._place == 1 else self._place + HEAD
        self.scroll_to_region(Region(0, y, 1, self._place + HEAD + 1 - y), animate=False, force=True)

    def on_mouse_scroll_up(self) -> None:
        if self.scroll_y < 1:
            self.post_message(self.TopReached())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel takes the cursor along."""
        super().watch_scroll_y(old_value, new_value)
        if self._fitting:
            return
        top, height, last = round(new_value) - HEAD, max(1, self.size.height), len(self.lines.rows) - 1
        if new_value < old_value:
            self.following = False
        elif new_value >= self.max_scroll_y - 0.5 and not self.lines.parted:
            self.following, self.unseen = True, 0
        place = last if self.following else min(max(self._place, top), top + height - 1)
        self._place = max(0, min(place, last))
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        self._fit(0)
        if not self.following:
            self._bring_in_sight()

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y - HEAD
        width = self.scrollable_content_region.width
        if place < 0:
            return self._strip(Text.assemble((f" {self.head}", self._style("head")), end=""), width)
        if place >= len(self.lines.rows):
            return Strip.blank(width, self.rich_style)
        row = self.lines.rows[place]
        if isinstance(row, date):
            return self._strip(Text.assemble((f"── {day(row)} ".ljust(width, "─"), self._style("day")), end=""), width)
        return self._strip(self._line(row, width), width, at_cursor=place == self._place)

    def _strip(self, text: Text, width: int, *, at_cursor: bool = False) -> Strip:
        base = self.rich_style + self._style("cursor") if at_cursor else self.rich_style
        console = self.app.console  # pyright: ignore[reportUnknownMemberType] — Textual leaves the app's result open
        return Strip(text.render(console)).adjust_cell_length(width).apply_style(base)

    def _line(self, line: LogEvent, width: int) -> Text:
        level = self._style(LEVELS[rank(line.level)])
        text = Text(end="")
        text.append(f" {moment(line.at_s):%H:%M:%S} ", self._style("time"))
        text.append(f"{GLYPHS.get(line.level, '?')} ", level)
        event = plain(line.event[:width])
        text.append(event.ljust(EVENT) if width >= ROOMY else event, level if rank(line.level) > 1 else "")
        for name, value in line.fields.items():
            if name == NOT_SAID:
                continue
            if text.cell_len > width:
                break
            text.append(f"  {plain(name[:width])}=", self._style("name"))
            shown = in_words(value).rstrip()
            if name == TRACE:  # its last line says what happened; the others are among the details
                shown = shown.rpartition("\n")[2]
            text.append(plain(shown[: 2 * width]), self._style("value"))
        self._mark(text)
        return text

    def _mark(self, text: Text) -> None:
        """What is searched for stands out."""
        found = self._style("found")
        lower = text.plain.lower()
        for word in self._words:
            at = lower.find(word)
            while at >= 0:
                text.stylize(found, at, at + len(word))
                at = lower.find(word, at + len(word))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log--{name}", partial=True)


def moment(at_s: float) -> datetime:
    """On the reader's clock."""
    return datetime.fromtimestamp(at_s, tz=UTC).astimezone()


def day(day: date) -> str:
    """`Saturday 2026-11-28`"""
    return f"{t(WEEKDAYS[day.weekday()])} {day.isoformat()}"
