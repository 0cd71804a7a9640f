"""Help: every key of every mode, read from the bindings themselves."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

Group = tuple[str, Sequence[BindingType]]


class HelpScreen(ModalScreen[None]):
    """Shows groups of bindings; any of the leaving keys closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,ctrl+g,enter", "dismiss", "Leave")]

    def __init__(self, groups: Iterable[Group]) -> None:
        super().__init__()
        self._groups = list(groups)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc leave"
            with Container(id="groups"):
                for title, bindings in self._groups:
                    group = Static(keys(bindings), classes="group")
                    group.border_title = title
                    yield group


def keys(bindings: Sequence[BindingType]) -> Content:
    """One line a key: what it does, in words."""
    parts: list[tuple[str, str]] = []
    for binding in bindings:
        if isinstance(binding, Binding) and binding.show:
            name = binding.key_display or _name(binding.key)
            parts += [(f"{name:<7}", "$accent"), (f"{binding.tooltip or binding.description}\n", "$foreground")]
    return Content.assemble(*parts).rstrip()


def _name(key: str) -> str:
    first = key.split(",", maxsplit=1)[0]
    return first.replace("ctrl+", "^").upper() if len(first) > 1 else first
