"""A bar for long work, on standard error; nothing where that is no terminal."""

import importlib
from types import TracebackType
from typing import Any, Self


class Bar:
    """One line at a time: it is gone when the work is, or has failed."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def show(self, what: str, done: int, total: int) -> None:
        """So much of `what` is done, in bytes."""
        if what != self._what:
            self._close()
            self._what = what
            # It comes with the hub's client, and heeds HF_HUB_DISABLE_PROGRESS_BARS.
            tqdm: Any = importlib.import_module("huggingface_hub.utils").tqdm
            self._bar = tqdm(desc=what, initial=done, total=total, unit="B", unit_scale=True, leave=False, disable=None)
        self._bar.update(done - self._bar.n)
        if done == total:
            self._bar.refresh()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
