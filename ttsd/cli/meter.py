"""How far a batch is: a bar on a terminal, else a line now and then; both on standard error."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

import click

from ttsd.cli.exits import complain
from ttsd.cli.wording import duration, plural

LINE_EVERY_S: Final = 10.0


class Meter:
    """Counts up to `total`. Use it as a context manager; `say` tells something without tearing the bar."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._done = 0
        self._failed = 0
        self._began = self._told = clock()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._total and sys.stderr.isatty():
            self._bar = click.progressbar(
                length=self._total, label=plural(self._total, "row"), show_pos=True, show_percent=True,
                item_show_func=self._note, file=sys.stderr,
            )  # fmt: skip
            self._bar.__enter__()
            self._bar.render_progress()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, traceback)

    def step(self, *, failed: bool = False) -> None:
        """One more is done."""
        self._done += 1
        self._failed += failed
        if self._bar is not None:
            self._bar.update(1, self._done)
        elif self._done < self._total and self._clock() - self._told >= LINE_EVERY_S:
            self._told = self._clock()
            complain(self._line())

    def say(self, message: str) -> None:
        """One line."""
        if self._bar is not None:
            click.echo("\r\x1b[K", err=True, nl=False)
        complain(message)
        if self._bar is not None:
            self._bar.render_progress()

    def _line(self) -> str:
        left_s = (self._clock() - self._began) / self._done * (self._total - self._done)
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._done:,} of {plural(self._total, 'row')}{failed}, about {duration(left_s)} left"

    def _note(self, _item: object) -> str | None:
        return f"{self._failed} failed" if self._failed else None
