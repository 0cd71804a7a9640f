"""What a form is filled in with: a line, a path that completes itself, a few lines, one of several."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tui.paths import completed, completions
from tui.widgets.picker import Choice


class Submitted(Message):
    """Enter was pressed: the answers are complete."""


class _Completing(Suggester):
    """Offers the first path that begins with what is written."""

    def __init__(self, suffixes: tuple[str, ...]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._suffixes = suffixes

    async def get_suggestion(self, value: str) -> str | None:
        return next(iter(completions(value, self._suffixes)), None) if value else None


class PathInput(Input):
    """A line for a path; Tab completes it, by what is offered when there are several; then it goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False)]

    def __init__(self, value: str, name: str, *, suffixes: tuple[str, ...] = (), placeholder: str = "") -> None:
        super().__init__(value, compact=True, placeholder=placeholder, suggester=_Completing(suffixes), id=name)
        self._suffixes = suffixes

    def action_complete(self) -> None:
        longer = completed(self.value, self._suffixes)
        if longer == self.value:
            offered = completions(self.value, self._suffixes)
            longer = self.value if self.value in offered else next(iter(offered), self.value)
        if longer == self.value:
            self.screen.focus_next()
        else:
            self.value = longer
            self.cursor_position = len(longer)


class Lines(TextArea, inherit_bindings=False):
    """A few lines of text; Enter submits, as in a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Submit", show=False, priority=True),
        *(binding for binding in TextArea.BINDINGS if isinstance(binding, Binding)),
    ]

    def action_submit(self) -> None:
        self.post_message(Submitted())


class Cycle(Widget, can_focus=True):
    """One of several values: the arrows go through them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,down", "turn(1)", "Next", show=False),
        Binding("left,up", "turn(-1)", "Previous", show=False),
        Binding("enter", "submit", "Submit", show=False),
    ]

    class Turned(Message):
        """Another value is chosen."""

    def __init__(self, choices: Sequence[Choice], value: str, name: str) -> None:
        super().__init__(id=name)
        self._choices = choices
        values = [value for _, value in choices]
        self._place = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        return self._choices[self._place][1]

    def action_turn(self, by: int) -> None:
        self._place = (self._place + by) % len(self._choices)
        self.refresh()
        self.post_message(self.Turned())

    def action_submit(self) -> None:
        self.post_message(Submitted())

    def on_click(self) -> None:
        self.action_turn(1)

    def render(self) -> Content:
        return Content.assemble(("‹ ", "$accent"), (self._choices[self._place][0], "$foreground"), (" ›", "$accent"))
