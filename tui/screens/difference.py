"""A change that somebody else has to make: what it is, and the command."""

from typing import ClassVar, Final, cast

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.language import t
from tui.words import plain

COLOURS: Final = {"+": "$success", "-": "$error", "@": "$quiet"}


class DifferenceScreen(ModalScreen[None]):
    """Shows why this app does not write, a diff, and commands; `c` copies the commands."""

    CSS_PATH = "difference.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Leave"),
        Binding("c", "copy", "Copy"),
    ]

    def __init__(self, reason: str, diff: str, commands: list[str]) -> None:
        super().__init__()
        self._reason = reason
        self._diff = diff
        self._commands = commands

    def compose(self) -> ComposeResult:
        with Vertical(id="difference") as box:
            box.border_title = t("Not written")
            box.border_subtitle = t("c copy the command · esc leave")
            yield Static(Content.styled(plain(self._reason), "$warning"))
            with VerticalScroll(can_focus=False):
                yield Static(Content("\n").join(_coloured(line) for line in self._diff.splitlines()))
            yield Static(Content("\n").join(Content.styled(f"  {plain(one)}", "$accent") for one in self._commands))

    def action_copy(self) -> None:
        app = cast("App[None]", self.app)  # pyright: ignore[reportUnknownMemberType] — Textual leaves App's result open
        app.copy_to_clipboard("\n".join(self._commands))
        self.notify(t("The command is copied."), markup=False)


def _coloured(line: str) -> Content:
    return Content.styled(plain(line), COLOURS.get(line[:1], "$foreground"))
