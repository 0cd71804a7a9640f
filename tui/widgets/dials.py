"""How the next take is spoken, to be turned up and down: with the arrow keys, or with the mouse."""

from collections.abc import Mapping
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.bars import line
from tui.language import t
from tui.reasons import Explains
from tui.settings import DIALS, NAMES, Dial, Settings, at_fraction, fraction, shown
from tui.widgets.lasting import Lasting
from tui.words import fitted, wrapped

ORDER: Final = tuple(DIALS)
VALUE: Final = 7
MOST_BAR: Final = 44


class Dials(Explains, Lasting, Widget, can_focus=True):
    """Shows one line for each dial, and below them what the chosen one does."""

    KEYS_OF = "dials"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", "Dial before", show=False),
        Binding("down,j", "choose(1)", "Dial after", show=False),
        Binding("left,h,minus", "turn(-1)", "Less", key_display="←"),
        Binding("right,l,plus", "turn(1)", "More", key_display="→"),
        Binding("shift+left", "turn(-0.2)", "A little less", show=False),
        Binding("shift+right", "turn(0.2)", "A little more", show=False),
        Binding("backspace,delete,0", "usual", "As usual", key_display="⌫"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"dials--{name}" for name in ("name", "bar", "rest", "value", "chosen", "hint", "reason"))
    }

    class Turned(Message):
        """Speak like this from now on."""

        def __init__(self, settings: Settings) -> None:
            super().__init__()
            self.settings = settings

    def __init__(self) -> None:
        super().__init__()
        self._settings = Settings()
        self._impossible: Mapping[Dial, str] = {}
        self._place = 0
        self._dragged: int | None = None

    @property
    def chosen(self) -> Dial:
        return ORDER[self._place]

    def show(self, settings: Settings, impossible: Mapping[Dial, str]) -> None:
        """`impossible`: the dials that change nothing now, and why."""
        self._settings, self._impossible = settings, impossible
        self.refresh()

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        return self._impossible.get(self.chosen) if action in ("turn", "usual") else None

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_choose(self, by: int) -> None:
        self._choose(max(0, min(self._place + by, len(ORDER) - 1)))

    def action_turn(self, steps: float) -> None:
        self._turn(self._settings.turned(self.chosen, steps))

    def action_usual(self) -> None:
        self._turn(self._settings.set(self.chosen, None))

    def _choose(self, place: int) -> None:
        self._place = place
        self.refresh()
        self.refresh_bindings()

    def _turn(self, settings: Settings) -> None:
        self._settings = settings
        self.refresh()
        self.post_message(self.Turned(settings))

    # --- how it looks ---

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        segments = self._dial(y) if y < len(ORDER) else self._hint(y - len(ORDER))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _dial(self, place: int) -> list[Segment]:
        dial = ORDER[place]
        dead = dial in self._impossible
        chosen = self.has_focus and place == self._place
        name = "hint" if dead else "chosen" if chosen else "name"
        value = shown(self._settings, dial)
        full, rest = line(fraction(self._settings, dial), self._bar)
        return [
            Segment("▸ " if chosen else "  ", self._style("chosen")),
            Segment(fitted(t(NAMES[dial]), self._names), self._style(name)),
            Segment(full, self._style("rest" if dead else "bar")),
            Segment(rest, self._style("rest")),
            Segment(" " * (VALUE - cell_len(value)) + value, self._style("hint" if dead else "value")),
        ]

    def _hint(self, row: int) -> list[Segment]:
        """What the chosen dial does, or why it does nothing, as far as there is room."""
        reason = self._impossible.get(self.chosen)
        lines = wrapped(reason or t(DIALS[self.chosen]), self.content_size.width - 2)
        room = self.content_size.height - len(ORDER)
        row -= 1 if room > len(lines) else 0
        text = lines[row] if 0 <= row < len(lines) else ""
        return [Segment(f"  {text}", self._style("reason" if reason else "hint"))]

    @property
    def _names(self) -> int:
        return 2 + max(cell_len(t(name)) for name in NAMES.values())

    @property
    def _bar(self) -> int:
        return max(4, min(MOST_BAR, self.content_size.width - 2 - self._names - VALUE - 1))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"dials--{name}")

    # --- the mouse ---

    def on_mouse_down(self, event: MouseDown) -> None:
        place = event.y - self.gutter.top
        if 0 <= place < len(ORDER):
            self._choose(place)
            self._dragged = place
            self.capture_mouse()
            self._put(event.x)

    def on_mouse_move(self, event: MouseMove) -> None:
        if self._dragged is not None:
            self._put(event.x)

    def on_mouse_up(self, _event: MouseUp) -> None:
        self._dragged = None
        self.release_mouse()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(event.y, 1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(event.y, -1)

    def _scroll(self, y: int, steps: int) -> None:
        place = y - self.gutter.top
        if 0 <= place < len(ORDER):
            self._choose(place)
            if self.chosen not in self._impossible:
                self.action_turn(steps)

    def _put(self, x: int) -> None:
        column = x - self.gutter.left - 2 - self._names
        if column >= -1 and self.chosen not in self._impossible:
            place = max(0.0, min(1.0, column / max(1, self._bar - 1)))
            self._turn(at_fraction(self._settings, self.chosen, place))
