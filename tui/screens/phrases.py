"""What can be done with a phrase of the transcript: hear it, speak it anew, go to where it is written."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from textual import on

from tui import compose
from tui.language import t
from tui.narrator import Narrator
from tui.screens.page import Look
from tui.screens.sounding import SoundingPage
from tui.widgets.transcript import Act, Transcript


class PhrasesPage(SoundingPage):
    """Does what the transcript asks for. Subclasses own the text, and show a place in it."""

    def __init__(self, look: Look, narrator: Narrator, now: Callable[[], datetime]) -> None:
        super().__init__(look, narrator, now)
        self._transcript.why_not = self._why_not
        self._possible: object = None
        """What decides which keys of the transcript do something."""

    @property
    def text(self) -> str:
        """What is written."""
        raise NotImplementedError

    def point_at(self, start: int, end: int) -> None:
        """Go to this stretch of the text."""
        raise NotImplementedError

    def show_take(self) -> None:
        super().show_take()
        rendition, take = self._narrator.rendition, self._narrator.take
        possible = (take.number, len(take.phrases), take.active, rendition.retaking, rendition.rests)
        if possible != self._possible:
            self._possible = possible
            self.refresh_bindings()

    def _why_not(self, what: Act, place: int) -> str | None:
        narrator, rendition = self._narrator, self._narrator.rendition
        take = rendition.take
        if place >= len(take.phrases):
            return t("Nothing was spoken yet.")
        match what:
            case "hear" if not narrator.player.sound.available:
                return t("There is no sound device.")
            case "retake" if take.phrases[place].index in rendition.retaking:
                return t("It is being spoken anew.")
            case "retake" if take.active and place + 1 == len(take.phrases) and not rendition.rests:
                return t("It is still being spoken.")
            case "edit" if self._found(place) is None:
                return t("This is not in the text any more.")
            case _:
                return None

    def _found(self, place: int) -> tuple[int, int] | None:
        phrases = [phrase.text for phrase in self._narrator.take.phrases[: place + 1]]
        return compose.located(self.text, phrases, self._narrator.rendition.origin)

    @on(Transcript.Asked)
    def _asked(self, event: Transcript.Asked) -> None:
        phrase = self._narrator.take.phrases[event.place]
        match event.what:
            case "hear":
                self._transport.play_from(phrase.start)
                self.show_take()
            case "retake":
                self.run_worker(partial(self._narrator.retake, phrase), group="retake")
            case _:
                if found := self._found(event.place):
                    self.point_at(*found)
