"""Jobs: the queue as it moves, and everything about the chosen one."""

from pathlib import PurePath
from typing import ClassVar, Final, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ttsd.clock import Clock
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Door, Job, JobState
from tui import words
from tui.asks import ActOnJob, Hush, OlderWanted
from tui.screens.page import Look, Page
from tui.state import State
from tui.widgets.facts import Fact, Facts
from tui.widgets.joblist import WORDS, JobList

FILTERS: Final[dict[str, frozenset[JobState]]] = {
    "all": frozenset(JobState),
    "active": frozenset({JobState.QUEUED, JobState.RUNNING}),
    "failed": frozenset({JobState.FAILED, JobState.CANCELLED}),
    "done": frozenset({JobState.SUCCEEDED}),
}
COLOURS: Final = {
    JobState.QUEUED: "$quiet",
    JobState.RUNNING: "$accent",
    JobState.SUCCEEDED: "$success",
    JobState.FAILED: "$error",
    JobState.CANCELLED: "$quiet",
}
ALLOWED: Final = {
    "play": {JobState.SUCCEEDED},
    "retry": {JobState.FAILED, JobState.CANCELLED},
    "cancel": {JobState.QUEUED, JobState.RUNNING},
}


class JobsScreen(Page):
    """Shows the jobs of the state; asks the app to act on one."""

    MODE = "jobs"
    CSS_PATH = "jobs.tcss"
    AUTO_FOCUS = "JobList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,p", "act('play')", "Play", key_display="Enter", tooltip="Play the finished audio"),
        Binding("r", "act('retry')", "Retry", tooltip="Queue a failed or stopped job again"),
        Binding("c", "act('cancel')", "Stop job", tooltip="Cancel a job that waits or runs"),
        Binding("f", "filter", "Filter", tooltip="All, active, failed, done"),
        Binding("escape", "hush", "Hush", key_display="Esc", tooltip="Stop the sound"),
    ]

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__(look)
        self._clock = clock
        self._list = JobList()
        self._title = Static(id="title", markup=False)
        self._details = Facts()
        self._empty = Static(id="empty")
        self._counts = Static(id="counts")
        self._filter = "all"
        self._spool = ""

    def body(self) -> ComposeResult:
        yield self._counts
        with Vertical(id="panes"):
            with Vertical(id="list") as pane:
                pane.border_title = "Jobs"
                yield self._empty
                yield self._list
            with VerticalScroll(id="about", can_focus=False) as about:
                about.border_title = "About"
                yield self._title
                yield self._details

    def show(self, state: State) -> None:
        super().show(state)
        wanted = FILTERS[self._filter]
        jobs = [job for job in state.newest_jobs() if job.state in wanted]
        self._spool = state.status.spool if state.status else ""
        self._counts.update(counts(state.queue, self._filter), layout=False)
        self._list.show(jobs, self._clock())
        self._list.display = bool(jobs)
        self._empty.display = not jobs
        self._empty.update(self._nothing())
        self._describe()

    def _nothing(self) -> Content:
        if self._filter != "all":
            return Content.assemble(("No job here is ", "$quiet"), (self._filter, "$foreground"), (".", "$quiet"))
        inbox = f"{self._spool}/inbox" if self._spool else "the inbox"
        return Content.assemble(
            ("No jobs yet.\n\n", "$foreground"),
            ("Drop a text, a web page or a book into\n", "$quiet"),
            (inbox, "$accent"),
            ("\nor press ", "$quiet"),
            ("F7", "$accent"),
            (" on the first page.", "$quiet"),
        )

    def _describe(self) -> None:
        job = self._list.selected
        self._title.update(words.plain(job.title) if job else "")
        self._details.show(about(job, self._clock()) if job else [])
        self.refresh_keys()

    @on(JobList.Selected)
    def _selected(self) -> None:
        self._describe()

    @on(JobList.EndReached)
    def _end_reached(self) -> None:
        state = self._look()
        jobs = state.newest_jobs()
        if jobs and not state.jobs_complete:
            self.post_message(OlderWanted(jobs[-1].id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that the chosen job does not allow are shown as such."""
        if action != "act":
            return super().check_action(action, parameters)
        job = self._list.selected
        return True if job and job.state in ALLOWED[str(parameters[0])] else None

    def action_act(self, action: Literal["play", "retry", "cancel"]) -> None:
        if job := self._list.selected:
            self.post_message(ActOnJob(action, job))

    def action_hush(self) -> None:
        self.post_message(Hush())

    def action_filter(self) -> None:
        names = list(FILTERS)
        self._filter = names[(names.index(self._filter) + 1) % len(names)]
        self.show(self._look())


def counts(queue: QueueStatus, shown: str) -> Content:
    """The queue in one line."""
    figures = [
        (queue.running, "running", "$accent"),
        (queue.queued, "waiting", "$foreground"),
        (queue.succeeded, "done", "$success"),
        (queue.failed, "failed", "$error"),
        (queue.cancelled, "stopped", "$quiet"),
    ]
    parts: list[tuple[str, str]] = []
    for number, name, colour in figures:
        parts += [(f"{number:,}", f"bold {colour}" if number else "$quiet"), (f" {name}   ", "$quiet")]
    parts += [("showing ", "$quiet"), (shown, "$foreground")]
    return Content.assemble(*parts)


def about(job: Job, now_s: float) -> list[Fact]:
    """Everything about one job, what matters most first."""
    settings = job.settings
    rows: list[Fact] = [("state", _state(job), COLOURS[job.state])]
    if job.error:
        rows.append(("why", job.error.message, "$error"))
    rows += [
        ("came", f"{words.age(now_s - job.created_s)} ago, by {job.door.value}{_times(job)}", "$foreground"),
        (
            "voice",
            f"{settings.voice or 'default'}, language {words.language(settings.language or 'default')}",
            "$foreground",
        ),
    ]
    if job.output:
        output = PurePath(job.output)
        rows.append(("file", str(output), "$primary"))
        if job.door is Door.SPOOL:
            rows.append(("receipt", str(output.with_suffix(".json")), "$primary"))
    rows.append(("id", job.id, "$faint"))
    return rows


def _times(job: Job) -> str:
    took = f"; took {words.duration(job.finished_s - job.started_s)}" if job.finished_s and job.started_s else ""
    return f"{took}, {job.attempts} attempts" if job.attempts > 1 else took


def _state(job: Job) -> str:
    name = WORDS[job.state]
    if job.state is JobState.SUCCEEDED:
        return f"{name}, {words.duration(job.audio_s)} of sound"
    if job.state is JobState.RUNNING and job.segments_total:
        return f"{name}, {job.segments_done} of {words.counted(job.segments_total, 'segment')}"
    return name
