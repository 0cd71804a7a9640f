"""One live session: what is written goes up in order, what the daemon says comes down."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from ttsd.client import LiveSession
from ttsd.protocol.speech import ClientMessage, End, Played, ServerMessage, Start

END_AFTER_S: Final = 60.0
"""A session left alone gives its place to others; typing on opens a new one."""
PLAYED_EVERY_S: Final = 0.2

Launch = Callable[[Callable[[], Coroutine[None, None, None]]], None]
"""Runs a conversation, or what is to come before one; what it ran before that is cancelled first."""


class Speaks(Protocol):
    """The part of the client that this needs."""

    def speak(self) -> AbstractAsyncContextManager[LiveSession]: ...


class Conversation:
    """Owns one `WS /v1/speak` from `Start` to `Ended`; cancel `run` to stop it at once."""

    def __init__(
        self,
        client: Speaks,
        start: Start,
        heard: Callable[[], int],
        quiet: Callable[[], bool],
        receive: Callable[["Conversation", ServerMessage | bytes], None],
    ) -> None:
        self._client = client
        self._heard = heard
        self._quiet = quiet
        self._receive = receive
        self._outbox: asyncio.Queue[ClientMessage] = asyncio.Queue()
        self._ending = False
        self.say(start)

    @property
    def open(self) -> bool:
        """It still takes text."""
        return not self._ending

    def say(self, message: ClientMessage) -> None:
        """Send `message` after those before it."""
        self._ending = self._ending or isinstance(message, End)
        self._outbox.put_nowait(message)

    async def run(self) -> None:
        """Until the daemon has spoken everything. Raises TtsdError, alone or in a group."""
        async with self._client.speak() as live, asyncio.TaskGroup() as group:
            chores = [group.create_task(self._send(live)), group.create_task(self._report())]
            try:
                async for message in live:
                    self._receive(self, message)
            finally:
                self._ending = True
                for chore in chores:
                    chore.cancel()

    async def _send(self, live: LiveSession) -> None:
        """The one writer. Left alone for long, once all was heard, it ends the session."""
        while True:
            message = await self._next()
            if message is None and not self._quiet():
                continue
            message = message or End()
            self._ending = self._ending or isinstance(message, End)
            await live.send(message)

    async def _next(self) -> ClientMessage | None:
        """What is to be said next; `None` when that is nothing for a long time."""
        try:
            async with asyncio.timeout(None if self._ending else END_AFTER_S):
                return await self._outbox.get()
        except TimeoutError:
            return None

    async def _report(self) -> None:
        """Tell the daemon how far the listener is, when that has changed."""
        told = 0
        while True:
            await asyncio.sleep(PLAYED_EVERY_S)
            heard = self._heard()
            if heard != told:
                told = heard
                self._outbox.put_nowait(Played(heard))
