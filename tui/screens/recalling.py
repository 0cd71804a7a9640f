"""What was spoken is written down, and brought back."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from ttsd.clock import Clock
from tui.memory import Memory
from tui.narrator import Narrator
from tui.screens.page import Look, early_key
from tui.screens.phrases import PhrasesPage
from tui.settings import Settings

if TYPE_CHECKING:
    from tui.spoken import Book, Spoken

FILE: Final = "spoken.sqlite3"


class RecallingPage(PhrasesPage):
    """Keeps the book of takes. Subclasses own the text and the settings."""

    HISTORY_KEY = early_key("ctrl+o", "history", "History", "^o", "What was spoken before: search it, bring it back")

    def __init__(self, look: Look, narrator: Narrator, now: Callable[[], datetime], memory: Memory) -> None:
        super().__init__(look, narrator, now)
        self._folder = memory.directory
        self._leaving = False
        narrator.on_spoken = self._write_down

    @cached_property
    def _book(self) -> "Book":
        from tui.spoken import Book  # it brings SQLite: the first paint does not wait for that

        return Book(self._folder / FILE)

    def bring_back(self, spoken: "Spoken") -> None:
        """Write and speak with `spoken` again."""
        raise NotImplementedError

    def _write_down(self, text: str, settings: Settings, length_s: float) -> None:
        from tui.spoken import Spoken

        spoken = Spoken(self._seconds(), length_s, text, settings)
        if self._leaving:
            self._book.add(spoken)
        else:
            self.run_worker(partial(self._add, spoken), group="history")

    async def _add(self, spoken: "Spoken") -> None:
        await asyncio.to_thread(self._book.add, spoken)

    def _seconds(self) -> float:
        return self._now().timestamp()

    def on_unmount(self) -> None:
        self._leaving = True
        self._narrator.record()

    def action_history(self) -> None:
        from tui.screens.spoken import SpokenScreen

        clock: Clock = self._seconds
        self.ask(SpokenScreen(self._book, clock, self._speak_again), self._brought)

    def _speak_again(self, spoken: "Spoken") -> None:
        self._narrator.read(spoken.text, more=False, settings=spoken.settings)
        self._narrator.pass_over(self.text)

    def _brought(self, spoken: "Spoken | None") -> None:
        if spoken:
            self.bring_back(spoken)
