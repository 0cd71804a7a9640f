"""The list of jobs: drawn line by line, so that a hundred thousand cost as much as ten."""

from collections.abc import Callable, Container
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from ttsd.protocol.jobs import Job, JobState
from tui.bars import line
from tui.language import later, t
from tui.listing import Rows
from tui.reasons import Explains
from tui.widgets.rowlist import RowList
from tui.words import JOB_GLYPHS, age, duration, fitted, plain, title_of

BAR: Final = 8
NOTE: Final = 11
WORDS: Final = {
    JobState.QUEUED: later("waiting"),
    JobState.RUNNING: later("running"),
    JobState.SUCCEEDED: later("done"),
    JobState.FAILED: later("failed"),
    JobState.CANCELLED: later("stopped"),
}
FIXED: Final = 3 + 2 + BAR + NOTE + 8 + 9
"""Cells beside the title and the voice: mark and glyph, bar, what is left, audio, age."""
VOICE: Final = 14
VOICE_FROM: Final = 100
"""The voice is told in a list so wide."""
Left = Callable[[str], float | None]
"""Seconds until a running job is done, by its id."""


class JobList(Explains, RowList[Job | None]):
    """Shows jobs; the cursor stays on its job while the list moves, at the top it stays at the top.

    `marked` is drawn, not changed here.
    """

    KEYS_OF = "jobs"
    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in RowList.BINDINGS if isinstance(binding, Binding)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *RowList.COMPONENT_CLASSES,
        *(f"job--{state.value}" for state in JobState),
        *(f"job--{name}" for name in ("quiet", "done", "rest", "title", "mark")),
    }

    class Sighted(Message):
        """Other rows are in sight: they may have to be read."""

    def __init__(self, left: Left, marked: Container[str]) -> None:
        super().__init__(lambda job: job and job.id)
        self._left = left
        self._marked = marked
        self.now_s = 0.0
        """The ages are those at this time."""

    @property
    def sight(self) -> tuple[int, int]:
        """The first and the last row on the screen."""
        top = self.scroll_offset.y
        return top, top + max(1, self.size.height) - 1

    def show_jobs(self, rows: Rows, now_s: float) -> None:
        """Show another state of the list; what is in sight stays where it is on the screen."""
        self.now_s = now_s
        before = self._cursor
        if before == 0:
            self._rows = ()  # the top is followed, whoever comes
        self.show(rows)
        if moved := self._cursor - before:
            self.scroll_to(y=self.scroll_offset.y + moved, animate=False, force=True, immediate=True)

    def _place_of(self, same: object, otherwise: int) -> int:
        rows = self._rows
        if not isinstance(rows, Rows) or not isinstance(same, str):
            return otherwise
        place = rows.place_of(same, otherwise)
        return otherwise if place is None else place

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Sighted())

    def segments(self, row: Job | None, width: int) -> list[Segment]:
        if row is None:
            return [Segment(fitted("    …", width), self._style("rest"))]
        voice = VOICE if width >= VOICE_FROM else 0
        marked = row.id in self._marked
        return [
            Segment("▌" if marked else " ", self._style("mark")),
            Segment(f"{JOB_GLYPHS[row.state]} ", self._style(row.state.value)),
            Segment(
                fitted(plain(title_of(row)), max(8, width - FIXED - voice)), self._style("mark" if marked else "title")
            ),
            Segment("  "),
            Segment(fitted(plain(row.settings.voice or ""), voice), self._style("quiet")),
            *self._progress(row),
            Segment(f"{duration(row.audio_s) if row.audio_s else '':>8}", self._style("quiet")),
            Segment(f"{_right(age(self.now_s - (row.finished_s or row.created_s)), 8)} ", self._style("quiet")),
        ]

    def _progress(self, job: Job) -> list[Segment]:
        if job.state is not JobState.RUNNING:
            note = t("goes first") if job.first and job.state is JobState.QUEUED else ""
            return [
                Segment(fitted(t(WORDS[job.state]), BAR), self._style(job.state.value)),
                Segment(_right(note, NOTE), self._style("mark")),
            ]
        done, rest = line(job.segments_done / job.segments_total if job.segments_total else 0.0, BAR)
        left_s = self._left(job.id)
        note = "" if left_s is None else t("{time} left", time=duration(left_s))
        return [
            Segment(done, self._style("done")),
            Segment(rest, self._style("rest")),
            Segment(_right(note, NOTE), self._style("quiet")),
        ]

    def _style(self, name: str) -> Style:
        return self.style_of(f"job--{name}")


def _right(text: str, width: int) -> str:
    """`text` at the right end of `width` cells."""
    fits = fitted(text, width)
    bare = fits.rstrip()
    return " " * (len(fits) - len(bare)) + bare
