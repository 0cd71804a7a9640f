"""Jobs: the queue as it moves, and everything about the chosen one."""

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Paste
from textual.timer import Timer
from textual.widgets import Input

from ttsd.clock import Clock
from ttsd.protocol.jobs import Job, JobState, Place
from tui import words
from tui.asks import Hush
from tui.eta import Etas
from tui.jobdesk import JobDesk
from tui.jobfacts import VIEWS, about, counts, heading
from tui.jobwork import JobWork
from tui.language import later, t
from tui.listing import STATES, Rows, View
from tui.paths import pasted
from tui.screens.page import Flow, Look, Page, early_key
from tui.screens.receipt import ReceiptScreen, copy_path
from tui.state import State
from tui.widgets.facts import Facts
from tui.widgets.joblist import JobList
from tui.widgets.steady import Steady

ALLOWED: Final = {
    "play": {JobState.SUCCEEDED},
    "retry": {JobState.FAILED, JobState.CANCELLED},
    "cancel": {JobState.QUEUED, JobState.RUNNING},
    "move": {JobState.QUEUED},
}
REASONS: Final = {
    "play": later("It has no audio yet: only what is done can be played."),
    "retry": later("Only what failed or was stopped can be queued again."),
    "cancel": later("It is over: only what waits or runs can be stopped."),
    "move": later("Only what waits has a turn that can be changed."),
}
TYPING_S: Final = 0.15
"""A search begins once no letter has come for so long."""
SECOND_S: Final = 1.0


