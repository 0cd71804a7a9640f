"""Health: the engine, the daemon, and what the machine was doing lately."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal

from ttsd.clock import Clock
from ttsd.protocol.health import GpuSample, HealthSample, Phase, Status, WorkerStatus
from tui import words
from tui.asks import StatusWanted
from tui.screens.page import Look, Page
from tui.state import State
from tui.widgets.facts import Fact, Facts
from tui.widgets.history import History
from tui.widgets.topbar import PHASES

LAG_FULL_MS: Final = 100.0
"""The top of the loop lag's chart."""
MOST_DOTS: Final = 16
"""Slots up to which each is shown by a dot."""


class HealthScreen(Page):
    """Shows status and history."""

    MODE = "health"
    CSS_PATH = "health.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__(look)
        self._clock = clock
        self._engine = Facts(classes="card")
        self._daemon = Facts(classes="card")
        self._places = Facts()
        self._cpu = History("CPU")
        self._memory = History("Memory")
        self._lag = History("Loop lag")
        self._gpu = History("GPU memory", id="gpu")

    def body(self) -> ComposeResult:
        with Horizontal(id="cards"):
            yield self._engine
            yield self._daemon
        with Container(id="charts"):
            yield self._gpu
            yield self._cpu
            yield self._memory
            yield self._lag
        with Container(id="places"):
            yield self._places

    def on_mount(self) -> None:
        self._engine.border_title = "Engine"
        self._daemon.border_title = "Daemon"

    def on_screen_resume(self) -> None:
        """The samples that come while it is in front ask for themselves."""
        self.post_message(StatusWanted())

    def show(self, state: State) -> None:
        super().show(state)
        status = state.status
        if status is None:
            return
        now_s = self._clock()
        self._engine.show(engine_rows(status.worker, now_s))
        self._daemon.show(daemon_rows(status))
        self._places.show(places(status))
        self._charts(state.history, status.health)

    def _charts(self, history: Sequence[HealthSample], now: HealthSample) -> None:
        host = now.host
        self._cpu.show([sample.host.cpu for sample in history], words.percent(host.cpu))
        self._memory.show(
            [_fraction(s.host.memory_used_bytes, s.host.memory_total_bytes) for s in history],
            f"{words.size(host.memory_used_bytes)} of {words.size(host.memory_total_bytes)}",
        )
        self._lag.show([s.host.loop_lag_ms / LAG_FULL_MS for s in history], f"{host.loop_lag_ms:.1f} ms")
        self._gpu.display = bool(now.gpus)
        if now.gpus:
            self._gpu.show([_vram(sample.gpus) for sample in history], _gpu_figure(now.gpus))


def engine_rows(worker: WorkerStatus, now_s: float) -> list[Fact]:
    """The worker: what it runs, how it is, what happened to the one before."""
    text, colour = PHASES[worker.phase]
    rows: list[Fact] = [("phase", f"{text}, {words.age(now_s - worker.since_s)}", colour)]
    if worker.phase is Phase.LOADING:
        rows.append(("loading", f"{worker.loading_progress:.0%} {worker.loading_note}".strip(), "$warning"))
    if engine := worker.engine:
        rows += [
            ("engine", f"{engine.name} {engine.revision}", "$foreground"),
            ("device", f"{engine.device}, {engine.dtype}", "$foreground"),
            ("slots", _slots(worker.busy_slots, engine.slots), "$accent" if worker.busy_slots else "$foreground"),
        ]
    if worker.stats and worker.stats.work_s:
        spoken_s = worker.stats.spoken_samples / 24_000
        rows.append(("spoken", f"{words.duration(spoken_s)} in {words.duration(worker.stats.work_s)}", "$foreground"))
    if worker.stats and worker.stats.engine.frame_ms:
        rows.append(("frame", f"{worker.stats.engine.frame_ms:.1f} ms for 80 ms of speech", "$foreground"))
    rows.append(("restarts", str(worker.restarts), "$warning" if worker.restarts else "$foreground"))
    if worker.last_exit:
        rows.append(("", worker.last_exit, "$warning"))
    if worker.error:
        rows.append(("error", worker.error.message, "$error"))
    return rows


def _slots(busy: int, slots: int) -> str:
    told = f"{busy} of {slots} busy"
    return f"{'●' * busy}{'○' * (slots - busy)}  {told}" if slots <= MOST_DOTS else told


def daemon_rows(status: Status) -> list[Fact]:
    queue, host = status.queue, status.health.host
    ready = status.readiness
    return [
        ("ttsd", f"{status.version}, up {words.duration(status.uptime_s)}", "$foreground"),
        ("ready", "yes" if ready.ready else ready.reason, "$success" if ready.ready else "$warning"),
        ("queue", f"{queue.running} running, {queue.queued} waiting", "$foreground"),
        ("failed", str(queue.failed), "$error" if queue.failed else "$foreground"),
        ("live", words.counted(status.live_sessions, "session"), "$foreground"),
        ("memory", f"{words.size(host.daemon_rss_bytes)} + worker {words.size(host.worker_rss_bytes)}", "$foreground"),
    ]


def places(status: Status) -> list[Fact]:
    """Where things are."""
    return [
        ("socket", status.socket, "$primary"),
        ("spool", status.spool, "$primary"),
        ("config", status.config_file or "defaults", "$primary"),
    ]


def _fraction(used: float, total: float) -> float:
    return used / total if total else 0.0


def _vram(gpus: Sequence[GpuSample]) -> float:
    """The fullest card counts."""
    return max((_fraction(gpu.memory_used_bytes, gpu.memory_total_bytes) for gpu in gpus), default=0.0)


def _gpu_figure(gpus: Sequence[GpuSample]) -> str:
    gpu = gpus[0]
    more = f" +{len(gpus) - 1}" if len(gpus) > 1 else ""
    heat = f" · {gpu.temperature_c:.0f} °C" if gpu.temperature_c is not None else ""
    return f"{words.size(gpu.memory_used_bytes)} of {words.size(gpu.memory_total_bytes)}{heat}{more}"
