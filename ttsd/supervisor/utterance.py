"""One segment being spoken: what the worker sends is taken at once, and waits here for its listener."""

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Callable

from ttsd.log import confide
from ttsd.protocol.engine import AppendText, Finished
from ttsd.protocol.errors import TtsdError
from ttsd.supervisor.policy import audible


class Utterance:
    """An async iterator of PCM (s16le, 24 kHz, mono), for one listener; holds one slot of the worker until `over`.

    A slow listener holds no slot: chunks are kept here. What was received before a failure is delivered before the
    failure is raised.
    """

    def __init__(
        self, number: int, ask_cancel: Callable[[int], None], append: Callable[[AppendText], None] | None = None
    ) -> None:
        """`append` hands on more text, where more is to come."""
        self.number = number
        self.finished: Finished | None = None
        """Set after a normal end, and after a cancelled one."""
        self.over = False
        """Whether the worker's last word on it has come: its slot is free."""
        self.heard_at = time.monotonic()
        """When the worker last gave a sign of life on it."""
        self.context = contextvars.copy_context()
        """Of who asked for it: what the worker says of it is logged there, with their ids."""
        self.silent = True
        """Whether nothing of it could be heard so far."""
        self._ask_cancel = ask_cancel
        self._append = append
        self._chunks: deque[bytes] = deque()
        self._error: TtsdError | None = None
        self._cancelled = False
        self._waiter: asyncio.Future[None] | None = None
        self._at_end: Callable[[], None] | None = None

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call back once when the worker's slot is free again, however this ends."""
        if self.over:
            callback()
        else:
            self._at_end = callback

    @property
    def writing(self) -> bool:
        """Whether more of its text is to come: the worker may be waiting for it, and owes no sound."""
        return self._append is not None

    def append(self, text: str, *, last: bool = False) -> None:
        """More of its text; after the last nothing may follow. One that is over or cancelled takes none."""
        assert self._append is not None, "its text is complete"
        if not self.over and not self._cancelled:
            self.context.run(confide, text)
            self._append(AppendText(self.number, text, last))
        if last:
            self._append = None
            self.heard_at = time.monotonic()

    def take(self, pcm: bytes) -> None:
        """The worker made `pcm`."""
        self.heard_at = time.monotonic()
        self.silent = self.silent and not audible(pcm)
        if not self._cancelled:
            self._chunks.append(pcm)
            self._wake()

    def finish(self, finished: Finished) -> None:
        """The worker is done with it."""
        self.finished = finished
        self._end()

    def fail(self, error: TtsdError) -> None:
        """It ends with `error`."""
        self._error = error
        self._end()

    @property
    def error(self) -> TtsdError | None:
        """What it ended with, when that was no success."""
        return self._error

    def waiting(self) -> tuple[bytes, ...]:
        """What was received and not yet taken."""
        return tuple(self._chunks)

    def _end(self) -> None:
        self.over = True
        at_end, self._at_end = self._at_end, None
        if at_end is not None:
            at_end()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> "Utterance":
        return self

    async def __anext__(self) -> bytes:
        """All that has come since the last look. Raises WorkerLost, or what the engine failed with."""
        while not self._chunks:
            if self._cancelled:
                raise StopAsyncIteration
            if self.over:
                raise self._error or StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if len(self._chunks) == 1:
            return self._chunks.popleft()
        pcm = b"".join(self._chunks)
        self._chunks.clear()
        return pcm

    def cancel(self) -> None:
        """Nobody wants the rest: the worker is told once, what is here is dropped, iteration ends."""
        if self._cancelled:
            return
        self._cancelled = True
        self._chunks.clear()
        if not self.over:
            self.heard_at = time.monotonic()
            self._ask_cancel(self.number)
        self._wake()

    async def aclose(self) -> None:
        """For `contextlib.aclosing`: cancels what is left."""
        self.cancel()
