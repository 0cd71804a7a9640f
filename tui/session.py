"""The connection to the daemon's events: it finds the daemon, follows it, and finds it again."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, Protocol

from ttsd.protocol.errors import DaemonUnreachable, TtsdError, Unavailable
from ttsd.protocol.events import EventMessage, StoppingEvent
from ttsd.protocol.health import Status
from tui.state import Link, LinkChanged, Message, State, StatusRead

BACK_OFF_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
STRANGE_S: Final = 5.0


class Follows(Protocol):
    """The part of the client that this needs."""

    async def status(self) -> Status: ...

    async def version(self) -> str: ...

    def events(self, since: int | None = None) -> AsyncGenerator[EventMessage]: ...


class Session:
    """Owns the events stream; tells everything it learns, in order.

    After a broken connection it tries again by itself. After the daemon's own goodbye it waits for
    `connect_now`: with socket activation a mere connection would start a service that somebody stopped.
    """

    def __init__(self, client: Follows, tell: Callable[[Message], None], state: Callable[[], State]) -> None:
        self._client = client
        self._tell = tell
        self._state = state
        self._asked = asyncio.Event()
        self._attempts = 0

    def connect_now(self) -> None:
        """Do not wait any longer."""
        self._asked.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            outcome = await self._listen()
            self._tell(outcome)
            await self._pause(outcome.link)

    async def _listen(self) -> LinkChanged:
        """Follow the events until they end; returns why."""
        goodbye: StoppingEvent | None = None
        try:
            async for message in self._client.events(await self._since()):
                self._attempts = 0
                if self._state().link is not Link.UP:
                    self._tell(LinkChanged(Link.UP))
                self._tell(message)
                goodbye = message if isinstance(message, StoppingEvent) else goodbye
        except (DaemonUnreachable, Unavailable) as error:
            return goodbye_of(goodbye) or LinkChanged(self._missing(), error.message)
        except TtsdError as error:
            return LinkChanged(Link.STRANGE, error.message, await self._version())
        return goodbye_of(goodbye) or LinkChanged(Link.LOST, "the daemon closed the connection")

    async def _version(self) -> str:
        try:
            return await self._client.version()
        except TtsdError:
            return ""

    def _missing(self) -> Link:
        return Link.LOST if self._state().status else Link.SEARCHING

    async def _since(self) -> int | None:
        """Where to go on: only the same daemon, still running, counts on from there."""
        state = self._state()
        if state.seq is None or state.status is None or state.link is Link.STRANGE:
            return None
        status = await self._client.status()
        if status.started_s != state.status.started_s:
            return None
        # Nothing may happen for a while, and then nothing would say that the daemon is there again.
        self._tell(LinkChanged(Link.UP))
        self._tell(StatusRead(status))
        return state.seq

    async def _pause(self, link: Link) -> None:
        self._asked.clear()
        wait = BACK_OFF_S[min(self._attempts, len(BACK_OFF_S) - 1)]
        self._attempts += 1
        if link is Link.STOPPED:
            await self._asked.wait()
            return
        try:
            async with asyncio.timeout(STRANGE_S if link is Link.STRANGE else wait):
                await self._asked.wait()
        except TimeoutError:
            pass


def goodbye_of(event: StoppingEvent | None) -> LinkChanged | None:
    """What the daemon's last words mean for the connection."""
    if event is None:
        return None
    if event.restart:
        return LinkChanged(Link.LOST, "the daemon restarts")
    return LinkChanged(Link.STOPPED, "the daemon was stopped")
