"""Away: no daemon answers; what to do about it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle, Vertical
from textual.widgets import Static

from ttsd.client import VERSION
from ttsd.places import service_of
from tui import words
from tui.language import later, t
from tui.screens.page import Look, Page
from tui.state import Link, State
from tui.versions import ADVICE, older
from tui.widgets.facts import Facts

TITLES: Final = {
    Link.SEARCHING: later("No daemon answers"),
    Link.LOST: later("The daemon does not answer any more"),
    Link.STOPPED: later("The daemon was stopped"),
    Link.STRANGE: later("The daemon speaks another protocol"),
    Link.UP: later("Connected"),
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
        self._box.border_title = t(TITLES[state.link])
        why, ways, then = advice(state, self._socket)
        self._why.update(words.plain(why))
        self._ways.show([(key, what, "$foreground") for key, what in ways])
        self._then.update(then)


Advice = tuple[str, Sequence[tuple[str, str]], str]
"""Why there is no daemon, what can be done and what that does, and what happens then."""


def advice(state: State, socket: Path) -> Advice:
    if state.link is Link.STOPPED:
        return (
            t("It said goodbye, so it is left alone."),
            [("Enter", t("connect; where systemd holds the socket, that starts the daemon again"))],
            t("What you have written stays: F1 shows it."),
        )
    if state.link is Link.STRANGE:
        return _versions(state), [("Enter", t("try again now"))], t(ADVICE[older(state.stranger)])
    service = service_of(socket)
    return (
        t("Looked for it at {socket}", socket=socket),
        [(f"sudo systemctl start {service}", t("the service of this machine"))]
        if service
        else [
            ("systemctl --user start ttsd", t("as a service of yours")),
            ("ttsd serve", t("in another terminal")),
            ("make run", t("from a checkout")),
        ],
        t("It is connected as soon as it appears."),
    )


def _versions(state: State) -> str:
    if not state.stranger:
        return state.note
    text = t("The daemon is version {theirs}, this app {ours}.", theirs=state.stranger, ours=VERSION)
    return f"{text} {state.note}"
