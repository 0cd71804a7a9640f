"""The phrases of the take, the one that sounds now in front."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from tui.take import Take
from tui.words import plain

MARKS: Final = {"-heard": "✓", "-hearing": "▶", "-ahead": "·", "-pending": "…"}


class Line(Horizontal):
    """One phrase; its class says whether it was heard, is being heard, or is to come."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(classes=f"line {name}")
        self.text = text
        self._state = name
        self._mark = Static(MARKS.get(name, ""), markup=False, classes="mark")
        self._words = Static(plain(text), markup=False, classes="words")

    def compose(self) -> ComposeResult:
        yield self._mark
        yield self._words

    def mark(self, name: str) -> bool:
        """Returns whether that is news."""
        if name == self._state:
            return False
        self._state = name
        self.set_classes(f"line {name}")
        self._mark.update(MARKS[name])
        return True

    def say(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self._words.update(plain(text))


class Transcript(VerticalScroll, can_focus=False):
    """Shows a take; follows what is heard."""

    HINT: Final = "What you write is heard phrase by phrase, and stands here as it is spoken."

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._hint = Static(self.HINT, id="hint")
        self._pending = Line("", "-pending")
        self._take = -1

    def compose(self) -> ComposeResult:
        yield self._hint
        yield self._pending

    def show(self, take: Take, *, heard: int, hearing: int | None, pending: str) -> None:
        self._match(take)
        for place, line in enumerate(self._lines):
            name = "-hearing" if place == hearing else _side(take, place, heard)
            if line.mark(name) and name == "-hearing":
                line.scroll_visible(animate=False)
        self._hint.display = not take.phrases and not pending
        self._pending.display = bool(pending)
        self._pending.say(pending)

    def _match(self, take: Take) -> None:
        """One line for each phrase; lines that still say the same stay."""
        wanted = [phrase.text for phrase in take.phrases]
        same = 0
        if take.number == self._take:
            while same < min(len(wanted), len(self._lines)) and self._lines[same].text == wanted[same]:
                same += 1
        self._take = take.number
        gone, self._lines = self._lines[same:], self._lines[:same]
        if gone:
            self.remove_children(gone)
        new = [Line(text) for text in wanted[same:]]
        self._lines += new
        if new:
            self.mount(*new, before=self._pending)
            self.scroll_end(animate=False)


def _side(take: Take, place: int, heard: int) -> str:
    """Whether a phrase that does not sound lies before or after `heard`."""
    following = take.phrases[place + 1].start if place + 1 < len(take.phrases) else take.samples
    return "-heard" if following and heard >= following else "-ahead"
