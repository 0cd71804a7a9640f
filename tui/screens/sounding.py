"""The half of the speak page that sounds: what is heard, how far, and the keys that move the listener about."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from ttsd.protocol.errors import BadRequest
from tui import words
from tui.asks import OutputWanted, SaveTake
from tui.karaoke import word_heard
from tui.language import t
from tui.narrator import Narrator
from tui.saving import FORMATS, Sound, target_of
from tui.screens.page import Look, Page, early_key
from tui.state import State
from tui.transport import Transport
from tui.widgets.deck import Deck, Heard, deck_line, home_command, owed_notice, silence_notice
from tui.widgets.steady import Steady
from tui.widgets.transcript import Transcript
from tui.widgets.waveform import Waveform

FRAMES_PER_S: Final = 30
DECK_EVERY: Final = 3
TITLE_CELLS: Final = 80
PENDING_CHARS: Final = 1000
"""Shown of what waits to be spoken."""


class SoundingPage(Page):
    """Shows the narrator's take as it is heard; moves the listener in it, and saves it."""

    SOUND_KEYS: ClassVar[list[Binding]] = [
        early_key("escape", "hush", "Stop", "Esc", "Stop the sound at once"),
        early_key("ctrl+s", "save", "Save", "^s", "Save what was spoken to a file: WAV, FLAC, MP3, Opus, M4A"),
        early_key("alt+p", "toggle_sound", "Pause", "Alt+P", "Pause the sound, or go on; at its end, hear it again"),
        early_key("alt+r", "replay", "Replay", "Alt+R", "Hear it from the beginning", show=False),
        early_key(
            "alt+up",
            "step(-1)",
            "Phrase before",
            "Alt+↑",
            "This phrase again; at its start, the one before",
            show=False,
        ),
        early_key("alt+down", "step(1)", "Phrase after", "Alt+↓", "Go to the next phrase", show=False),
        early_key("alt+left", "skip(-1)", "1 s back", "Alt+←", "Go back by a second", show=False),
        early_key("alt+right", "skip(1)", "1 s forward", "Alt+→", "Go forward by a second", show=False),
        early_key("alt+o", "output", "Output", "Alt+O", "Choose the sound device", show=False),
    ]

    def __init__(self, look: Look, narrator: Narrator, now: Callable[[], datetime]) -> None:
        super().__init__(look)
        self._narrator = narrator
        self._transport = Transport(narrator)
        self._now = now
        self._transcript = Transcript()
        self._waveform = Waveform()
        self._deck = Deck()
        self._notice = Steady(id="notice")
        self._missed = ""
        self._owing = False
        self._tick = 0
        self._moving = False

    def sound_lines(self) -> ComposeResult:
        """What stands below the pages."""
        yield self._notice
        yield self._waveform
        yield self._deck

    def on_mount(self) -> None:
        self._transcript.border_title = t("Hear")
        self._frames = self.set_interval(1 / FRAMES_PER_S, self._frame, pause=True)
        self.show_sound()

    def show(self, state: State) -> None:
        super().show(state)
        if self._notice.display:
            self.show_sound()  # it names the daemon's socket

    def show_take(self) -> None:
        """The narrator's take has changed: the next frame shows it, at once where there is none."""
        if not self._moving:
            self._move()

    def _move(self) -> None:
        self._moving = True
        self._frames.resume()
        self._frame()

    def show_sound(self) -> None:
        """The sound device came or went."""
        sound = self._narrator.player.sound
        self._show_notice()
        if sound.missed and sound.missed != self._missed:
            self.notify(
                t("{reason}; the system's default device plays.", reason=words.plain(sound.missed)),
                title=t("Sound device"),
                severity="warning",
                markup=False,
            )
        self._missed = sound.missed

    def _show_notice(self) -> None:
        """Why nothing is heard: there is no daemon for it, or no sound device."""
        sound, status = self._narrator.player.sound, self._look().status
        self._owing = self._narrator.owing and self._narrator.away
        self._notice.display = self._owing or sound.available is False
        home = home_command(os.environ, status.socket) if status else ""
        self._notice.update(owed_notice() if self._owing else silence_notice(sound, home))

    def _frame(self) -> None:
        narrator, rendition = self._narrator, self._narrator.rendition
        take, playing, heard, hearing = rendition.take, rendition.playing, rendition.heard, rendition.hearing
        pending = narrator.script.pending[:PENDING_CHARS].strip() if take.active or narrator.owing else ""
        if (narrator.owing and narrator.away) != self._owing:
            self._show_notice()
        word = (0, 0) if hearing is None else word_heard(take, hearing, rendition.recording.envelope, heard)
        self._transcript.show(take, (heard, hearing), pending=pending, retaking=rendition.retaking, word=word)
        self._waveform.show(rendition.recording.envelope, heard / take.samples if take.samples else 0.0)
        self._tick += 1
        # Its figures would change with every frame, and to paint them is what costs: tenths are enough for the eye.
        if not playing or self._tick % DECK_EVERY == 0:
            self._deck.show(deck_line(take, self._where(), self._deck.content_size.width))
            self.refresh_keys()
        if not playing or not self.is_current:
            self._moving = False
            self._frames.pause()  # whatever comes next shows the take, and goes on

    def _where(self) -> Heard:
        rendition, player = self._narrator.rendition, self._narrator.player
        return Heard(
            at=rendition.heard,
            playing=rendition.playing,
            held=rendition.on_air and player.held and rendition.heard < rendition.take.samples,
            level=rendition.recording.level(rendition.heard) if rendition.playing else 0.0,
            cushion_s=player.cushion.depth_s,
        )

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        narrator = self._narrator
        match action:
            case "save" | "toggle_sound" | "replay" | "step" | "skip" if not narrator.take.samples:
                return t("Nothing was spoken yet.")
            case "toggle_sound" | "replay" | "step" | "skip" if not narrator.player.sound.available:
                return t("There is no sound device.")
            case "hush":
                return self.reason_for_silence()
            case _:
                return super().reason(action, parameters)

    def reason_for_silence(self) -> str | None:
        """Why there is nothing to stop; `None`: something sounds, or will."""
        sounds = self._narrator.player.playing or self._narrator.take.active or self._narrator.owing
        return None if sounds else t("Nothing is to be heard.")

    # --- what the user does ---

    def action_output(self) -> None:
        self.post_message(OutputWanted())

    def action_hush(self) -> None:
        self._narrator.stop()

    def action_toggle_sound(self) -> None:
        self._transport.toggle()
        self._move()

    def action_replay(self) -> None:
        self._transport.replay()
        self._move()

    def action_step(self, phrases: int) -> None:
        self._transport.step(phrases)
        self._move()

    def action_skip(self, seconds: int) -> None:
        self._transport.skip(seconds)
        self._move()

    @on(Waveform.Sought)
    def _sought(self, event: Waveform.Sought) -> None:
        if not self.reason("skip", ()):
            self._transport.go_to(round(event.fraction * self._narrator.take.samples))
            self._move()

    def action_save(self) -> None:
        self._ask_for_name(Path.cwd() / f"ttsd-{self._now():%Y-%m-%d-%H%M%S}.wav")

    def _ask_for_name(self, proposed: Path) -> None:
        from tui.widgets.prompt import Prompt

        self.ask(Prompt(t("Save it as {formats}", formats=" ".join(FORMATS)), str(proposed)), self._save)

    def _save(self, answer: str | None) -> None:
        if answer is None:
            return
        try:
            path = target_of(answer)
        except BadRequest as error:
            self.notify(error.message, title=t("Not saved"), severity="error", markup=False)
            return
        if path.exists():
            self._ask_to_replace(path)
        else:
            self._write(path)

    def _ask_to_replace(self, path: Path) -> None:
        from tui.widgets.picker import Picker

        title = t("{name} is there already", name=words.plain(path.name))
        choices = [(t("Choose another name"), "another"), (t("Replace it"), "replace")]

        def decide(choice: str | None) -> None:
            if choice == "replace":
                self._write(path)
            elif choice == "another":
                self._ask_for_name(path)

        self.ask(Picker(title, choices, "another"), decide)

    def _write(self, path: Path) -> None:
        take = self._narrator.take
        title = words.fitted(" ".join(phrase.text.strip() for phrase in take.phrases), TITLE_CELLS).rstrip()
        voice = self._narrator.settings.voice or ""
        self.post_message(SaveTake(Sound(self._narrator.recording.pcm, title, voice), path))