class JobsScreen(Page):
    """Shows the listing of the state; its desk does what is asked. Owns which jobs are marked."""

    MODE = "jobs"
    CSS_PATH = "jobs.tcss"
    AUTO_FOCUS = "JobList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="Enter", tooltip="All about the job, and its sentences"),
        Binding("p", "play", "Play", tooltip="Play the finished audio"),
        Binding("r", "retry", "Retry", tooltip="Queue a failed or stopped job again, or all that are marked"),
        Binding("c", "cancel", "Stop job", tooltip="Cancel a job that waits or runs, or all that are marked"),
        early_key("slash", "search", "Search", "/", "Show only jobs with these words"),
        Binding("f", "filter", "Filter", tooltip="All, active, failed, done"),
        Binding("a", "add", "Add file", tooltip="Queue a file; dropping it on the window does the same"),
        Binding("t", "move('first')", "To top", tooltip="Let this job go before all others"),
        Binding("space", "mark", "Mark", key_display="Space", tooltip="Mark jobs, to retry or stop them together"),
        Binding("K,shift+up", "move('up')", "Earlier", show=False, tooltip="Let this job go before its neighbour"),
        Binding("J,shift+down", "move('down')", "Later", show=False, tooltip="Let its neighbour go before this job"),
        Binding("R", "retry_failed", "Retry all failed", show=False, tooltip="Queue every failed job again"),
        Binding("o", "order", "Order", show=False, tooltip="Newest first, or oldest first"),
        Binding("y", "copy", "Copy path", show=False, tooltip="Copy the path of the audio file"),
        Binding(
            "escape", "leave", "Back", show=False, key_display="Esc", tooltip="Unmark, clear the search, stop the sound"
        ),
    ]

    def __init__(self, look: Look, clock: Clock, work: JobWork, attempt: Callable[[Flow], None]) -> None:
        """`attempt`: runs a flow, and tells what the daemon refuses."""
        super().__init__(look)
        self._clock = clock
        self._work = work
        self._desk = JobDesk(work, self.answer_to, self.tell)
        self._attempt = attempt
        self._etas = Etas()
        self._marked: dict[str, Job] = {}
        self._list = JobList(self._left, self._marked)
        self._pane = Vertical(id="list")
        self._search = Input(placeholder=t("search  /"), compact=True, id="search")
        self._typing: Timer | None = None
        self._title = Steady(id="title", markup=False)
        self._details = Facts()
        self._empty = Steady(id="empty")
        self._counts = Steady(id="counts")

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield self._counts
            yield self._search
        with Vertical(id="panes"):
            with self._pane:
                yield self._empty
                yield self._list
            with VerticalScroll(id="about", can_focus=False) as box:
                box.border_title = t("About")
                yield self._title
                yield self._details

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(SECOND_S, self._second)

    # --- showing ---

    def show(self, state: State) -> None:
        super().show(state)
        listing, now_s = state.listing, self._clock()
        self._etas.hear(state.jobs.values(), state.queue, now_s)
        self._counts.update(counts(state.queue, self._etas.queue_left_s(now_s)), layout=False)
        self._pane.border_title = heading(listing, len(self._marked))
        self._list.show_jobs(Rows(listing), now_s)
        self._empty.display = not listing.total
        self._empty.update(self._nothing(state))
        self._describe()
        self._read_on()

    def _second(self) -> None:
        """What is left counts down, and ages grow, also when nothing happens."""
        if self.is_current:
            self.show(self._look())

    def choose(self, job_id: str) -> None:
        """Show this job, however old it is: it is searched for."""
        self._search.value = job_id
        self._work.view(View(search=job_id))
        self._list.focus()

    def _nothing(self, state: State) -> Content:
        listing = state.listing
        if listing.view.search:
            return Content.styled(t("No job has these words.") if listing.complete else t("Looking …"), "$quiet")
        if listing.view.which != "all":
            return Content.styled(t("No job here is {state}.", state=t(VIEWS[listing.view.which])), "$quiet")
        inbox = f"{state.status.spool}/inbox" if state.status and state.status.spool else t("the inbox")
        return Content.assemble(
            (t("No jobs yet.") + "\n\n", "$foreground"),
            (t("Drop a text, a web page or a book into") + "\n", "$quiet"),
            (inbox + "\n", "$accent"),
            (t("or onto this window; {key} asks for one.", key="a"), "$quiet"),
        )

    def _left(self, job_id: str) -> float | None:
        return self._etas.left_s(job_id, self._list.now_s)

    @on(JobList.Selected)
    def _describe(self) -> None:
        job = self._list.selected
        self._title.update(words.plain(words.title_of(job)) if job else "")
        self._details.show(about(job, self._clock(), self._left(job.id)) if job else [])
        self.refresh_keys()

    @on(JobList.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    @on(JobList.Sighted)
    def _read_on(self) -> None:
        if self._work.is_behind(*self._list.sight):
            self._attempt(self._work.read)

    # --- which are listed ---

    @property
    def _view(self) -> View:
        return self._look().listing.view

    def _see(self, **changes: Any) -> None:
        self._work.view(replace(self._view, **changes))
        self.show(self._look())
        self._list.action_move(-len(Rows(self._look().listing)))

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_S, self._searched)

    def _searched(self) -> None:
        self._typing = None
        self._see(search=" ".join(self._search.value.split()))

    @on(Input.Submitted, "#search")
    def _search_done(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()

    def action_search(self) -> None:
        self.set_focus(self._search)

    def action_filter(self) -> None:
        names = list(STATES)
        self._see(which=names[(names.index(self._view.which) + 1) % len(names)])

    def action_order(self) -> None:
        self._see(oldest_first=not self._view.oldest_first)

    def action_leave(self) -> None:
        """What was done last is taken back first."""
        if self._search.has_focus or self._search.value:
            self._search.clear()
            self._list.focus()
        elif self._marked:
            self._marked.clear()
            self.show(self._look())
        else:
            self.post_message(Hush())

    # --- what is done ---

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        if action in ("retry", "cancel"):
            return self._against(action, list(self._marked.values()) or [self._list.selected])
        if action in ("play", "move"):
            return self._against(action, [self._list.selected])
        job = self._list.selected
        why = {
            "open": _against_opening(job),
            "mark": "" if job else t("No job is chosen."),
            "copy": "" if job and job.output else t("It has no file yet."),
            "retry_failed": "" if self._look().queue.failed else t("No job has failed."),
            "order": self._against_order(),
        }
        return why.get(action) or super().reason(action, parameters)

    def _against_order(self) -> str:
        if self._view.search:
            return t("A search goes from the newest job on.")
        return t("What is active is listed as its turn comes.") if self._view.order == "turn" else ""

    def _against(self, action: str, jobs: list[Job | None]) -> str | None:
        there = [job for job in jobs if job]
        if not there:
            return t("No job is chosen.")
        if all(job.veiled for job in there):
            return t("It is another user's job.")
        return None if any(job.state in ALLOWED[action] and not job.veiled for job in there) else t(REASONS[action])

    def _meant(self, action: str) -> list[Job]:
        """Those of the marked jobs, or else the chosen one, to which it can be done."""
        jobs = list(self._marked.values()) or [self._list.selected]
        known = self._look().jobs
        now = [known.get(job.id, job) for job in jobs if job]
        return [job for job in now if job.state in ALLOWED[action] and not job.veiled]

    async def _together(self, flow: Callable[[list[Job]], Coroutine[Any, Any, bool]], action: str) -> None:
        if (jobs := self._meant(action)) and await flow(jobs):
            self._marked.clear()
            self.show(self._look())

    def action_retry(self) -> None:
        self._attempt(partial(self._together, self._desk.retry, "retry"))

    def action_cancel(self) -> None:
        self._attempt(partial(self._together, self._desk.cancel, "cancel"))

    def action_retry_failed(self) -> None:
        self._attempt(partial(self._desk.retry_failed, self._look().queue.failed))

    def action_mark(self) -> None:
        if job := self._list.selected:
            if self._marked.pop(job.id, None) is None:
                self._marked[job.id] = job
            self.show(self._look())
            self._list.action_move(1)

    def action_move(self, to: Place) -> None:
        if job := self._list.selected:
            self._attempt(partial(self._desk.move, job, to))

    def action_play(self) -> None:
        if job := self._list.selected:
            self._work.play(job)

    def action_open(self) -> None:
        if job := self._list.selected:
            self._attempt(partial(self._open, job))

    async def _open(self, job: Job) -> None:
        found = await self._desk.receipt(job)
        await self.answer_to(ReceiptScreen(job, found, self._work, self._desk, self._attempt, self._clock()))

    def action_copy(self) -> None:
        if job := self._list.selected:
            copy_path(self, job)

    def action_add(self) -> None:
        self._attempt(partial(self._desk.drop, None))

    def on_paste(self, event: Paste) -> None:
        """A file was dropped on the terminal."""
        path: Path | None = pasted(event.text)
        if path and not self._search.has_focus:
            event.stop()
            self._attempt(partial(self._desk.drop, path))


def _against_opening(job: Job | None) -> str:
    if job is None:
        return t("No job is chosen.")
    return t("It is another user's job.") if job.veiled else ""
