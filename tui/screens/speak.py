"""Speak: write, and hear it while you write."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final, cast

from msgspec.structs import replace
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.jobs import NewJob
from ttsd.protocol.speech import LANGUAGES
from tui import words
from tui.asks import QueueText
from tui.narrator import Narrator, Settings
from tui.screens.page import Look, Page
from tui.state import State
from tui.widgets.deck import deck_line, settings_line, silence_notice
from tui.widgets.pressable import PressableText
from tui.widgets.transcript import Transcript
from tui.widgets.waveform import Waveform

FRAMES_PER_S: Final = 15
DEFAULT: Final = ""
"""The choice that leaves it to the daemon."""


class Composer(TextArea, inherit_bindings=False):
    """Where one writes. Tab leaves it; F6 and F7 are the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if isinstance(binding, Binding) and binding.key not in ("f6", "f7")
    ]
    PLACEHOLDER: Final = "Type here, and hear it while you type."


def _key(key: str, action: str, name: str, shown: str, tooltip: str, *, show: bool = True) -> Binding:
    """A key of the screen that comes before the composer's own."""
    return Binding(key, action, name, key_display=shown, tooltip=tooltip, priority=True, show=show)


class SpeakScreen(Page):
    """Shows the narrator's take; owns the composer and the settings."""

    MODE = "speak"
    AUTO_FOCUS = "Composer"
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("f5,ctrl+enter", "read", "Speak", "F5", "Speak everything from the beginning (also Ctrl+Enter)"),
        _key("escape", "hush", "Stop", "Esc", "Stop the sound at once"),
        _key("ctrl+s", "save", "Save", "^s", "Save what was spoken to a WAV file"),
        _key("f7", "queue", "To file", "F7", "Make a job of the text: its audio goes to a file"),
        _key("f8", "clear", "Clear", "F8", "Empty the page; Ctrl+Z brings the text back"),
        _key("f6", "toggle_live", "Live", "F6", "Speak while typing, or only when asked", show=False),
        _key("ctrl+t", "voice", "Voice", "^t", "Choose the voice", show=False),
        _key("ctrl+l", "language", "Language", "^l", "Choose the language", show=False),
    ]

    def __init__(self, look: Look, narrator: Narrator, now: Callable[[], datetime]) -> None:
        super().__init__(look)
        self._narrator = narrator
        self._now = now
        self._composer = Composer(id="composer", placeholder=Composer.PLACEHOLDER, tab_behavior="focus")
        self._settings = PressableText(id="settings")
        self._transcript = Transcript()
        self._waveform = Waveform()
        self._deck = Static(id="deck")
        self._notice = Static(id="notice")
        self._engine: EngineInfo | None = None
        self._live = True

    def body(self) -> ComposeResult:
        yield self._settings
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
        self._show_settings()
        self.show_sound()

    def show(self, state: State) -> None:
        super().show(state)
        engine = state.worker.engine if state.worker else None
        if engine and engine != self._engine:
            self._engine = engine
            self._show_settings()
        self.show_take()

    def show_take(self) -> None:
        """The narrator's take has changed, or is heard further."""
        self._frames.resume()
        self._frame()

    def show_sound(self) -> None:
        """The sound device came or went."""
        sound = self._narrator.player.sound
        self._notice.display = sound.available is False
        self._notice.update(silence_notice(sound))

    def _show_settings(self) -> None:
        default_voice = self._engine.default_voice if self._engine else ""
        self._settings.update(settings_line(self._narrator.settings, default_voice, live=self._live), layout=False)

    def _frame(self) -> None:
        narrator = self._narrator
        take, playing = narrator.take, narrator.player.playing
        heard = min(narrator.player.heard, take.samples)
        pending = narrator.script.pending.strip() if take.active else ""
        level = narrator.recording.level(heard) if playing else 0.0
        self._transcript.show(take, heard=heard, hearing=narrator.hearing, pending=pending)
        self._waveform.show(narrator.recording.envelope, heard / take.samples if take.samples else 0.0)
        self._deck.update(deck_line(take, heard=heard, playing=playing, level=level), layout=False)
        self.refresh_keys()
        if not playing:
            self._frames.pause()

    # --- what the user does ---

    @on(TextArea.Changed)
    def _written(self, event: TextArea.Changed) -> None:
        event.stop()
        text = self._composer.text
        if self._live:
            self._narrator.write(text)
        else:
            self._narrator.pass_over(text)
        letters = len(text.strip())
        self._composer.border_subtitle = words.counted(letters, "letter") if letters else ""
        self.show_take()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are shown as such."""
        match action:
            case "read" | "queue" | "clear":
                return True if self._composer.text.strip() else None
            case "save":
                return True if self._narrator.take.samples else None
            case "hush":
                return True if self._narrator.player.playing or self._narrator.take.active else None
            case "voice" | "language":
                return True if self._engine else None
            case _:
                return super().check_action(action, parameters)

    def action_read(self) -> None:
        self._narrator.read(self._composer.text, more=self._live)

    def action_hush(self) -> None:
        self._narrator.stop()

    def action_toggle_live(self) -> None:
        self._live = not self._live
        self._narrator.pass_over(self._composer.text)
        self._show_settings()

    def action_clear(self) -> None:
        self._narrator.stop()
        self._composer.clear()

    def action_queue(self) -> None:
        settings = self._narrator.settings
        self.post_message(QueueText(NewJob(text=self._composer.text, voice=settings.voice, language=settings.language)))

    def action_voice(self) -> None:
        from tui.widgets.picker import Picker

        assert self._engine
        voices = [(f"{voice.name}  {voice.description}".strip(), voice.name) for voice in self._engine.voices]
        choices = [(f"default ({self._engine.default_voice})", DEFAULT), *voices]
        self._ask(Picker("Voice", choices, self._narrator.settings.voice or DEFAULT), self._set_voice)

    def action_language(self) -> None:
        from tui.widgets.picker import Picker

        assert self._engine
        languages = [(words.language(code), code) for code in LANGUAGES if code in self._engine.languages]
        choices = [("default", DEFAULT), ("by the text", "auto"), *languages]
        self._ask(Picker("Language", choices, self._narrator.settings.language), self._set_language)

    def action_save(self) -> None:
        from tui.widgets.prompt import Prompt

        proposed = Path.cwd() / f"ttsd-{self._now():%Y-%m-%d-%H%M%S}.wav"
        self._ask(Prompt("Save the take to", str(proposed)), self._save)

    def _ask(self, question: ModalScreen[str | None], answer: Callable[[str | None], None]) -> None:
        app = cast("App[None]", self.app)  # pyright: ignore[reportUnknownMemberType] — Textual leaves App's result open
        app.push_screen(question, answer)

    def _set_voice(self, voice: str | None) -> None:
        if voice is not None:
            self._change(replace(self._narrator.settings, voice=voice or None))

    def _set_language(self, language: str | None) -> None:
        if language is not None:
            self._change(replace(self._narrator.settings, language=language))

    def _change(self, settings: Settings) -> None:
        if settings != self._narrator.settings:
            self._narrator.change(settings)
            self._show_settings()

    def _save(self, answer: str | None) -> None:
        if answer is None:
            return
        path = Path(answer).expanduser()
        if path.exists():
            self.notify(
                f"{path} is there already; choose another name.", title="Not saved", severity="warning", markup=False
            )
            return
        try:
            self._narrator.recording.save(path)
        except OSError as error:
            self.notify(f"{path}: {error.strerror}", title="Not saved", severity="error", markup=False)
            return
        length = words.duration(self._narrator.take.length_s)
        self.notify(f"{path}\n{length} of sound", title="Saved", markup=False)
