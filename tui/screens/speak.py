"""Speak: write, and hear it while you write."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final, cast

from msgspec.structs import replace
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Select, Static, TextArea

from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.jobs import NewJob
from ttsd.protocol.speech import LANGUAGES, SAMPLE_RATE_HZ
from tui import words
from tui.bars import line
from tui.narrator import Narrator
from tui.screens.page import Look, Page
from tui.state import State
from tui.widgets.prompt import Prompt
from tui.widgets.transcript import Transcript
from tui.widgets.waveform import Waveform

FRAMES_PER_S: Final = 15
METER: Final = 12
DEFAULT: Final = ""
"""The option that leaves the choice to the daemon."""


class Composer(TextArea, inherit_bindings=False):
    """Where one writes. Tab leaves it; F6 and F7 are the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if isinstance(binding, Binding) and binding.key not in ("f6", "f7")
    ]
    PLACEHOLDER: Final = "Type here, and hear it while you type."


class Toggle(Checkbox):
    BUTTON_INNER = "✓"


def _refill(select: Select[str], options: list[tuple[str, str]]) -> None:
    """Other options; what was chosen stays chosen where it can (the first option is the default)."""
    wanted = select.value if select.value in [value for _, value in options] else options[0][1]
    select.set_options(options)
    with select.prevent(Select.Changed):
        select.value = options[-1][1]  # the label of a value that stays is not read again
    select.value = wanted


def _key(key: str, action: str, name: str, shown: str, tooltip: str) -> Binding:
    """A key of the screen that comes before the composer's own."""
    return Binding(key, action, name, key_display=shown, tooltip=tooltip, priority=True)


