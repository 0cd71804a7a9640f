"""The list of jobs: drawn line by line, so that ten thousand cost as much as ten."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ttsd.protocol.jobs import Job, JobState
from tui.bars import line
from tui.words import JOB_GLYPHS, age, duration, fitted, plain

BAR: Final = 8
WORDS: Final = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "stopped",
}
FIXED: Final = 3 + BAR + 2 + 7 + 1 + 8
"""Cells beside the title: glyph, bar, audio, age."""


class JobList(ScrollView, can_focus=True):
    """Shows jobs, newest first; the cursor stays on its job while the list moves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"job--{state.value}" for state in JobState),
        "job--cursor",
        "job--quiet",
        "job--done",
        "job--rest",
        "job--title",
    }

    class Selected(Message):
        """The cursor is on another job now (`None`: there is none)."""

        def __init__(self, job: Job | None) -> None:
            super().__init__()
            self.job = job

    class EndReached(Message):
        """The cursor is on the last job: older ones may be wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._jobs: Sequence[Job] = ()
        self._now_s = 0.0
        self._cursor = 0

    @property
    def selected(self) -> Job | None:
        return self._jobs[self._cursor] if self._cursor < len(self._jobs) else None

    def show(self, jobs: Sequence[Job], now_s: float) -> None:
        before = self.selected
        at_top = self._cursor == 0
        self._jobs, self._now_s = jobs, now_s
        self.virtual_size = Size(1, len(jobs))
        if before is not None and not at_top:
            places = [place for place, job in enumerate(jobs) if job.id == before.id]
            self._cursor = places[0] if places else self._cursor
        self._cursor = max(0, min(self._cursor, len(jobs) - 1))
        self.refresh()
        if self.selected != before:
            self.post_message(self.Selected(self.selected))

    def action_move(self, by: int) -> None:
        self._put(self._cursor + by)

    def action_page(self, direction: int) -> None:
        self._put(self._cursor + direction * max(1, self.size.height - 1))

    def on_click(self, event: Click) -> None:
        self._put(event.y + self.scroll_offset.y)

    def _put(self, place: int) -> None:
        if not self._jobs:
            return
        self._cursor = max(0, min(place, len(self._jobs) - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Selected(self.selected))
        if self._cursor == len(self._jobs) - 1:
            self.post_message(self.EndReached())

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if place >= len(self._jobs):
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        if place == self._cursor:
            base += self.get_component_rich_style("job--cursor", partial=True)
        return Strip(self._segments(self._jobs[place], width), width).apply_style(base)

    def _segments(self, job: Job, width: int) -> list[Segment]:
        title = max(8, width - FIXED)
        return [
            Segment(f" {JOB_GLYPHS[job.state]} ", self._style(job.state.value)),
            Segment(fitted(plain(job.title), title), self._style("title")),
            Segment("  "),
            *self._bar(job),
            Segment(f"{duration(job.audio_s) if job.audio_s else '':>7} ", self._style("quiet")),
            Segment(f"{age(self._now_s - (job.finished_s or job.created_s)):>7} ", self._style("quiet")),
        ]

    def _bar(self, job: Job) -> list[Segment]:
        if job.state is not JobState.RUNNING:
            return [Segment(f"{WORDS[job.state]:<{BAR}}", self._style(job.state.value))]
        done, rest = line(job.segments_done / job.segments_total if job.segments_total else 0.0, BAR)
        return [Segment(done, self._style("done")), Segment(rest, self._style("rest"))]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"job--{name}", partial=True)
