"""Which file is to be spoken: a line that completes paths."""

from textual.app import ComposeResult
from textual.containers import Vertical

from ttsd.protocol.prep import SUFFIXES
from tui.language import t
from tui.widgets.answers import PathInput
from tui.widgets.prompt import Prompt


class DropFile(Prompt):
    """Returns the path as it was typed, or `None` after Esc."""

    def __init__(self) -> None:
        super().__init__("", "")

    def compose(self) -> ComposeResult:
        with Vertical(id="prompt") as box:
            box.border_title = t("Queue a file")
            box.border_subtitle = t("tab complete · enter queue · esc leave")
            yield PathInput("", "path", suffixes=SUFFIXES, placeholder=t("a text, web page, book, subtitles or table"))
