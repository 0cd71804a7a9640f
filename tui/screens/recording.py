"""Recording a voice: a sentence to read, a countdown, the level, and what was recorded to listen to."""

import math
from collections.abc import Callable
from typing import ClassVar, Final

import msgspec
from rich.cells import cell_len, set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ttsd.client.sentences import READING
from tui import words
from tui.bars import line
from tui.language import t
from tui.recorder import ADVISED_S, LEAST_S, LONGEST_S, Phase, Recorder
from tui.widgets.answers import Cycle, Submitted
from tui.widgets.steady import Steady

FRAMES_PER_S: Final = 20
METER: Final = 30


class Recorded(msgspec.Struct, frozen=True):
    """A clip, and what was read aloud in it."""

    wav: bytes
    transcript: str
    language: str


class RecordingScreen(ModalScreen[Recorded | None]):
    """Returns what was recorded, or `None` after Esc. `play` is given PCM and its rate, `hush` ends that."""

    CSS_PATH = "recording.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "go", "Record", priority=True),
        Binding("p", "listen", "Listen"),
        Binding("r", "redo", "Redo"),
        Binding("enter", "keep", "Keep", priority=True),
        Binding("escape", "leave", "Leave"),
    ]

    def __init__(
        self,
        language: str,
        play: Callable[[bytes, int], None],
        hush: Callable[[], None],
        make_recorder: Callable[[], Recorder] = Recorder,
    ) -> None:
        super().__init__()
        self._play = play
        self._hush = hush
        self._make_recorder = make_recorder
        self._recorder = make_recorder()
        self._language = Cycle([(words.language(code), code) for code in READING], language, "language")
        self._sentence = Steady(id="sentence", markup=False)
        self._line = Steady(id="line")
        self._meter = Steady(id="meter")
        self._advice = Steady(id="advice", markup=False)

    @property
    def recorder(self) -> Recorder:
        return self._recorder

    def compose(self) -> ComposeResult:
        with Vertical(id="recording") as box:
            box.border_title = t("Record a voice")
            with Horizontal(id="choose"):
                yield Static(t("Language"), classes="label")
                yield self._language
            yield self._sentence
            yield self._line
            yield self._meter
            yield self._advice

    def on_mount(self) -> None:
        self._language.focus()
        self._read_aloud()
        self.set_interval(1 / FRAMES_PER_S, self._frame)
        self._frame()

    def on_unmount(self) -> None:
        self._recorder.stop()

    @on(Cycle.Turned)
    def _read_aloud(self) -> None:
        self._sentence.update(READING[self._language.value])

    def _frame(self) -> None:
        recorder = self._recorder
        self._line.update(_line(recorder), layout=False)
        self._meter.update(_meter(recorder), layout=False)
        self._advice.update(_advice(recorder))
        self.query_one("#recording").border_subtitle = _keys(recorder.phase)
        self._language.disabled = recorder.phase is not Phase.READY

    # --- what the user does ---

    def action_go(self) -> None:
        match self._recorder.phase:
            case Phase.READY | Phase.FAILED:
                self._again()
            case Phase.DONE:
                self.action_listen()
            case _:
                self._recorder.stop()

    def _again(self) -> None:
        self._hush()
        self._recorder.stop()
        self._recorder = self._make_recorder()
        self._recorder.start()
        self._frame()

    def action_redo(self) -> None:
        if not self._recorder.active:
            self._again()

    def action_listen(self) -> None:
        if self._recorder.phase is Phase.DONE:
            self._play(bytes(self._recorder.pcm), self._recorder.rate_hz)

    @on(Submitted)
    def action_keep(self) -> None:
        """While it is recorded, it ends; once it is done, it is kept."""
        recorder = self._recorder
        if recorder.phase is Phase.DONE and recorder.pcm:
            self._hush()
            self.dismiss(Recorded(recorder.wav(), READING[self._language.value], self._language.value))
        elif recorder.phase in (Phase.READY, Phase.RECORDING):
            self.action_go()

    def action_leave(self) -> None:
        self._hush()
        self.dismiss(None)


def _line(recorder: Recorder) -> Content:
    """Where it is, and for how long, against what is advised."""
    match recorder.phase:
        case Phase.READY:
            return Content.styled(t("Read this aloud, near the microphone, in a quiet room."), "$quiet")
        case Phase.OPENING:
            return Content.styled(t("opening the microphone …"), "$quiet")
        case Phase.COUNTING:
            return Content.styled(t("begins in {left}", left=math.ceil(recorder.left_s)), "bold $warning")
        case Phase.FAILED:
            return Content.styled(words.plain(recorder.note), "$error")
        case Phase.RECORDING | Phase.DONE:
            seconds = recorder.seconds
            good = LEAST_S <= seconds <= ADVISED_S
            glyph = ("● ", "bold $error") if recorder.phase is Phase.RECORDING else ("■ ", "$quiet")
            wanted = t("of {least:g} to {most:g} s", least=LEAST_S, most=ADVISED_S)
            return Content.assemble(
                glyph, (words.clock(seconds), "bold $success" if good else "bold $warning"), (f"  {wanted}", "$quiet")
            )


def _meter(recorder: Recorder) -> Content:
    """How loud it is now, and how much of the time is gone."""
    loud = "$error" if recorder.level > 0.97 else "$success" if recorder.level > 0.03 else "$warning"
    rows = ((t("level"), recorder.level**0.6, loud), (t("time"), recorder.seconds / LONGEST_S, "$secondary"))
    room = max(cell_len(name) for name, _, _ in rows) + 2
    lines: list[Content] = []
    for name, share, colour in rows:
        done, rest = line(share, METER)
        lines.append(Content.assemble((set_cell_size(name, room), "$quiet"), (done, colour), (rest, "$faint")))
    return Content("\n").join(lines)


def _advice(recorder: Recorder) -> str:
    """What to do next, in one sentence."""
    if recorder.phase is Phase.FAILED:
        return t("Connect a microphone and press space, or leave and take a file with n.")
    if recorder.clipped:
        return t("Too loud: go further away, or lower the input level.")
    if recorder.phase is Phase.DONE and recorder.seconds < LEAST_S:
        return t("Too short for a steady voice: record it again.")
    if recorder.phase is Phase.RECORDING and recorder.seconds > ADVISED_S:
        return t("That is enough: longer is not better.")
    return ""


def _keys(phase: Phase) -> str:
    match phase:
        case Phase.READY | Phase.FAILED:
            return t("space record · ←→ language · esc leave")
        case Phase.DONE:
            return t("space listen · r again · enter keep · esc leave")
        case _:
            return t("space stop · esc leave")
