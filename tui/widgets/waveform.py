"""The sound of the take as a skyline, with what was heard in another colour; a click goes there."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import MouseDown, MouseMove, MouseUp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.bars import columns, squeezed
from tui.widgets.lasting import Lasting


class Waveform(Lasting, Widget, can_focus=True):
    """Shows an envelope (0..1 a column) that grows from the left, then is squeezed into the width.

    Under the mouse, and with the keys while it has the focus, it asks to be heard from elsewhere.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "waveform--heard",
        "waveform--head",
        "waveform--ahead",
        "waveform--rest",
    }
    FOCUS_ON_CLICK = False
    """Who writes goes on writing."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "screen.toggle_sound", "Pause", show=False),
        Binding("left", "screen.skip(-1)", "1 s back", show=False),
        Binding("right", "screen.skip(1)", "1 s forward", show=False),
        Binding("up", "screen.step(-1)", "Phrase before", show=False),
        Binding("down", "screen.step(1)", "Phrase after", show=False),
        Binding("home", "screen.replay", "From the beginning", show=False),
    ]

    class Sought(Message):
        """To be heard from `fraction` (0..1) of the take on."""

        def __init__(self, fraction: float) -> None:
            super().__init__()
            self.fraction = fraction

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str] = []
        self._shown: tuple[int, int, int, int] | None = None
        self._split = 0
        self._envelope: Sequence[float] = ()
        self._heard = 0.0
        self._dragged = False

    def show(self, envelope: Sequence[float], heard: float) -> None:
        """`heard` is the fraction of the envelope that was heard."""
        self._envelope, self._heard = envelope, heard
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        drawn = min(len(self._envelope), width)
        split = min(int(self._heard * drawn), drawn)
        shown = (len(self._envelope), split, width, height)
        if shown == self._shown:
            return
        if self._shown is None or shown[:1] + shown[2:] != self._shown[:1] + self._shown[2:]:
            # The ear hears loudness by ratio: a root shows quiet speech too.
            self._rows = columns([level**0.6 for level in squeezed(self._envelope, width)], height)
        self._shown, self._split = shown, split
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.content_size
        row = self._rows[y] if y < len(self._rows) else ""
        split = self._split
        segments = [
            Segment(row[:split], self.get_component_rich_style("waveform--heard")),
            Segment(row[split : split + 1], self.get_component_rich_style("waveform--head")),
            Segment(row[split + 1 :], self.get_component_rich_style("waveform--ahead")),
        ]
        # A line of dots where there is no sound: the place for it can be seen.
        rest = "·" if y == height - 1 else " "
        segments.append(Segment(rest * (width - len(row)), self.get_component_rich_style("waveform--rest")))
        return Strip(segments, width)

    # --- the mouse ---

    def on_mouse_down(self, event: MouseDown) -> None:
        self._dragged = True
        self.capture_mouse()
        self._seek(event.x)

    def on_mouse_move(self, event: MouseMove) -> None:
        if self._dragged:
            self._seek(event.x)

    def on_mouse_up(self, _event: MouseUp) -> None:
        self._dragged = False
        self.release_mouse()

    def _seek(self, x: int) -> None:
        drawn = len(self._rows[0]) if self._rows else 0
        if drawn:
            column = x - self.gutter.left
            self.post_message(self.Sought(max(0.0, min(1.0, column / drawn))))
