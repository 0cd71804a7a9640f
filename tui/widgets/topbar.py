"""The line at the top: the modes with their keys, and how the daemon is."""

from typing import Final

from textual.content import Content

from ttsd.protocol.health import Phase, WorkerStatus
from tui.keys import key_of
from tui.language import later, t
from tui.state import Link, State
from tui.widgets.pressable import Pressable, pressable
from tui.words import plain

MODES: Final = (
    ("speak", "F1", later("Speak")),
    ("voices", "F2", later("Voices")),
    ("jobs", "F3", later("Jobs")),
    ("health", "F4", later("Health")),
    ("logs", "F5", later("Logs")),
)

LINKS: Final = {
    Link.SEARCHING: (later("○ no daemon"), "$warning"),
    Link.LOST: (later("◌ reconnecting"), "$warning"),
    Link.STOPPED: (later("■ stopped"), "$warning"),
    Link.STRANGE: (later("? unknown protocol"), "$error"),
}
PHASES: Final = {
    Phase.STOPPED: (later("○ engine stopped"), "$quiet"),
    Phase.STARTING: (later("◌ starting"), "$warning"),
    Phase.LOADING: (later("◌ loading"), "$warning"),
    Phase.READY: (later("● ready"), "$success"),
    Phase.BUSY: (later("◉ speaking"), "$accent"),
    Phase.DRAINING: (later("◌ draining"), "$warning"),
    Phase.FAILED: (later("✗ engine failed"), "$error"),
}
RESTING: Final = (later("○ resting"), "$quiet")


class TopBar(Pressable):
    """Shows the state it is given; `mode` is the one it stands in."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode
        self._state: State | None = None
        self._painted = Content("")

    def show(self, state: State) -> None:
        self._state = state
        if not self._painted.is_same(self._line()):
            self.refresh()

    def render(self) -> Content:
        self._painted = self._line()
        return self._painted

    def _line(self) -> Content:
        state = self._state
        active = state.queue.queued + state.queue.running if state and state.link is Link.UP else 0
        tabs = Content("  ").join(self._tab(*mode, active) for mode in MODES)
        daemon = summary(state) if state else Content("")
        return tabs.pad_right(max(2, self.size.width - tabs.cell_length - daemon.cell_length)) + daemon

    def _tab(self, mode: str, key: str, name: str, active: int) -> Content:
        style = "bold $accent" if mode == self._mode else "$foreground"
        parts: list[tuple[str, str]] = [(f"{key_of(mode, key)} ", "$quiet"), (t(name), style)]
        if mode == "jobs" and active:
            parts.append((f" {active}", "$accent"))
        return pressable(Content.assemble(*parts), f"app.mode('{mode}')")


def phase(worker: WorkerStatus) -> tuple[str, str]:
    """What it does, to be translated, and its colour; one that nobody asks for is no stopped one."""
    return RESTING if worker.phase is Phase.STOPPED and worker.on_demand else PHASES[worker.phase]


def summary(state: State) -> Content:
    """The daemon in three words."""
    if state.link is not Link.UP or state.status is None:
        text, style = LINKS.get(state.link, (later("◌ connecting"), "$warning"))
        return Content.styled(t(text), style)
    if state.status.stopping:
        return Content.styled(t("◌ stopping"), "$warning")
    worker = state.status.worker
    text, style = phase(worker)
    return Content.assemble((f"{t(text)}{_detail(worker)}", style), (_engine(worker), "$quiet"))


def _detail(worker: WorkerStatus) -> str:
    if worker.phase is Phase.LOADING:
        return f" {worker.loading_progress:.0%}"
    if worker.phase is Phase.BUSY and worker.engine:
        return f" {worker.busy_slots}/{worker.engine.slots}"
    return ""


def _engine(worker: WorkerStatus) -> str:
    return f" · {plain(worker.engine.name)}" if worker.engine else ""
