"""One stretch of speech made ahead of its turn."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from ttsd.audio.pcm import silence
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.speech import Segment

Speak = Callable[[Segment], AsyncGenerator[bytes]]


class Take:
    """Speech under way: made as fast as it comes, kept until it is asked for; holds no slot once it is made.

    Its maker is a task of `group`. What was made before a failure is delivered before the failure is raised.
    """

    def __init__(self, group: asyncio.TaskGroup, source: AsyncGenerator[bytes]) -> None:
        self._chunks: deque[bytes] = deque()
        self._error: TtsdError | None = None
        self._over = False
        self._changed = asyncio.Event()
        self._task = group.create_task(self._make(source))

    async def _make(self, source: AsyncGenerator[bytes]) -> None:
        try:
            async with aclosing(source):
                async for chunk in source:
                    self._chunks.append(chunk)
                    self._changed.set()
        except TtsdError as error:
            self._error = error
        self._over = True
        self._changed.set()

    def __aiter__(self) -> "Take":
        return self

    async def __anext__(self) -> bytes:
        """The next chunk. Raises TtsdError."""
        while not self._chunks:
            if self._over:
                raise self._error or StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._chunks.popleft()

    def cancel(self) -> None:
        """Nobody wants the rest: making it stops, iteration ends."""
        self._chunks.clear()
        self._error = None
        self._over = True
        self._changed.set()
        self._task.cancel()

    async def aclose(self) -> None:
        """For `aclosing`: cancels what is left."""
        self.cancel()


async def narrate(segments: Sequence[Segment], speak: Speak, group: asyncio.TaskGroup) -> AsyncGenerator[bytes]:
    """The sound of `segments` with the pauses between them; use it under `aclosing`.

    The next segment is begun when the first sound of the one before it is there: no gap between sentences,
    and nobody's second sentence goes before another's first.
    """
    ahead: Take | None = None
    for segment, following in zip(segments, [*segments[1:], None], strict=True):
        source, ahead = ahead or speak(segment), None
        before = silence(segment.pause_before_ms)
        async with aclosing(source):
            async for chunk in source:
                if ahead is None and following is not None:
                    ahead = Take(group, speak(following))
                yield before + chunk
                before = b""
        if following is not None:
            yield silence(segment.pause_after_ms)