class SpeakScreen(Page):
    """Shows the narrator's take; owns the composer and the settings."""

    MODE = "speak"
    CSS_PATH = "speak.tcss"
    AUTO_FOCUS = "Composer"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("f5,ctrl+enter", "read", "Speak", "F5", "Speak everything from the beginning (also Ctrl+Enter)"),
        _key("escape", "hush", "Stop", "Esc", "Stop the sound at once"),
        _key("f6", "toggle_live", "Live", "F6", "Speak while typing, or only when asked"),
        _key("f7", "queue", "File", "F7", "Make a job of the text: its audio goes to a file"),
        _key("f8", "clear", "Clear", "F8", "Empty the page; Ctrl+Z brings the text back"),
        _key("ctrl+s", "save", "Save", "^s", "Save what was spoken to a WAV file"),
    ]

    class Queue(Message):
        """Make a job of this text."""

        def __init__(self, job: NewJob) -> None:
            super().__init__()
            self.job = job

    def __init__(self, look: Look, narrator: Narrator, now: Callable[[], datetime]) -> None:
        super().__init__(look)
        self._narrator = narrator
        self._now = now
        self._composer = Composer(id="composer", placeholder=Composer.PLACEHOLDER, tab_behavior="focus")
        self._voice = Select[str]([("default", DEFAULT)], value=DEFAULT, allow_blank=False, compact=True, id="voice")
        self._language = Select[str](
            [("default", DEFAULT)], value=DEFAULT, allow_blank=False, compact=True, id="language"
        )
        self._live = Toggle("speak while typing", value=True, compact=True, id="live")
        self._transcript = Transcript()
        self._waveform = Waveform()
        self._deck = Static(id="deck")
        self._notice = Static(id="notice")
        self._engine: EngineInfo | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="settings"):
            yield Static("Voice", classes="label")
            yield self._voice
            yield Static("Language", classes="label")
            yield self._language
            yield self._live
        with Vertical(id="pages"):
            yield self._composer
            yield self._transcript
        yield self._notice
        yield self._waveform
        yield self._deck

    def on_mount(self) -> None:
        self._composer.border_title = "Write"
        self._transcript.border_title = "Hear"
        self._frames = self.set_interval(1 / FRAMES_PER_S, self._frame, pause=True)
        self.show_sound()

    def show(self, state: State) -> None:
        super().show(state)
        engine = state.worker.engine if state.worker else None
        if engine and engine != self._engine:
            self._engine = engine
            self._offer(engine)
        self.show_take()

    def show_take(self) -> None:
        """The narrator's take has changed, or is heard further."""
        self._frames.resume()
        self._frame()

    def show_sound(self) -> None:
        """The sound device came or went."""
        sound = self._narrator.player.sound
        self._notice.display = sound.available is False
        self._notice.update(
            Content.assemble(
                ("♪ ", "bold $warning"),
                (f"{sound.note[:1].upper()}{sound.note[1:]}.", "$warning"),
                (" Text is spoken all the same: ", "$foreground"),
                ("^s", "$accent"),
                (" saves it to a file.", "$foreground"),
            )
        )

    def _offer(self, engine: EngineInfo) -> None:
        """The voices and languages of this engine."""
        voices = [(voice.name, voice.name) for voice in engine.voices]
        _refill(self._voice, [(f"default ({engine.default_voice})", DEFAULT), *voices])
        languages = [(words.language(code), code) for code in LANGUAGES if code in engine.languages]
        _refill(self._language, [("default", DEFAULT), ("by the text", "auto"), *languages])

    def _frame(self) -> None:
        narrator = self._narrator
        take, player = narrator.take, narrator.player
        heard = min(player.heard, take.samples)
        self._transcript.show(take, heard=heard, hearing=narrator.hearing, pending=self._pending())
        self._waveform.show(narrator.recording.envelope, heard / take.samples if take.samples else 0.0)
        self._deck.update(self._deck_line(heard))
        self.refresh_keys()
        if not player.playing and not take.active:
            self._frames.pause()

    def _pending(self) -> str:
        return self._narrator.script.pending.strip() if self._narrator.take.active else ""

    def _deck_line(self, heard: int) -> Content:
        narrator, take = self._narrator, self._narrator.take
        playing = narrator.player.playing
        level = narrator.recording.level(heard) if playing else 0.0
        loud, rest = line(level**0.6, METER)
        glyph = ("▶", "$accent") if playing else ("■", "$quiet")
        parts: list[tuple[str, str]] = [
            glyph,
            (f" {words.clock(heard / SAMPLE_RATE_HZ)}", "$foreground" if take.samples else "$quiet"),
            (f" / {words.clock(take.length_s)}  ", "$quiet"),
            (loud, "$secondary"),
            (rest, "$faint"),
        ]
        if take.first_sound_ms is not None:
            parts += [("   first sound ", "$quiet"), (words.milliseconds(take.first_sound_ms), "$foreground")]
        if take.error:
            parts.append((f"   {words.plain(take.error)}", "$error"))
        return Content.assemble(*parts)

    # --- what the user does ---

    @on(TextArea.Changed)
    def _written(self, event: TextArea.Changed) -> None:
        event.stop()
        text = self._composer.text
        if self._live.value:
            self._narrator.write(text)
        else:
            self._narrator.pass_over(text)
        letters = len(text.strip())
        self._composer.border_subtitle = words.counted(letters, "letter") if letters else ""
        self.refresh_keys()

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        voice, language = self._voice.value, self._language.value
        settings = replace(
            self._narrator.settings,
            voice=voice if isinstance(voice, str) and voice != DEFAULT else None,
            language=language if isinstance(language, str) else DEFAULT,
        )
        if settings != self._narrator.settings:
            self._narrator.change(settings)

    @on(Checkbox.Changed)
    def _live_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self._narrator.pass_over(self._composer.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are shown as such."""
        match action:
            case "read" | "queue" | "clear":
                return True if self._composer.text.strip() else None
            case "save":
                return True if self._narrator.take.samples else None
            case _:
                return super().check_action(action, parameters)

    def action_read(self) -> None:
        self._narrator.read(self._composer.text, more=self._live.value)

    def action_hush(self) -> None:
        self._narrator.stop()

    def action_toggle_live(self) -> None:
        self._live.toggle()

    def action_clear(self) -> None:
        self._narrator.stop()
        self._composer.clear()

    def action_queue(self) -> None:
        settings = self._narrator.settings
        self.post_message(
            self.Queue(NewJob(text=self._composer.text, voice=settings.voice, language=settings.language))
        )

    def action_save(self) -> None:
        proposed = Path.cwd() / f"ttsd-{self._now():%Y-%m-%d-%H%M%S}.wav"
        app = cast("App[None]", self.app)  # pyright: ignore[reportUnknownMemberType] — Textual leaves App's result open
        app.push_screen(Prompt("Save the take to", str(proposed)), self._save)

    def _save(self, answer: str | None) -> None:
        if answer is None:
            return
        path = Path(answer).expanduser()
        if path.exists():
            self.notify(f"{path} is there already; choose another name.", title="Not saved", severity="warning")
            return
        try:
            self._narrator.recording.save(path)
        except OSError as error:
            self.notify(f"{path}: {error.strerror}", title="Not saved", severity="error")
            return
        self.notify(f"{path}\n{words.duration(self._narrator.take.length_s)} of sound", title="Saved")
