"""What was spoken before: typing filters it, a key brings it back."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from ttsd.clock import Clock
from tui.language import t
from tui.reasons import Explains
from tui.spoken import Book, Spoken
from tui.widgets.keyline import KeyLine
from tui.widgets.rowlist import RowList
from tui.words import age, duration, fitted, plain

AGE: Final = 8
LENGTH: Final = 8
VOICE: Final = 12


class SpokenList(Explains, RowList[Spoken]):
    """A line for each take: when, how long, by whom, and how it begins."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"spoken--quiet", "spoken--text"}

    def __init__(self, clock: Clock) -> None:
        super().__init__(lambda spoken: spoken.id)
        self._clock = clock

    def segments(self, row: Spoken, width: int) -> list[Segment]:
        quiet = self.style_of("spoken--quiet")
        return [
            Segment(f" {fitted(age(self._clock() - row.at_s), AGE)}", quiet),
            Segment(f"{duration(row.length_s):>{LENGTH - 2}}  ", quiet),
            Segment(f"{fitted(plain(row.settings.voice or t('default')), VOICE)}  ", quiet),
            Segment(fitted(plain(row.text), max(4, width - AGE - LENGTH - VOICE - 3)), self.style_of("spoken--text")),
        ]


class SpokenScreen(Explains, ModalScreen[Spoken | None]):
    """Returns the take that is to be written and spoken with again, or `None` after Esc."""

    CSS_PATH = "spoken.tcss"
    KEYS_OF = "history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", key_display="Esc"),
        Binding("enter", "bring", "Bring it back", key_display="Enter", priority=True),
        Binding("space", "hear", "Speak it again", key_display="Space"),
        Binding("d,delete", "delete", "Delete", key_display="d"),
        Binding("u", "restore", "Undo", key_display="u"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("down", "list", "To the list", show=False),
    ]

    def __init__(self, book: Book, clock: Clock, again: Callable[[Spoken], None]) -> None:
        super().__init__()
        self._book = book
        self._again = again
        self._list = SpokenList(clock)
        self._deleted: list[Spoken] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="spoken") as box:
            box.border_title = t("Spoken before")
            yield Input(placeholder=t("type to filter"), compact=True)
            yield self._list
            yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._look_up()

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        match action:
            case "bring" | "hear" | "delete" if not self._list.selected:
                return t("Nothing is here.")
            case "restore" if not self._deleted:
                return t("Nothing was deleted.")
            case _:
                return None

    @on(Input.Changed)
    def _typed(self) -> None:
        self._look_up()

    def _look_up(self, change: Callable[[], None] | None = None) -> None:
        self.run_worker(partial(self._search, change), group="search", exclusive=change is None)

    async def _search(self, change: Callable[[], None] | None) -> None:
        if change:
            await asyncio.to_thread(change)
        self._list.show(await asyncio.to_thread(self._book.search, self.query_one(Input).value))
        self.query_one("#spoken").border_subtitle = "" if self._list.selected else t("Nothing is here.")
        self.refresh_bindings()

    # --- what the user does ---

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_filter(self) -> None:
        self.query_one(Input).focus()

    def action_list(self) -> None:
        self._list.focus()

    @on(RowList.Chosen)
    def action_bring(self) -> None:
        if taken := self._list.selected:
            self.dismiss(self._book.whole(taken))

    def action_hear(self) -> None:
        if taken := self._list.selected:
            self._again(self._book.whole(taken))

    def action_delete(self) -> None:
        if taken := self._list.selected:
            whole = self._book.whole(taken)
            self._deleted.append(whole)
            self._look_up(partial(self._book.delete, whole))

    def action_restore(self) -> None:
        if self._deleted:
            self._look_up(partial(self._book.add, self._deleted.pop()))
