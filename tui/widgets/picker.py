"""A short list to choose from."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui import words
from tui.language import t

Choice = tuple[str, str]
"""What it is called, and its value."""


class Picker(ModalScreen[str | None]):
    """Returns the chosen value, or `None` after Esc."""

    CSS_PATH = "picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave")]

    def __init__(
        self, title: str, choices: Sequence[Choice], chosen: str, impossible: Mapping[str, str] | None = None
    ) -> None:
        """`impossible`: values that cannot be chosen now, and why."""
        super().__init__()
        self._impossible = impossible or {}
        self._title = title
        self._choices = choices
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(id="picker") as box:
            box.border_title = Content(words.plain(self._title))
            box.border_subtitle = t("enter choose · esc leave")
            yield OptionList(
                *(self._option(name, value) for name, value in self._choices),
                compact=True,
                markup=False,
            )

    def _option(self, name: str, value: str) -> Option:
        reason = self._impossible.get(value)
        mark = "●" if value == self._chosen else " "
        return Option(f"{mark} {name}" + (f" · {reason}" if reason else ""), disabled=bool(reason))

    def on_mount(self) -> None:
        values = [value for _, value in self._choices]
        self.query_one(OptionList).highlighted = values.index(self._chosen) if self._chosen in values else 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index][1])
