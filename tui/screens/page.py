"""What the modes share: the line at the top, the keys at the bottom, and a place in between."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from tui.state import State
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

    def compose(self) -> ComposeResult:
        yield self._top
        yield from self.body()
        yield Footer()

    def body(self) -> ComposeResult:
        """Between the lines at top and bottom."""
        raise NotImplementedError

    def show(self, state: State) -> None:
        self._top.show(state)

    def on_screen_resume(self) -> None:
        self.show(self._look())
