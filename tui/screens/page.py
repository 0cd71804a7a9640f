"""What the modes share: the line at the top, the keys at the bottom, and a place in between."""

from collections.abc import Callable
from typing import ClassVar

from textual.actions import parse
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from tui.state import State
from tui.widgets.keyline import KeyLine
from tui.widgets.topbar import TopBar

Look = Callable[[], State]
"""Reads the app's state."""


class Page(Screen[None]):
    """A mode. `show` is called with the newest state while it is in front, and when it comes to the front."""

    MODE: ClassVar[str]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._top = TopBar(self.MODE)
        self._allowed: tuple[bool | None, ...] = ()

    def compose(self) -> ComposeResult:
        yield self._top
        yield from self.body()
        yield KeyLine()

    def body(self) -> ComposeResult:
        """Between the lines at top and bottom."""
        raise NotImplementedError

    def show(self, state: State) -> None:
        self._top.show(state)

    def refresh_keys(self) -> None:
        """Show which keys do something now. Asked often, so it is passed on only when it differs."""
        actions = [parse(binding.action) for binding in self.BINDINGS if isinstance(binding, Binding)]
        allowed = tuple(self.check_action(name, parameters) for _, name, parameters in actions)
        if allowed != self._allowed:
            self._allowed = allowed
            self.refresh_bindings()

    def on_mount(self) -> None:
        """Runs after the page's own; from now on there is something to show on."""
        self._top.show(self._look())
        self.call_later(self._show_now)

    def on_screen_resume(self) -> None:
        self._show_now()

    def _show_now(self) -> None:
        if self.is_mounted:
            self.show(self._look())
