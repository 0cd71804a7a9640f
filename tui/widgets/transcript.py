"""The phrases of the take, the one that sounds now in front."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.take import Take
from tui.words import wrapped

MARKS: Final = {"heard": "✓", "hearing": "▶", "ahead": "·", "pending": "…", "hint": " "}
HINT: Final = "What you write is heard phrase by phrase, and stands here as it is spoken."

Entry = tuple[str, str]
"""A phrase and its mark."""


class Transcript(ScrollView, can_focus=False):
    """Shows a take, drawn line by line; follows what is heard."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{name}" for name in MARKS}

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self._lines: list[tuple[str, str, str]] = []
        self._width = 0

    def show(self, take: Take, *, heard: int, hearing: int | None, pending: str) -> None:
        entries = [(phrase.text, _mark(take, place, heard, hearing)) for place, phrase in enumerate(take.phrases)]
        if pending:
            entries.append((pending, "pending"))
        if entries != self._entries or not self._lines:
            grown = len(entries) > len(self._entries)
            self._entries = entries
            self._wrap()
            self._follow(grown=grown)

    def on_resize(self) -> None:
        self._wrap()

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        self._lines = [
            (line, mark if number == 0 else "", mark)
            for text, mark in self._entries or [(HINT, "hint")]
            for number, line in enumerate(wrapped(text, width - 2))
        ]
        self.virtual_size = Size(1, len(self._lines))
        self.refresh()

    def _follow(self, *, grown: bool) -> None:
        """Keep what is heard in sight; while nothing is, what has come last."""
        lines = [place for place, (_, _, name) in enumerate(self._lines) if name == "hearing"]
        if lines:
            self.scroll_to_region(Region(0, lines[0], 1, len(lines)), animate=False, force=True)
        elif grown:
            self.scroll_end(animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        if place >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        text, mark, name = self._lines[place]
        style = self.get_component_rich_style(f"transcript--{name}")
        segments = [Segment(f"{MARKS[mark] if mark else ' '} {text}", style)]
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    @property
    def texts(self) -> Sequence[Entry]:
        """What is shown, for those who look."""
        return self._entries


def _mark(take: Take, place: int, heard: int, hearing: int | None) -> str:
    """How the phrase at `place` stands to the listener."""
    if place == hearing:
        return "hearing"
    following = take.phrases[place + 1].start if place + 1 < len(take.phrases) else take.samples
    return "heard" if following and heard >= following else "ahead"
