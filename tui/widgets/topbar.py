"""The line at the top: the modes with their keys, and how the daemon is."""

from typing import Final

from textual.content import Content

from ttsd.protocol.health import Phase, WorkerStatus
from tui.state import Link, State
from tui.widgets.pressable import Pressable, pressable

MODES: Final = (("speak", "F1", "Speak"), ("jobs", "F2", "Jobs"), ("health", "F3", "Health"), ("logs", "F4", "Logs"))

LINKS: Final = {
    Link.SEARCHING: ("○ no daemon", "$warning"),
    Link.LOST: ("◌ reconnecting", "$warning"),
    Link.STOPPED: ("■ stopped", "$warning"),
    Link.STRANGE: ("? unknown protocol", "$error"),
}
PHASES: Final = {
    Phase.STOPPED: ("○ engine stopped", "$quiet"),
    Phase.STARTING: ("◌ starting", "$warning"),
    Phase.LOADING: ("◌ loading", "$warning"),
    Phase.READY: ("● ready", "$success"),
    Phase.BUSY: ("◉ speaking", "$accent"),
    Phase.DRAINING: ("◌ draining", "$warning"),
    Phase.FAILED: ("✗ engine failed", "$error"),
}


class TopBar(Pressable):
    """Shows the state it is given; `mode` is the one it stands in."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode
        self._state: State | None = None

    def show(self, state: State) -> None:
        self._state = state
        self.refresh()

    def render(self) -> Content:
        state = self._state
        active = state.queue.queued + state.queue.running if state and state.link is Link.UP else 0
        tabs = Content("  ").join(self._tab(*mode, active) for mode in MODES)
        daemon = summary(state) if state else Content("")
        return tabs.pad_right(max(2, self.size.width - tabs.cell_length - daemon.cell_length)) + daemon

    def _tab(self, mode: str, key: str, name: str, active: int) -> Content:
        style = "bold $accent" if mode == self._mode else "$foreground"
        parts: list[tuple[str, str]] = [(f"{key} ", "$quiet"), (name, style)]
        if mode == "jobs" and active:
            parts.append((f" {active}", "$accent"))
        return pressable(Content.assemble(*parts), f"app.mode('{mode}')")


def summary(state: State) -> Content:
    """The daemon in three words."""
    if state.link is not Link.UP or state.status is None:
        return Content.styled(*LINKS.get(state.link, ("◌ connecting", "$warning")))
    if state.status.stopping:
        return Content.styled("◌ stopping", "$warning")
    worker = state.status.worker
    text, style = PHASES[worker.phase]
    return Content.assemble((f"{text}{_detail(worker)}", style), (_engine(worker), "$quiet"))


def _detail(worker: WorkerStatus) -> str:
    if worker.phase is Phase.LOADING:
        return f" {worker.loading_progress:.0%}"
    if worker.phase is Phase.BUSY and worker.engine:
        return f" {worker.busy_slots}/{worker.engine.slots}"
    return ""


def _engine(worker: WorkerStatus) -> str:
    return f" · {worker.engine.name}" if worker.engine else ""
