"""What toasts have said, whole: they are gone after some seconds, and long ones are cut."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.language import t
from tui.words import plain, plain_lines

COLOURS: Final = {"information": "$primary", "warning": "$warning", "error": "$error"}


class Told(NamedTuple):
    """One toast."""

    clock: str
    """When it came, as it is read."""
    title: str
    text: str
    severity: str


class MessagesScreen(ModalScreen[None]):
    """The newest first."""

    CSS_PATH = "messages.tcss"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "Leave")]

    def __init__(self, told: Iterable[Told]) -> None:
        super().__init__()
        self._told = tuple(told)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="messages") as box:
            box.border_title = t("Messages")
            box.border_subtitle = t("esc leave")
            if not self._told:
                yield Static(Content.styled(t("Nothing has been said yet."), "$quiet"))
            for one in reversed(self._told):
                yield Static(Content.assemble(*_said(one)))


def _said(one: Told) -> Iterator[tuple[str, str]]:
    yield f"{one.clock}  ", "$quiet"
    if one.title:
        yield f"{plain(one.title)}\n", f"bold {COLOURS[one.severity]}"
    yield plain_lines(one.text), "$foreground"
