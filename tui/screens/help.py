"""Help: every key of every mode, read from the bindings themselves."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tui.widgets.facts import Fact, Facts

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
            for title, bindings in self._groups:
                group = Facts(keys(bindings), least=6, names="$accent", classes="group")
                group.border_title = title
                yield group


def keys(bindings: Sequence[BindingType]) -> list[Fact]:
    """What each key does, in words; keys that every list has are left out."""
    return [
        (binding.key_display or binding.key, binding.tooltip, "$foreground")
        for binding in bindings
        if isinstance(binding, Binding) and binding.tooltip
    ]
