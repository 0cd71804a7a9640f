"""Logs: the daemon's log as it grows, filtered and searched."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from tui import words
from tui.screens.page import Look, Page
from tui.state import State
from tui.widgets.logview import LEVELS, LogView


class LogsScreen(Page):
    """Shows the log of the state; owns the filter."""

    MODE = "logs"
    CSS_PATH = "logs.tcss"
    AUTO_FOCUS = "LogView"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "level", "Level", tooltip="Least level that is shown"),
        Binding("slash", "search", "Search", key_display="/", tooltip="Show only lines with these words"),
        Binding("escape", "leave", "Clear search", key_display="Esc", tooltip="Show every line again"),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._view = LogView()
        self._search = Input(placeholder="search  /", compact=True, id="search")
        self._summary = Static(id="summary")

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield self._summary
            yield self._search
        yield self._view

    def show(self, state: State) -> None:
        super().show(state)
        self._view.show(state.log)

    @on(LogView.Moved)
    def _moved(self) -> None:
        view = self._view
        shown, there = view.count
        amount = words.counted(there, "line") if shown == there else f"{shown:,} of {there:,} lines"
        if view.following:
            where = ("● following", "$success")
        else:
            where = (f"‖ held, {view.unseen} new below" if view.unseen else "‖ held", "$warning")
        self._summary.update(
            Content.assemble(
                ("level ", "$quiet"),
                (view.least, "$accent"),
                ("   ", "$quiet"),
                where,
                (f"   {amount}", "$quiet"),
            ),
            layout=False,
        )
        self.refresh_bindings()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._view.choose(search=event.value)

    @on(Input.Submitted)
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        self._view.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A search that is not on cannot be cleared."""
        if action == "leave":
            return True if self._search.value or self._search.has_focus else None
        return super().check_action(action, parameters)

    def action_level(self) -> None:
        self._view.choose(least=LEVELS[(LEVELS.index(self._view.least) + 1) % len(LEVELS)])

    def action_search(self) -> None:
        self._search.focus()

    def action_leave(self) -> None:
        self._search.clear()
        self._view.focus()
