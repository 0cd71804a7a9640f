"""The phrases of the take, the one that sounds now in front."""

from collections.abc import Callable, Container, Iterator, Sequence
from typing import ClassVar, Final, Literal, NamedTuple, cast

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.karaoke import Place
from tui.language import later, t
from tui.reasons import Explains
from tui.take import Take
from tui.widgets.lasting import Lasting
from tui.words import plain, wrapped

MARKS: Final = {"heard": "✓", "hearing": "▶", "ahead": "·", "again": "↻", "pending": "…", "hint": " "}
HINT: Final = later("What you write is heard phrase by phrase, and stands here as it is spoken.")

Entry = tuple[str, str]
"""A phrase and its mark."""
Act = Literal["hear", "retake", "edit"]
"""What can be done with a phrase."""
Where = tuple[int, int | None]
"""The sample that is heard, and the place of its phrase; `None` while nothing is heard."""


class Line(NamedTuple):
    """One line of an entry, and where in the entry it begins."""

    text: str
    start: int
    name: str
    first: bool
    entry: int


class Transcript(Explains, Lasting, ScrollView, can_focus=True):  # pyright: ignore[reportIncompatibleMethodOverride] — ScrollView scrolls its own way
    """Shows a take, drawn line by line; follows what is heard. With the focus, a phrase is chosen in it."""

    KEYS_OF = "transcript"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "ask('retake')", "Once more", tooltip="Speak this phrase anew, by another seed, in its place"),
        Binding("e", "ask('edit')", "Edit", tooltip="Go to this phrase where it is written"),
        Binding("space,enter", "ask('hear')", "Hear it", key_display="Space", tooltip="Hear it from this phrase on"),
        Binding("up,k", "choose(-1)", "Up", show=False),
        Binding("down,j", "choose(1)", "Down", show=False),
        Binding("home", "choose(-1000000)", "First", show=False),
        Binding("end", "choose(1000000)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{name}" for name in (*MARKS, "word", "said", "cursor")}

    class Asked(Message):
        """Something is to be done with the phrase at `place` of the take."""

        def __init__(self, what: Act, place: int) -> None:
            super().__init__()
            self.what = what
            self.place = place

    def __init__(self) -> None:
        super().__init__()
        self.why_not: Callable[[Act, int], str | None] = lambda _what, _place: None
        """Asked before something is done with a phrase: why it cannot be."""
        self._cursor = 0
        self._count = 0
        self._entries: list[Entry] = []
        self._lines: list[Line] = []
        self._word: Place = (0, 0)
        self._seen: tuple[object, ...] = ()

    def show(
        self, take: Take, where: Where, *, pending: str = "", retaking: Container[int] = (), word: Place = (0, 0)
    ) -> None:
        """`word` is where the word stands that is heard; `retaking` are the indexes of phrases spoken anew now."""
        heard, hearing = where
        # With one phrase heard, those before it are heard and those after it are not, wherever in it the listener is.
        seen = (take, hearing, heard if hearing is None else None, pending, retaking)
        if seen != self._seen:
            self._seen = seen
            self._list(take, where, pending, retaking)
        if word != self._word:
            self._word = word
            self._refresh_hearing()

    def _list(self, take: Take, where: Where, pending: str, retaking: Container[int]) -> None:
        entries = [
            (phrase.text, "again" if phrase.index in retaking else _mark(take, place, *where))
            for place, phrase in enumerate(take.phrases)
        ]
        self._count = len(entries)
        if pending:
            entries.append((pending, "pending"))
        if entries != self._entries or not self._lines:
            grown = len(entries) > len(self._entries)
            self._entries = entries
            self._cursor = max(0, min(self._cursor, self._count - 1))
            self._wrap()
            self._follow(grown=grown)

    def _refresh_hearing(self) -> None:
        top = self.scroll_offset.y
        for place, line in enumerate(self._lines):
            if line.name == "hearing":
                self.refresh(Region(0, place - top, self.size.width, 1))

    def on_resize(self) -> None:
        self._wrap()

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        self._lines = [
            line
            for entry, (text, mark) in enumerate(self._entries or [(t(HINT), "hint")])
            for line in _lines(entry, text, mark, width - 2)
        ]
        self.virtual_size = Size(1, len(self._lines))
        self.refresh()

    def _follow(self, *, grown: bool) -> None:
        """Keep what is heard in sight; while nothing is, what has come last; or what was chosen, with the focus."""
        if self.has_focus:
            return
        lines = [place for place, line in enumerate(self._lines) if line.name == "hearing"]
        if lines:
            self.scroll_to_region(Region(0, lines[0], 1, len(lines)), animate=False, force=True)
        elif grown:
            self.scroll_end(animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        if place >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        line = self._lines[place]
        mark = MARKS[line.name] if line.first else " "
        segments = [Segment(f"{mark} ", self._style(line.name)), *self._segments(line)]
        base = self.rich_style
        if self.has_focus and line.entry == self._cursor < self._count:
            base += self.get_component_rich_style("transcript--cursor", partial=True)
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(base)

    def _segments(self, line: Line) -> list[Segment]:
        """The line's text; in the phrase that is heard, what was said and the word now apart from the rest."""
        if line.name != "hearing":
            return [Segment(line.text, self._style(line.name))]
        begin, end = (max(0, min(len(line.text), at - line.start)) for at in self._word)
        return [
            Segment(line.text[:begin], self._style("said")),
            Segment(line.text[begin:end], self._style("word")),
            Segment(line.text[end:], self._style("hearing")),
        ]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"transcript--{name}", partial=True)

    # --- choosing ---

    @property
    def chosen(self) -> int:
        """The place in the take of the phrase that is chosen."""
        return self._cursor

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        if action != "ask":
            return None
        if not self._count:
            return t("Nothing was spoken yet.")
        return self.why_not(cast("Act", parameters[0]), self._cursor)

    def action_ask(self, what: Act) -> None:
        self.post_message(self.Asked(what, self._cursor))

    def action_choose(self, by: int) -> None:
        self._choose(self._cursor + by)

    def on_focus(self) -> None:
        """Begin with what is heard, or with what came last."""
        hearing = [place for place, (_, mark) in enumerate(self._entries) if mark == "hearing"]
        self._choose(hearing[0] if hearing else self._count - 1)

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: Click) -> None:
        place = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= place < len(self._lines):
            self._choose(self._lines[place].entry)
            if event.chain == 2 and not self.reason("ask", ("hear",)):
                self.action_ask("hear")

    def _choose(self, place: int) -> None:
        self._cursor = max(0, min(place, self._count - 1))
        lines = [at for at, line in enumerate(self._lines) if line.entry == self._cursor]
        if lines and self._count:
            self.scroll_to_region(Region(0, lines[0], 1, len(lines)), animate=False, force=True)
        self.refresh()
        self.refresh_bindings()

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


def _lines(entry: int, text: str, mark: str, width: int) -> Iterator[Line]:
    at = 0
    shown = plain(text)
    for number, line in enumerate(wrapped(text, width)):
        at = shown.index(line, at)
        yield Line(line, at, mark, number == 0, entry)
        at += len(line)
