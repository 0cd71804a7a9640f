"""Speak: write, and hear it while you write."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.speech import LANGUAGES
from tui import words
from tui.asks import QueueText
from tui.drafts import Draft, Drafting
from tui.language import t
from tui.memory import Memory
from tui.narrator import Narrator
from tui.screens.page import Look, early_key
from tui.screens.recalling import RecallingPage
from tui.screens.sounding import FRAMES_PER_S
from tui.settings import Settings, impossible
from tui.state import State
from tui.widgets.composer import Composer
from tui.widgets.deck import settings_line
from tui.widgets.dials import Dials
from tui.widgets.pressable import PressableText

if TYPE_CHECKING:
    from tui.spoken import Spoken

DIALS_FROM: Final = 150
"""Cells of the screen from which on the dials are always in sight."""
KEEP_S: Final = 0.3
DEFAULT: Final = ""
"""The choice that leaves it to the daemon."""


class SpeakScreen(RecallingPage):
    """Owns the composer and the settings."""

    MODE = "speak"
    AUTO_FOCUS = "Composer"
    BINDINGS: ClassVar[list[BindingType]] = [
        early_key("f6,ctrl+enter", "read", "Speak", "F6", "Speak everything from the beginning (also Ctrl+Enter)"),
        *RecallingPage.SOUND_KEYS,
        early_key("f7", "queue", "To file", "F7", "Make a job of the text: its audio goes to a file"),
        early_key("f8", "clear", "Clear", "F8", "Empty the page; Ctrl+Z brings the text back"),
        early_key(
            "f9",
            "toggle_live",
            "Live",
            "F9",
            "Speak each clause, line or word as it is typed, or only when asked",
            show=False,
        ),
        early_key("ctrl+t", "voice", "Voice", "^t", "Choose the voice", show=False),
        early_key("ctrl+l", "language", "Language", "^l", "Choose the language", show=False),
        RecallingPage.HISTORY_KEY,
        early_key("alt+s", "dials", "Style", "Alt+S", "Clarity, naturalness, emotion, speed, seed", show=False),
    ]

    def __init__(self, look: Look, narrator: Narrator, now: Callable[[], datetime], memory: Memory) -> None:
        super().__init__(look, narrator, now, memory)
        self._memory = memory
        self._composer = Composer()
        self._draft = Draft(memory.directory / "drafts")
        self._drafting = Drafting(self._draft, lambda: self._composer.text)
        self._settings = PressableText(id="settings")
        self._engine: EngineInfo | None = None
        self._dials = Dials()
        self._asked_for_dials = False
        self._unkept = self._pouring = False
        self._letters = self._counted = 0

    def body(self) -> ComposeResult:
        yield self._settings
        with Vertical(id="pages"):
            yield self._composer
            yield self._transcript
            yield self._dials
        yield from self.sound_lines()

    def on_mount(self) -> None:
        self._composer.border_title = t("Write")
        self._dials.border_title = t("Style")
        self.call_after_refresh(self._take_up_draft)
        self._show_settings()

    def on_resize(self) -> None:
        self._show_settings()

    def on_unmount(self) -> None:
        self._keep()
        self._drafting.end()

    def show(self, state: State) -> None:
        super().show(state)
        engine = state.worker.engine if state.worker else None
        if engine and engine != self._engine:
            self._engine = engine
            self._show_settings()
        self.show_take()

    def _frame(self) -> None:
        super()._frame()
        if self._letters == self._counted and self._narrator.playing and self._tick % FRAMES_PER_S:
            return  # what is left is guessed anew with every sound that comes; the eye wants it once a second
        self._counted = self._letters
        said = [words.counted(self._letters, "letter") if self._letters else "", self._progress()]
        subtitle = " · ".join(text for text in said if text)
        self._composer.say_below(subtitle)

    def _progress(self) -> str:
        """How far a long text is heard, and when its end will be."""
        progress = self._narrator.rendition.progress(self._narrator.script)
        if progress is None:
            return ""
        spoken, left_s = progress
        return t("{percent} heard, {left} left", percent=words.percent(spoken), left=words.duration(left_s))

    def _show_settings(self) -> None:
        settings, engine = self._narrator.settings, self._engine
        self._dials.display = self._asked_for_dials or self.size.width >= DIALS_FROM
        self.set_class(self._asked_for_dials, "-dials")
        self._dials.show(settings, impossible(settings, engine))
        self._settings.update(
            settings_line(
                settings,
                engine.default_voice if engine else "",
                self._settings.content_size.width or self.size.width - 4,
                dials=self._dials.display,
            ),
            layout=False,
        )

    @property
    def _live(self) -> bool:
        return self._narrator.settings.live != "off"

    @property
    def text(self) -> str:
        return self._composer.text

    def point_at(self, start: int, end: int) -> None:
        before = [self.text[:at].split("\n") for at in (start, end)]
        first, last = ((len(lines) - 1, len(lines[-1])) for lines in before)
        self._composer.selection = Selection(first, last)
        self._composer.focus()

    def bring_back(self, spoken: "Spoken") -> None:
        self._change(replace(spoken.settings, live=self._narrator.settings.live))
        self._composer.select_all()
        self._pour(spoken.text)
        self._composer.focus()

    # --- what the user does ---

    @on(TextArea.Changed)
    def _written(self, event: TextArea.Changed) -> None:
        event.stop()
        text = self._composer.text
        self._letters = len(text.strip())
        if self._live and not self._pouring and not self._composer.has_brought_back():
            self._narrator.write(text)
        else:
            self._narrator.pass_over(text)
        self._drafting.changed()
        self.show_take()

    @on(Composer.Pouring)
    def _long_text(self, event: Composer.Pouring) -> None:
        self._pour(event.text)
        self.notify(
            t(
                "{count}: F6 speaks it here, F7 makes a job of it.",
                count=words.counted(len(event.text.strip()), "letter"),
            ),
            title=t("A long text"),
            markup=False,
        )

    def _pour(self, text: str) -> None:
        """Put `text` in, which is not for speaking now."""
        self._narrator.close()
        self._pouring = True
        self._composer.pour(text)

    @on(Composer.Poured)
    def _poured(self) -> None:
        self._narrator.pass_over(self._composer.text)
        self._pouring = False

    def _take_up_draft(self) -> None:
        if text := self._draft.take_over():
            self._pour(text)
            self.notify(t("What you were writing is here again; Ctrl+Z takes it away."), title=t("Draft"))
        self.run_worker(self._drafting.follow, group="draft")

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        match action:
            case "read" | "queue" | "clear" if not self._composer.text.strip():
                return t("Nothing is written yet.")
            case "voice" | "language" if not self._engine:
                return t("The engine is not there yet.")
            case "hush" if not self._composer.has_focus:
                return None
            case _:
                return super().reason(action, parameters)

    def action_read(self) -> None:
        self._narrator.read(self._composer.text, more=self._live)

    def action_toggle_live(self) -> None:
        self._change(self._narrator.settings.next_mode())
        self._narrator.pass_over(self._composer.text)

    def action_dials(self) -> None:
        """Go to the dials, or leave them."""
        if self._dials.has_focus:
            self._leave()
            return
        self._asked_for_dials = True
        self._show_settings()
        self._dials.focus()

    def _leave(self) -> None:
        self._asked_for_dials = False
        self._composer.focus()
        self._show_settings()

    @on(Dials.Turned)
    def _turned(self, event: Dials.Turned) -> None:
        self._change(event.settings)

    def action_hush(self) -> None:
        """Silence; where there is silence, back to writing."""
        if self.reason_for_silence() and not self._composer.has_focus:
            self._leave()
        else:
            super().action_hush()

    def action_clear(self) -> None:
        self._narrator.stop()
        self._composer.empty()

    def action_queue(self) -> None:
        self.post_message(QueueText(self._narrator.settings.job(self._composer.text)))

    def action_voice(self) -> None:
        from tui.voicerows import choices as choices_of
        from tui.widgets.picker import Picker

        assert self._engine
        known = self._look().voices
        voices = choices_of(known.voices) if known else [(voice.name, voice.name) for voice in self._engine.voices]
        choices = [(f"{t('default')} ({self._engine.default_voice})", DEFAULT), *voices]
        self.ask(Picker(t("Voice"), choices, self._narrator.settings.voice or DEFAULT), self._set_voice)

    def action_language(self) -> None:
        from tui.widgets.picker import Picker

        assert self._engine
        languages = [(words.language(code), code) for code in LANGUAGES]
        choices = [(t("default"), DEFAULT), (t("by the text"), "auto"), *languages]
        remedies = {
            code: self._engine.remedies.get(code) or t("not with this engine")
            for code in LANGUAGES
            if code not in self._engine.languages
        }
        self.ask(Picker(t("Language"), choices, self._narrator.settings.language, remedies), self._set_language)

    def use_voice(self, reference: str) -> None:
        """Speak with this voice, or variant of one, from the next words on."""
        self._set_voice(reference)

    def _set_voice(self, voice: str | None) -> None:
        if voice is not None:
            self._change(replace(self._narrator.settings, voice=voice or None))

    def _set_language(self, language: str | None) -> None:
        if language is not None:
            self._change(replace(self._narrator.settings, language=language))

    def _change(self, settings: Settings) -> None:
        if settings != self._narrator.settings:
            self._narrator.change(settings)
            if not self._unkept:
                self._unkept = True
                self.set_timer(KEEP_S, self._keep)
            self._show_settings()

    def _keep(self) -> None:
        """Remember the settings; a dial that is dragged changes them many times a second."""
        if self._unkept:
            self._unkept = False
            self._memory.remember(speaking=self._narrator.settings)
