"""Health: the engine, the cards, the daemon, what the machine was doing lately; and what can be done about it."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final, Literal, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content

from ttsd.clock import Clock
from ttsd.protocol.health import GpuSample, Phase, Status, WorkerAct
from tui.asks import HoldBackground, OrderWorker, PastWanted, StatusWanted
from tui.charts import MOST, WINDOWS, Chart, card_charts, chosen, machine_charts
from tui.language import later, t
from tui.screens.page import Look, Page
from tui.state import Link, State
from tui.vitals import daemon_rows, engine_rows, places
from tui.widgets.cardpanel import CardPanel
from tui.widgets.facts import Facts
from tui.widgets.graph import Graph
from tui.widgets.pressable import PressableText, pressable

READY: Final = (Phase.READY, Phase.BUSY)
ASK_AGAIN_S: Final = 3.0
"""When the daemon had no answer."""

QUESTIONS: Final[dict[str, str]] = {
    "recycle": later("Replace the worker by a fresh one? What is being spoken is finished; nothing is lost."),
    "unload": later(
        "Unload the model? What is being spoken is finished; then speech is refused and jobs wait, until it is loaded."
    ),
}


class HealthScreen(Page):
    """Shows status and history; asks the app to act on the worker and the queue."""

    MODE = "health"
    CSS_PATH = "health.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "order('recycle')", "Replace", tooltip="A fresh worker in the place of this one, without loss"),
        Binding("u", "order('unload')", "Unload", tooltip="Give the model's memory back"),
        Binding("l", "order('load')", "Load", tooltip="Load the model again, or try a failed one now"),
        Binding("p", "background", "Pause", tooltip="Let background work wait, or go on"),
        Binding("w", "window", "Period", tooltip="How far back the charts go"),
        Binding("g", "card", "Next GPU", tooltip="Show the next card"),
    ]

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__(look)
        self._clock = clock
        self._engine = Facts(classes="card")
        self._daemon = Facts(classes="card")
        self._places = Facts()
        self._cards = CardPanel()
        self._windows = PressableText(id="windows")
        self._graphs = [Graph() for _ in range(MOST)]
        self._window = 0
        self._chosen = 0
        self._asked_s: dict[int, float] = {}
        """When the past of each window was asked for."""

    def body(self) -> ComposeResult:
        yield self._cards
        with Horizontal(id="cards"):
            yield self._engine
            yield self._daemon
        yield self._windows
        with Container(id="charts"):
            yield from self._graphs
        with Container(id="places"):
            yield self._places

    def on_mount(self) -> None:
        self._engine.border_title = t("Engine")
        self._daemon.border_title = t("Daemon")

    def on_screen_resume(self) -> None:
        """The samples that come while it is in front ask for themselves."""
        self.post_message(StatusWanted())

    def show(self, state: State) -> None:
        super().show(state)
        self.refresh_keys()
        if (status := state.status) is None:
            return
        now_s = self._clock()
        cards = status.health.gpus
        self._chosen = min(self._chosen, max(0, len(cards) - 1))
        self._cards.show(cards, self._chosen, status.vram_restart)
        self._engine.show(engine_rows(status.worker, now_s))
        self._daemon.show(daemon_rows(status))
        self._places.show(places(status))
        self._show_windows(status)
        self._ask_for_past(state, now_s)
        self._show_charts(state, status)

    def _show_windows(self, status: Status) -> None:
        names = [
            pressable(
                Content.styled(t(window.name), "bold $accent" if place == self._window else "$quiet"),
                f"screen.window({place})",
            )
            for place, window in enumerate(WINDOWS)
        ]
        paused = Content.styled(f"   {t('‖ background work is paused')}" if status.queue.paused else "", "$warning")
        self._windows.update(Content("   ").join(names) + paused, layout=False)

    def _ask_for_past(self, state: State, now_s: float) -> None:
        window = WINDOWS[self._window]
        asked_s = self._asked_s.get(self._window)
        every_s = window.every_s if window.since_s in state.past else ASK_AGAIN_S
        if asked_s is None or not 0 <= now_s - asked_s < every_s:
            self._asked_s[self._window] = now_s
            self.post_message(PastWanted(window.since_s, window.points))

    def _show_charts(self, state: State, status: Status) -> None:
        window = WINDOWS[self._window]
        past = state.past.get(window.since_s)
        cards = status.health.gpus
        of_card: list[Chart] = []
        if cards:
            card = cards[self._chosen]
            figures = next((each.figures for each in past.cards if each.uuid == card.uuid), None) if past else None
            of_card = card_charts(card, figures)
        of_machine = machine_charts(status.health, past.machine if past else None)
        charts = chosen(of_card, of_machine, low=self.has_class("-low"))
        self.set_class(bool(cards), "-cards")
        self.set_class(len(cards) > 1, "-several")
        for graph, chart in zip(self._graphs, [*charts, *[None] * MOST], strict=False):
            graph.display = chart is not None
            if chart is not None:
                graph.show(chart, window.name)

    # --- what the user does ---

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        state = self._look()
        if action == "card":
            return None if len(_gpus(state)) > 1 else t("There is no other card.")
        if action not in ("order", "background"):
            return super().reason(action, parameters)
        if state.link is not Link.UP or state.status is None:
            return t("The daemon does not answer.")
        return order_reason(state.status, cast("WorkerAct", parameters[0])) if action == "order" else None

    def action_order(self, act: WorkerAct) -> None:
        if act == "load":
            self.post_message(OrderWorker(act))
        else:
            self._confirm(QUESTIONS[act], partial(self._order, act))

    def _order(self, act: Literal["recycle", "unload"]) -> None:
        self.post_message(OrderWorker(act))

    def action_background(self) -> None:
        if self._look().queue.paused:
            self.post_message(HoldBackground(hold=False))
        else:
            question = later(
                "Pause background work? Files and batches wait until you let them go on; live speech does not."
            )
            self._confirm(question, lambda: self.post_message(HoldBackground(hold=True)))

    def _confirm(self, question: str, do: Callable[[], Any]) -> None:
        from tui.widgets.confirm import Confirm

        self.ask(Confirm(t(question)), lambda yes: do() if yes else None)

    def action_window(self, place: int | None = None) -> None:
        self._window = (self._window + 1) % len(WINDOWS) if place is None else place
        self.show(self._look())

    def action_card(self) -> None:
        self._chosen = (self._chosen + 1) % max(1, len(_gpus(self._look())))
        self.show(self._look())


def _gpus(state: State) -> tuple[GpuSample, ...]:
    return state.status.health.gpus if state.status else ()


def order_reason(status: Status, act: WorkerAct) -> str | None:
    """Why the worker cannot be asked for this now; `None`: it can."""
    worker = status.worker
    if act == "load":
        return t("The model is loaded already.") if worker.phase in READY else None
    if worker.unloaded:
        return t("The model is unloaded: L loads it.")
    if act == "unload":
        return None
    if worker.replacing:
        return t("It is being replaced already.")
    return None if worker.phase in READY else t("The worker is not ready; there is nothing to replace.")
