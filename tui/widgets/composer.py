"""Where one writes. A long text comes in little by little, so that the app goes on answering."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar, Final, Self

from rich.cells import split_graphemes
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.geometry import Region
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, Selection
from textual.worker import Worker

from tui.language import later, t
from tui.widgets.lasting import Lasting

LONG_CHARS: Final = 20_000
"""From here on a text is not spoken while it is pasted, and a job is the better place for it."""
SLICE_CHARS: Final = 16_000
"""What is put in between two frames."""
SLICE_S: Final = 1 / 60
BROUGHT_CHARS: Final = 200
"""What undo or redo brings back at once from here on was pasted or cleared, and not typed."""
LONGEST_LINE: Final = 600
"""Characters; the widget wraps a line anew as a whole at each key."""
JOINERS: Final = ("\u200c", "\u200d")
SIMPLE_BELOW: Final = "\u0300"
"""Characters below combine with nothing."""
_SENTENCE: Final = re.compile(r"(?<=[.!?…])[ \t]+|(?<=[。！？])")
_BREAK: Final = re.compile(r"[ \t]+|(?<=[，、；：])")


class Composer(Lasting, TextArea, inherit_bindings=False):
    """Tab leaves it; F6 and F7 are the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if isinstance(binding, Binding) and binding.key not in ("f6", "f7")
    ]
    PLACEHOLDER: Final = later("Type here, and hear it while you type.")

    _edging = False
    """Only its lower edge changes now."""

    class Pouring(Message):
        """A long text comes in: it is not for speaking while it does."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Poured(Message):
        """All of it is in."""

    def __init__(self) -> None:
        super().__init__(id="composer", placeholder=t(self.PLACEHOLDER), tab_behavior="focus")
        self._pouring = self._brought = False
        self._work: Worker[None] | None = None

    def say_below(self, text: str) -> None:
        """On the lower edge, which alone is painted for it."""
        if text != self.border_subtitle:
            self._edging = True
            self.border_subtitle = text
            self._edging = False

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        if self._edging:
            size, inside = self.outer_size, self.content_offset
            regions = (Region(-inside.x, size.height - 1 - inside.y, size.width, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    async def _on_key(self, event: Key) -> None:
        """Textual takes printable characters only; what joins those of an emoji or a word is none."""
        if event.character in JOINERS and not self.read_only:
            event.stop()
            event.prevent_default()
            self._replace_via_keyboard(event.character, *self.selection)

    # What is seen as one character is gone over and deleted as one: an emoji of several, a letter with its accent.

    def get_cursor_left_location(self) -> tuple[int, int]:
        row, column = super().get_cursor_left_location()
        return row, self._edges(row, column)[0]

    def get_cursor_right_location(self) -> tuple[int, int]:
        row, column = super().get_cursor_right_location()
        return row, self._edges(row, column)[1]

    def _edges(self, row: int, column: int) -> tuple[int, int]:
        """Where the character begins and ends within which `column` lies; twice `column` between two."""
        line = self.document.get_line(row)
        around = range(max(0, column - 1), min(len(line), column + 1))
        if all(line[place] < SIMPLE_BELOW for place in around):
            return column, column
        found = (span[:2] for span in split_graphemes(line)[0] if span[0] < column < span[1])
        return next(found, (column, column))

    def undo(self) -> None:
        self._step_aside(self.history.undo_stack)
        before = len(self.text)
        super().undo()
        self._brought |= len(self.text) - before >= BROUGHT_CHARS

    def redo(self) -> None:
        self._step_aside(self.history.redo_stack)
        before = len(self.text)
        super().redo()
        self._brought |= len(self.text) - before >= BROUGHT_CHARS

    def has_brought_back(self) -> bool:
        """Whether undo or redo has brought back more than was typed, since this was asked last."""
        brought, self._brought = self._brought, False
        return brought

    def _step_aside(self, batches: Sequence[Sequence[Edit]]) -> None:
        """Put the cursor where the text stays: Textual looks for it once lines are gone, before it moves it itself."""
        if batches:
            self.selection = Selection.cursor(min(edit.top for edit in batches[-1]))

    async def _on_paste(self, event: Paste) -> None:
        if len(event.text) < LONG_CHARS:
            return  # Textual's own handler follows
        event.stop()
        event.prevent_default()
        if not self._pouring:
            self.post_message(self.Pouring(event.text))

    def pour(self, text: str) -> None:
        """Put `text` in the place of what is selected, in slices; `Ctrl+Z` takes all of it back at once."""
        self._pouring = self.read_only = True
        self._work = self.run_worker(partial(self._pour, text), group="pour")

    def empty(self) -> None:
        """Take everything away, and what still comes in; `Ctrl+Z` brings back what was there."""
        if self._work:
            self._work.cancel()
        self.clear()

    async def _pour(self, text: str) -> None:
        try:
            self.delete(*self.selection, maintain_selection_offset=False)
            self.history.checkpoint()
            for number, part in enumerate(slices(text)):
                self.insert(part, maintain_selection_offset=False)
                if number:
                    self._join_last_edits()
                await asyncio.sleep(SLICE_S)
        finally:
            self._pouring = self.read_only = False
            self.post_message(self.Poured())

    def _join_last_edits(self) -> None:
        """Undo takes them back together; Textual itself joins single letters only."""
        # pyright and ruff: Textual keeps all of this to itself.
        stack = self.history._undo_stack  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        (last,) = stack.pop()
        first = stack[-1][-1]
        first.text += last.text
        first._edit_result = last._edit_result  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        first._updated_selection = last._updated_selection  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def slices(text: str) -> Iterator[str]:
    """`text` piece by piece, its longest lines broken, between sentences where there are any."""
    piece = ""
    for line in text.splitlines(keepends=True):
        for part in _parts(line):
            piece += part
            if len(piece) >= SLICE_CHARS:
                yield piece
                piece = ""
    if piece:
        yield piece


def _parts(line: str) -> Iterator[str]:
    while len(line) > LONGEST_LINE:
        cut = _last(_SENTENCE, line) or _last(_BREAK, line)
        begin, end = cut.span() if cut else (LONGEST_LINE, LONGEST_LINE)
        yield line[:begin] + "\n"
        line = line[end:]
    yield line


def _last(kind: re.Pattern[str], line: str) -> re.Match[str] | None:
    found = [cut for cut in kind.finditer(line, 1, LONGEST_LINE) if cut.end() < len(line)]
    return found[-1] if found else None
