"""Away: no daemon answers; what to do about it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle, Vertical
from textual.widgets import Static

from tui import words
from tui.screens.page import Look, Page
from tui.state import Link, State
from tui.widgets.facts import Facts

TITLES: Final = {
    Link.SEARCHING: "No daemon answers",
    Link.LOST: "The daemon does not answer any more",
    Link.STOPPED: "The daemon was stopped",
    Link.STRANGE: "The daemon speaks another protocol",
    Link.UP: "Connected",
}


class AwayScreen(Page):
    """Shows why there is no daemon, and how to get one."""

    MODE = "away"
    CSS_PATH = "away.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "app.connect", "Connect now", key_display="Enter")]

    def __init__(self, look: Look, socket: Path) -> None:
        super().__init__(look)
        self._socket = socket
        self._box = Vertical(id="away")
        self._why = Static(id="why", markup=False)
        self._ways = Facts(least=5, names="$accent")
        self._then = Static(id="then", markup=False)

    def body(self) -> ComposeResult:
        with Middle(), Center(), self._box:
            yield self._why
            yield self._ways
            yield self._then

    def show(self, state: State) -> None:
        super().show(state)
        self._box.border_title = TITLES[state.link]
        why, ways, then = advice(state, self._socket)
        self._why.update(words.plain(why))
        self._ways.show([(key, what, "$foreground") for key, what in ways])
        self._then.update(then)


Advice = tuple[str, Sequence[tuple[str, str]], str]
"""Why there is no daemon, what can be done and what that does, and what happens then."""


def advice(state: State, socket: Path) -> Advice:
    if state.link is Link.STOPPED:
        return (
            "It said goodbye, so it is left alone.",
            [("Enter", "connect; where systemd holds the socket, that starts the daemon again")],
            "What you have written stays: F1 shows it.",
        )
    if state.link is Link.STRANGE:
        return state.note, [("Enter", "try again now")], "Update the older of the two, the daemon or this app."
    return (
        f"Looked for it at {socket}",
        [
            ("systemctl --user start ttsd", "as a service of yours"),
            ("ttsd serve", "in another terminal"),
            ("make run", "from a checkout"),
        ],
        "It is connected as soon as it appears.",
    )
