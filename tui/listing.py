"""Which jobs stand where in the list, as far as the daemon was asked; it may have any length. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, overload

import msgspec
from msgspec.structs import replace

from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Job, JobPage, JobState, Order

PAGE: Final = 100
KEPT: Final = 30
"""Pages in memory; the one that was read first goes first."""
MOST_FOUND: Final = 2000
"""A search ends there: more words find fewer."""
STATES: Final[dict[str, frozenset[JobState]]] = {
    "all": frozenset(JobState),
    "active": frozenset({JobState.QUEUED, JobState.RUNNING}),
    "failed": frozenset({JobState.FAILED, JobState.CANCELLED}),
    "done": frozenset({JobState.SUCCEEDED}),
}


class View(msgspec.Struct, frozen=True):
    """What is listed, and how; a search goes from the newest on, and what is active is listed as its turn comes."""

    which: str = "all"
    """A key of `STATES`."""
    search: str = ""
    oldest_first: bool = False

    @property
    def order(self) -> Order:
        if self.search:
            return "newest"
        return "turn" if self.which == "active" else "oldest" if self.oldest_first else "newest"

    @property
    def states(self) -> tuple[JobState, ...]:
        """As the daemon is asked; none: all."""
        return () if self.which == "all" else tuple(state for state in JobState if state in STATES[self.which])

    def has(self, job: Job) -> bool:
        """Whether the job is listed."""
        if job.state not in STATES[self.which]:
            return False
        error = job.error.message if job.error else ""
        text = f"{job.title}\n{job.id}\n{job.settings.voice or ''}\n{error}".casefold()
        return all(word in text for word in self.search.casefold().split())


class Listing(msgspec.Struct, frozen=True):
    """Pages by their number; a stale one is shown until it was read again. A search only grows."""

    view: View = View()
    total: int = 0
    pages: Mapping[int, tuple[Job, ...]] = {}
    stale: frozenset[int] = frozenset()
    more: str | None = None
    """A search goes on after this job."""
    complete: bool = False
    """It is known how many there are."""

    def lacking(self, first: int, last: int) -> list[int]:
        """The pages to be read before the rows from `first` to `last` can be shown as they are now."""
        if self.view.search:
            return []
        wanted = range(max(0, first) // PAGE, max(0, min(last, max(0, self.total - 1))) // PAGE + 1)
        return [number for number in wanted if number in self.stale or number not in self.pages]


class Rows(Sequence[Job | None]):
    """The listing as the list shows it: `None` for what was not read yet."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def __len__(self) -> int:
        return self._listing.total

    @overload
    def __getitem__(self, index: int) -> Job | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[Job | None]: ...
    def __getitem__(self, index: int | slice) -> Job | list[Job | None] | None:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        page = self._listing.pages.get(index // PAGE, ())
        return page[index % PAGE] if index % PAGE < len(page) else None

    def place_of(self, job_id: str, near: int) -> int | None:
        """Where this job stands, if its page was read: `near` is looked at first."""
        pages = self._listing.pages
        for number in sorted(pages, key=lambda number: abs(number - near // PAGE)):
            for place, job in enumerate(pages[number], number * PAGE):
                if job.id == job_id and place < len(self):
                    return place
        return None


def begun(view: View, known: Iterable[Job], queue: QueueStatus) -> Listing:
    """A list of which nothing was read; the newest jobs are `known`, for the view that begins with them."""
    if view != View():
        return Listing(view, 0 if view.search else count(view, queue))
    first = tuple(known)[:PAGE]
    return Listing(view, max(count(view, queue), len(first)), {0: first} if first else {}, frozenset({0}))


def count(view: View, queue: QueueStatus) -> int:
    """How many jobs the view has, without its search."""
    return sum(int(getattr(queue, state.value)) for state in STATES[view.which])


def counted(listing: Listing, queue: QueueStatus) -> Listing:
    """The daemon has counted: where that differs from what is shown, something has moved."""
    total = count(listing.view, queue)
    if listing.view.search or total == listing.total:
        return listing
    return _outdated(replace(listing, total=total))


def read(listing: Listing, view: View, number: int, page: JobPage) -> Listing:
    """A page has come; one of another view is none of ours."""
    if view != listing.view:
        return listing
    pages = {other: jobs for other, jobs in listing.pages.items() if other != number}
    for _ in range(len(pages) - KEPT + 1):
        del pages[next(iter(pages))]
    return replace(
        listing,
        pages=pages | {number: page.jobs},
        stale=listing.stale - {number},
        total=listing.total if page.total is None else page.total,
        complete=True,
    )


def found(listing: Listing, view: View, page: JobPage) -> Listing:
    """A search has found some more."""
    if view != listing.view:
        return listing
    known = _flat(listing)
    there = {job.id for job in known}
    jobs = [*known, *(job for job in page.jobs if job.id not in there)]
    more = page.next if len(jobs) < MOST_FOUND else None
    return replace(_searched(listing, jobs), more=more, complete=more is None)


def changed(listing: Listing, job: Job) -> Listing:
    """A job is another now, or is new."""
    where = next(
        ((n, at) for n, page in listing.pages.items() for at, one in enumerate(page) if one.id == job.id), None
    )
    belongs = listing.view.has(job)
    if where is None:
        return _added(listing, job) if belongs else listing
    number, at = where
    page = listing.pages[number]
    before = page[at]
    listing = replace(listing, pages={**listing.pages, number: (*page[:at], job, *page[at + 1 :])})
    moved = listing.view.order == "turn" and (before.state is not job.state or job.state is JobState.QUEUED)
    return _outdated(listing) if moved or not belongs else listing


def _added(listing: Listing, job: Job) -> Listing:
    """One that is new on top is shown at once; where else it belongs, only the daemon knows."""
    first = listing.pages.get(0, ())
    if listing.view.order != "newest" or (listing.view.which != "all" and not listing.view.search):
        return _outdated(listing)
    if first and (job.created_s, job.id) < (first[0].created_s, first[0].id):
        return listing
    if listing.view.search:
        return _searched(listing, [job, *_flat(listing)])
    listing = replace(listing, total=listing.total + 1, pages={**listing.pages, 0: (job, *first)[:PAGE]})
    return replace(_outdated(listing), stale=frozenset(listing.pages) - {0})


def _outdated(listing: Listing) -> Listing:
    return listing if listing.view.search else replace(listing, stale=frozenset(listing.pages))


def _flat(listing: Listing) -> list[Job]:
    return [job for number in sorted(listing.pages) for job in listing.pages[number]]


def _searched(listing: Listing, jobs: Sequence[Job]) -> Listing:
    pages = {at // PAGE: tuple(jobs[at : at + PAGE]) for at in range(0, len(jobs), PAGE)}
    return replace(listing, pages=pages, total=len(jobs))
