"""Away: no daemon answers; what to do about it."""

from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.screens.page import Look, Page
from tui.state import Link, State

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
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "connect", "Connect now", key_display="Enter")]

    class ConnectWanted(Message):
        """Do not wait any longer."""

    def __init__(self, look: Look, socket: Path) -> None:
        super().__init__(look)
        self._socket = socket
        self._text = Static(id="away")

    def body(self) -> ComposeResult:
        with Middle(), Center():
            yield self._text

    def show(self, state: State) -> None:
        super().show(state)
        self._text.border_title = TITLES[state.link]
        self._text.update(_advice(state, self._socket))

    def action_connect(self) -> None:
        self.post_message(self.ConnectWanted())


def _advice(state: State, socket: Path) -> Content:
    looked: list[tuple[str, str]] = [("Looked for it at\n", "$quiet"), (f"{socket}\n\n", "$primary")]
    if state.link is Link.STOPPED:
        return Content.assemble(
            ("It said goodbye, so it is left alone: connecting\ncould start it again.\n\n", "$foreground"),
            *_key("Enter", "connect, and start it if systemd holds its socket"),
        )
    if state.link is Link.STRANGE:
        return Content.assemble(
            (f"{state.note}\n\n", "$foreground"),
            ("Update the older of the two; this page goes away by itself.", "$quiet"),
        )
    return Content.assemble(
        *looked,
        ("Start one:\n", "$quiet"),
        *_key("systemctl --user start ttsd", "as a service of yours"),
        *_key("ttsd serve", "in another terminal"),
        *_key("make run", "from a checkout"),
        ("\nIt is connected as soon as it appears.", "$quiet"),
    )


def _key(name: str, what: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"  {name:<28}", "$accent"), (f"{what}\n", "$quiet")
