"""What is done with jobs: the daemon is asked, and told. It asks nobody and shows nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from ttsd.client import TtsdClient
from ttsd.protocol.errors import DaemonUnreachable, TtsdError
from ttsd.protocol.jobs import Job, JobPage, JobState, Place, Receipt, Redo
from tui import dropping
from tui.listing import PAGE, Listing, View
from tui.playback import Player
from tui.results import play_result
from tui.state import JobsRead, JobsViewed, Link, State

AHEAD: Final = PAGE
"""Rows above and below those in sight that are read before they are seen."""
REST_S: Final = 0.3
"""Between readings of what is shown already: a queue that moves is not read for every job."""
MANY: Final = 1000
Work = Callable[[], Coroutine[Any, Any, object]]


class Done(NamedTuple):
    """What became of an order for several jobs."""

    done: int
    refused: list[TtsdError]


class JobWork:
    """Owns which rows of the list are in sight, and reads them. Loop thread only."""

    def __init__(
        self,
        client: TtsdClient,
        player: Player,
        launch: Callable[[Work], None],
        learn: Callable[[JobsRead | JobsViewed], None],
        look: Callable[[], State],
    ) -> None:
        """`launch`: runs what sounds, and cancels what sounded before; `learn`: told of the list; `look`: the state."""
        self.client = client
        self._player = player
        self._launch = launch
        self._learn = learn
        self._look = look
        self._sight = (0, 0)
        self._reading = False
        self._wanted: int | None = None
        self._patience: asyncio.Timeout | None = None
        """Of the page that is being read, and its number."""
        self._refused: Listing | None = None
        """This list could not be read: it is not tried again before something has changed."""

    # --- the list ---

    def view(self, view: View) -> None:
        """Another list, of which nothing was read yet."""
        if view != self._look().listing.view:
            self._learn(JobsViewed(view))

    def is_behind(self, first: int, last: int) -> bool:
        """Whether rows in sight, now these, are to be read, and nobody does."""
        self._sight = (first, last)
        state = self._look()
        if self._patience and self._wanted not in self._near(state.listing):
            self._patience.reschedule(0.0)  # it has gone by
            self._patience = None
        could = state.link is Link.UP and state.listing is not self._refused
        return could and not self._reading and self._next() is not None

    async def read(self) -> None:
        """Read until what is in sight is there. Raises TtsdError, once for a list that stays as it is."""
        if not self.is_behind(*self._sight):
            return  # somebody else was asked before
        self._reading = True
        try:
            while (number := self._next()) is not None:
                listing = self._look().listing
                view = listing.view
                if number in listing.pages and not view.search:
                    await asyncio.sleep(REST_S)
                if (page := await self._page(listing, number)) is not None:
                    self._learn(JobsRead(view, number, page))
        except TtsdError:
            self._refused = self._look().listing
            raise
        finally:
            self._reading = False

    async def _page(self, listing: Listing, number: int) -> JobPage | None:
        """A page from the daemon, unless it is out of sight before it has come."""
        view = listing.view
        self._wanted = None if view.search else number
        try:
            async with asyncio.timeout(None) as self._patience:
                return await self.client.jobs(
                    view.states,
                    listing.more,
                    PAGE,
                    search=view.search,
                    order=view.order,
                    offset=0 if view.search else number * PAGE,
                )
        except TimeoutError:
            return None
        finally:
            self._patience = None

    def _near(self, listing: Listing) -> Container[int | None]:
        """The pages in sight and around it; of a search, whatever is read."""
        if listing.view.search:
            return (None,)
        first, last = self._sight
        return range((max(0, first - AHEAD)) // PAGE, (last + AHEAD) // PAGE + 1)

    def _next(self) -> int | None:
        """The number of the page to be read; of a search, any."""
        listing = self._look().listing
        if listing.view.search:
            return None if listing.complete else 0
        first, last = self._sight
        if lacking := listing.lacking(first, last):
            return min(lacking, key=lambda number: (number in listing.pages, number))
        around = [number for number in listing.lacking(first - AHEAD, last + AHEAD) if number not in listing.pages]
        return min(around, key=lambda number: abs(number * PAGE + PAGE // 2 - (first + last) // 2), default=None)

    # --- orders ---

    async def each(self, call: Callable[[str], Awaitable[object]], jobs: Iterable[Job]) -> Done:
        """Do it to each, whatever becomes of the others. Raises DaemonUnreachable."""
        done, refused = 0, list[TtsdError]()
        for job in jobs:
            try:
                await call(job.id)
                done += 1
            except DaemonUnreachable:
                raise
            except TtsdError as error:
                refused.append(error)
        return Done(done, refused)

    async def retry(self, jobs: Iterable[Job]) -> Done:
        return await self.each(self.client.retry, jobs)

    async def cancel(self, jobs: Iterable[Job]) -> Done:
        return await self.each(self.client.cancel, jobs)

    async def retry_failed(self) -> Done:
        """Queue all failed jobs again, the oldest first."""
        return await self.retry(reversed([job async for job in self._failed()]))

    async def _failed(self) -> AsyncIterator[Job]:
        before: str | None = None
        while True:
            page = await self.client.jobs((JobState.FAILED,), before, MANY)
            for job in page.jobs:
                if not job.veiled:
                    yield job
            if (before := page.next) is None:
                return

    async def move(self, job: Job, to: Place) -> None:
        await self.client.move(job.id, to)

    async def redo(self, job: Job, segment: int) -> None:
        await self.client.redo(job.id, Redo(segment))

    async def receipt(self, job: Job) -> Receipt:
        return await self.client.receipt(job.id)

    def play(self, job: Job, start_s: float = 0.0) -> None:
        """Let its sound be heard, from `start_s` on."""
        self._launch(partial(play_result, self.client, self._player, job.id, start_s))

    async def drop(self, path: Path) -> str:
        """Queue a file; returns the name by which it is in the queue. Raises TtsdError."""
        status = self._look().status
        inbox = Path(status.spool) / "inbox" if status and status.spool else None
        if inbox is not None and dropping.may_write(inbox):
            return await asyncio.to_thread(dropping.copy_in, path, inbox)
        return (await self.client.submit(await asyncio.to_thread(dropping.as_text, path, inbox))).title
