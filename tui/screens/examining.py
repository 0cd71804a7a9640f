"""What the doctor says of a clip before it becomes a voice, and the choice that follows."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Final, Literal

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ttsd.protocol.errors import TtsdError
from ttsd.protocol.hearing import Finding, Report
from tui import words
from tui.language import t
from tui.phrasebook import told
from tui.voicefacts import COLOURS, findings, measures, verdict
from tui.widgets.facts import Fact, Facts

FIELDS: Final = {"audio": "clip"}
"""The form's questions, where the daemon calls them otherwise."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Decision(msgspec.Struct, frozen=True):
    """What is to be done with the clip."""

    action: Literal["keep", "change"]
    """`change`: the answers of the form."""
    denoise: bool = False
    at: str = ""
    """The question of the form where something is wrong, where one is to blame."""


class Examining(ModalScreen[Decision | None]):
    """Has the clip examined, with progress; returns the decision, or `None` when the clip is left."""

    CSS_PATH = "examining.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "Keep"),
        Binding("d", "denoise", "Denoise"),
        Binding("t", "change", "Change"),
        Binding("escape", "dismiss", "Leave"),
    ]

    def __init__(self, title: str, examine: Callable[[bool], Awaitable[Report]]) -> None:
        """`examine`: told whether noise is to be taken out."""
        super().__init__()
        self._title = title
        self._examine = examine
        self._denoise = False
        self._report: Report | None = None
        self._at = ""
        self._progress = Static(id="progress", markup=False)
        self._facts = Facts(least=4)
        self._ticks = 0

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="examining", can_focus=False) as box:
            box.border_title = Content(words.plain(self._title))
            yield self._progress
            yield self._facts

    def on_mount(self) -> None:
        self._timer = self.set_interval(0.1, self._tick)
        self._begin()

    def _begin(self) -> None:
        self._report = None
        self._ticks = 0
        self._facts.show([])
        self._timer.resume()
        self._tick()
        self.run_worker(self._run, exclusive=True)

    async def _run(self) -> None:
        try:
            self._report = await self._examine(self._denoise)
        except TtsdError as error:
            self._at = FIELDS.get(error.param or "", error.param or "")
            self._facts.show([("", told(error.message), "$error")])
            self._tell(t("The clip cannot be used."), t("t change · esc leave"))
        else:
            self._at = next((part for one in self._report.findings if (part := _field(one))), "")
            self._facts.show(rows(self._report))
            self._tell(verdict(self._report), t("enter keep · d without noise · t change · esc leave"))
        self._timer.pause()

    def _tick(self) -> None:
        self._ticks += 1
        turn = SPINNER[self._ticks % len(SPINNER)]
        what = t("taking out the noise …") if self._denoise else t("the doctor listens …")
        self._tell(f"{turn} {what} {words.duration(self._ticks / 10)}", t("esc leave"))

    def _tell(self, text: str, keys: str) -> None:
        self._progress.update(text)
        self.query_one("#examining").border_subtitle = keys

    def action_keep(self) -> None:
        if self._report:
            self.dismiss(Decision("keep", self._denoise))

    def action_denoise(self) -> None:
        self._denoise = not self._denoise
        self._begin()

    def action_change(self) -> None:
        self.dismiss(Decision("change", at=self._at))


def _field(finding: Finding) -> str:
    """The question that a finding is about, of those that can be written anew."""
    about = finding.code.startswith("transcript") or finding.code == "heard_differs"
    return "transcript" if about and finding.level != "note" else ""


def rows(report: Report) -> list[Fact]:
    """What was found, what was measured, and what is mended in the copy that is kept."""
    mended = [
        (t("mended") if place == 0 else "", told(repair), "$quiet") for place, repair in enumerate(report.repairs)
    ]
    nothing = [] if report.findings else [("", t("Nothing to find fault with."), COLOURS["note"])]
    return [*findings(report), *nothing, ("", measures(report.facts), "$quiet"), *mended]
