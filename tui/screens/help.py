"""Help: every key of every mode, read from the bindings themselves, with the name that `[tui] keys` knows it by."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from tui.keys import shown
from tui.language import t
from tui.words import fitted

Row = tuple[str, str, str]
"""Key, what it does, its name."""
KEY: Final = 9
GAP: Final = 2
NAME_FROM: Final = 86
"""Cells from which on there is room for the names."""


class KeyTable(Widget):
    """Shows the rows of one group; hidden while none of them is looked for."""

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        super().__init__(classes="group")
        self.border_title = title
        self._all = rows
        self._rows = rows

    def choose(self, words: Sequence[str]) -> None:
        """Show the rows that have all `words` (lower case)."""
        self._rows = [row for row in self._all if all(word in " ".join(row).lower() for word in words)]
        self.display = bool(self._rows)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows)

    def render(self) -> Content:
        width = self.size.width
        name = max((cell_len(name) for _, _, name in self._all), default=0) if width >= NAME_FROM else 0
        return Content("\n").join(
            Content.assemble(
                (fitted(key, KEY), "$accent"),
                (fitted(what, width - KEY - name - GAP) + " " * GAP, "$foreground"),
                (called if name else "", "$faint"),
            )
            for key, what, called in self._rows
        )


class HelpScreen(ModalScreen[None]):
    """Shows groups of bindings; typing looks for one."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+g,enter", "dismiss", "Leave", priority=True)]

    def __init__(self, groups: Iterable[tuple[str, Sequence[BindingType]]]) -> None:
        super().__init__()
        self._groups = [KeyTable(t(title), keys(bindings)) for title, bindings in groups]

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as box:
            box.border_title = t("Keys")
            box.border_subtitle = t("esc leave")
            yield Input(placeholder=t("type to look for one"), compact=True)
            with VerticalScroll(can_focus=False):
                yield from self._groups

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        for group in self._groups:
            group.choose(event.value.lower().split())


def keys(bindings: Sequence[BindingType]) -> list[Row]:
    """What each key does, in words; keys that every list has are left out."""
    return [
        (shown(binding), t(binding.tooltip), binding.id or "")
        for binding in bindings
        if isinstance(binding, Binding) and binding.tooltip
    ]
