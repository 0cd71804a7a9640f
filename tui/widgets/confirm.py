"""A question that is answered with yes or no."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import words
from tui.language import t


class Confirm(ModalScreen[bool]):
    """Returns whether it may be done; Esc is no."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="confirm") as box:
            box.border_subtitle = t("y yes · n no")
            yield Static(words.plain(self._question), markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
