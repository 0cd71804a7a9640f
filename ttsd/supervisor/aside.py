"""What may block for ever, asked in a thread of its own: whoever asks never waits longer than a moment."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

from ttsd.log import Hindrance

T = TypeVar("T")


class Aside(Generic[T]):
    """Owns the last answer, and whether one is being waited for: there is one thread at most."""

    def __init__(self, name: str, first: T, *, patience_s: float) -> None:
        """`first` stands in until there is an answer."""
        self.last = first
        self._name = name
        self._patience_s = patience_s
        self.asking = False
        """Whether a call has not returned yet."""
        self._trouble = Hindrance("health.blind", "health.seen_again", asked=name)

    async def ask(self, read: Callable[[], T]) -> T:
        """What `read` returns, or the last answer: while an older call blocks, after `patience_s`, or when it raises.

        That is logged once, until `read` returns again.
        """
        if self.asking:
            return self.last
        self.asking = True
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            try:
                tell = partial(self._answered, answer, read())
            except Exception as error:  # noqa: BLE001 — whatever it was, it may be asked again
                tell = partial(self._failed, answer, error)
            with suppress(RuntimeError):  # the loop was closed while we were kept waiting
                loop.call_soon_threadsafe(tell)

        # Not an executor: leaving the interpreter would wait for an answer that never comes.
        thread = threading.Thread(target=run, name=self._name, daemon=True)
        try:
            thread.start()
            async with asyncio.timeout(self._patience_s):
                return await answer
        except TimeoutError:
            return self.last
        except RuntimeError:  # the kernel has no thread for us now
            self.asking = False
            return self.last

    def _answered(self, answer: asyncio.Future[T], value: T) -> None:
        self._trouble.over()
        self._end(answer, value)

    def _failed(self, answer: asyncio.Future[T], error: Exception) -> None:
        self._trouble.met(f"{type(error).__name__}: {error}", exc_info=error)
        self._end(answer, self.last)

    def _end(self, answer: asyncio.Future[T], value: T) -> None:
        self.asking = False
        self.last = value
        if not answer.done():
            answer.set_result(value)
