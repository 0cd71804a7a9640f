"""Names and values in two columns; a long value wraps within its own."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.words import plain

Fact = tuple[str, str, str]
"""Name, value, colour of the value."""


class Row(Horizontal):
    """One fact."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(classes="fact")
        self._fact = fact
        self._name = Static(fact[0], markup=False, classes="fact-name")
        self._value = Static(_value(fact), classes="fact-value")

    def compose(self) -> ComposeResult:
        yield self._name
        yield self._value

    def show(self, fact: Fact) -> None:
        if fact != self._fact:
            self._fact = fact
            self._name.update(fact[0])
            self._value.update(_value(fact))


class Facts(Vertical):
    """Shows facts; rows are kept and filled anew."""

    def __init__(self, facts: Sequence[Fact] = (), *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._rows = [Row(fact) for fact in facts]

    def compose(self) -> ComposeResult:
        yield from self._rows

    def show(self, facts: Sequence[Fact]) -> None:
        for row, fact in zip(self._rows, facts, strict=False):
            row.show(fact)
        for place, row in enumerate(self._rows):
            row.display = place < len(facts)
        new = [Row(fact) for fact in facts[len(self._rows) :]]
        self._rows += new
        if new:
            self.mount(*new)


def _value(fact: Fact) -> Content:
    return Content.styled(plain(fact[1]), fact[2])
