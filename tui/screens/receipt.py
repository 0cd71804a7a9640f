"""One job: all that is known of it, and the sentences of its sound, to hear and to make anew one by one."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from ttsd.protocol.jobs import Job, JobState, Receipt
from tui import words
from tui.asks import Hush
from tui.jobdesk import JobDesk
from tui.jobfacts import about, made, made_of
from tui.jobwork import JobWork
from tui.language import t
from tui.reasons import Explains, explain
from tui.screens.page import Flow
from tui.widgets.facts import Facts
from tui.widgets.keyline import KeyLine
from tui.widgets.segmentlist import SegmentList


class ReceiptScreen(Explains, ModalScreen[None]):
    """Shows a job as it was when it was opened; its receipt, or why there is none."""

    KEYS_OF = "receipt"
    CSS_PATH = "receipt.tcss"
    AUTO_FOCUS = "SegmentList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "play(True)", "Hear on", key_display="Enter", tooltip="Hear it from this sentence on"),
        Binding("p", "play(False)", "Hear all", tooltip="Hear all of it"),
        Binding("r", "redo", "Another take", tooltip="Make this sentence anew, with another seed"),
        Binding("y", "copy", "Copy path", tooltip="Copy the path of the audio file"),
        Binding("h", "hush", "Hush", tooltip="Stop the sound"),
        Binding("escape", "dismiss", "Leave", key_display="Esc", tooltip="Back to the list"),
    ]

    def __init__(
        self,
        job: Job,
        found: tuple[Receipt | None, str],
        work: JobWork,
        desk: JobDesk,
        attempt: Callable[[Flow], None],
        now_s: float,
    ) -> None:
        """`found`: the receipt, or why there is none."""
        super().__init__()
        self._job = job
        self._receipt, self._why_not = found
        self._work = work
        self._desk = desk
        self._attempt = attempt
        self._now_s = now_s
        self._list = SegmentList()

    def compose(self) -> ComposeResult:
        with Vertical(id="receipt") as box:
            box.border_title = Content(words.plain(self._job.title))
            facts = about(self._job, self._now_s, None)
            yield Facts([*facts, *(made(self._receipt) if self._receipt else made_of(self._job))])
            if self._receipt:
                yield self._list
            else:
                yield Static(self._why_not, id="why", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        if self._receipt:
            self._list.show(self._receipt.segments)

    def on_key(self, event: Key) -> None:
        """A key that does nothing now says why."""
        if reason := explain(self.active_bindings, event.key):
            event.stop()
            self.notify(reason, markup=False)

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        if action in ("redo", "play") and self._job.state is not JobState.SUCCEEDED:
            return t("It has no audio yet: only what is done can be played.")
        if action == "redo" or parameters == (True,):
            return None if self._receipt else self._why_not
        if action == "copy":
            return None if self._job.output else t("It has no file yet.")
        return super().reason(action, parameters)

    def action_play(self, from_here: bool) -> None:
        segment = self._list.selected
        self._work.play(self._job, segment.start_s if from_here and segment else 0.0)

    def action_redo(self) -> None:
        if segment := self._list.selected:
            self._attempt(partial(self._desk.redo, self._job, segment))

    def action_copy(self) -> None:
        copy_path(self, self._job)

    def action_hush(self) -> None:
        self.post_message(Hush())


def copy_path(screen: Any, job: Job) -> None:
    """The path of its audio goes into the terminal's clipboard (OSC 52)."""
    if job.output:
        screen.app.copy_to_clipboard(job.output)
        screen.notify(job.output, title=t("Copied"), markup=False)
