"""Voices: those there are, how good they are, and how they sound beside each other."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Paste
from textual.widgets import Input

from ttsd.protocol.errors import TtsdError
from ttsd.protocol.voices import VoiceList as Voices
from tui import words
from tui.asks import Hush, UseVoice
from tui.language import t
from tui.paths import pasted
from tui.screens.page import Flow, Look, Page, early_key
from tui.state import State
from tui.voicedesk import VoiceDesk
from tui.voicefacts import about
from tui.voicerows import Row, rows
from tui.voicewords import against, drawing, stage, summary
from tui.voicework import VoiceWork
from tui.widgets.facts import Facts
from tui.widgets.pressable import PressableText
from tui.widgets.steady import Steady
from tui.widgets.voicelist import VoiceList

FRAMES_PER_S: Final = 15
SETTLE_S: Final = 0.4
"""How long the cursor rests on a voice before its clip is examined."""


class VoicesScreen(Page):
    """Shows the voices of the state; its desk does what is asked."""

    MODE = "voices"
    CSS_PATH = "voices.tcss"
    AUTO_FOCUS = "VoiceList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "use", "Use", key_display="Enter", tooltip="Speak with this voice from now on"),
        Binding("a", "hear('a')", "Hear", tooltip="Hear this voice say the sentence"),
        Binding("space", "clip", "Clip", key_display="Space", tooltip="Hear the clip that the voice is made of"),
        Binding("n", "add", "New", tooltip="Make a voice of a sound file"),
        Binding("r", "record", "Record", tooltip="Record a voice from the microphone"),
        early_key("slash", "search", "Search", "/", "Show only voices with these words"),
        Binding("m", "mark", "Mark", tooltip="Mark this voice, to hear it against others with b"),
        Binding("b", "hear('b')", "Other", tooltip="Hear the marked voice say the same sentence"),
        Binding("e", "edit", "Edit", tooltip="Change its name, transcript, settings, consent"),
        Binding("d,delete", "remove", "Delete", tooltip="Remove a voice, or one of its variants"),
        Binding("u", "undo", "Undo", tooltip="Bring back what was removed last"),
        Binding("v", "variant", "Variant", show=False, tooltip="Add another mood of this voice from a file"),
        Binding("V", "variant_recorded", "Record variant", show=False, tooltip="Record another mood of this voice"),
        Binding("s", "sentence", "Sentence", show=False, tooltip="Change the sentence that voices say"),
        Binding("x", "export", "Export", show=False, tooltip="Write the voice into one file, to take along"),
        Binding("i", "take_in", "Import", show=False, tooltip="Take a voice out of such a file"),
        Binding(
            "escape", "leave", "Hush", show=False, key_display="Esc", tooltip="Stop the sound, or clear the search"
        ),
    ]

    def __init__(self, look: Look, work: VoiceWork, attempt: Callable[[Flow], None]) -> None:
        """`attempt`: runs a flow, and tells what the daemon refuses."""
        super().__init__(look)
        self._work = work
        self._desk = VoiceDesk(work, lambda: look().voices, self.answer_to, self.tell)
        self._attempt = attempt
        self._list = VoiceList(work.envelopes, work.reports)
        self._search = Input(placeholder=t("search  /"), compact=True, id="search")
        self._summary = Steady(id="summary")
        self._empty = Steady(id="empty")
        self._stage = PressableText(id="stage")
        self._title = Steady(id="title", markup=False)
        self._drawing = Steady(id="drawing")
        self._details = Facts()
        self._sentence = ""
        self._described: Row | None = None
        self._drawing_now = False

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield self._summary
            yield self._search
        with Vertical(id="panes"):
            with Vertical(id="list") as pane:
                pane.border_title = t("Voices")
                yield self._empty
                yield self._list
            with VerticalScroll(id="about", can_focus=False) as box:
                box.border_title = t("About")
                yield self._title
                yield self._drawing
                yield self._details
        yield self._stage

    def on_mount(self) -> None:
        self._frames = self.set_interval(1 / FRAMES_PER_S, self._frame, pause=True)
        self._rested = self.set_timer(SETTLE_S, self._look_closer, pause=True)
        self._work.when_sounding = self._frames.resume

    def show(self, state: State) -> None:
        super().show(state)
        found = state.voices.voices if state.voices else ()
        shown = rows(found, self._search.value)
        self._list.show(shown)
        self._empty.display = not shown
        self._empty.update(self._nothing(state.voices))
        self._summary.update(summary(state.voices, len(shown), searched=bool(self._search.value)), layout=False)
        self._describe()

    def _nothing(self, voices: Voices | None) -> Content:
        if voices is None:
            return Content.styled(t("looking for voices …"), "$quiet")
        if self._search.value:
            return Content.styled(t("No voice has these words."), "$quiet")
        return Content.styled(t("No voices: the engine is not loaded yet, and there is no profile."), "$quiet")

    @property
    def _row(self) -> Row | None:
        return self._list.selected

    # --- what is known of the voice under the cursor ---

    @on(VoiceList.Selected)
    def _selected(self) -> None:
        self._describe()

    def _describe(self) -> None:
        row = self._row
        voices = self._look().voices
        self._title.update(words.plain(row.reference) if row else "")
        can_clone = voices.can_clone if voices else None
        self._details.show(about(row, self._work.reports, can_clone=can_clone) if row else [])
        self._frame()
        if row != self._described:
            self._described = row
            self._rested.stop()
            self._rested = self.set_timer(SETTLE_S, self._look_closer)
        if not self._drawing_now and self._work.undrawn(self._list.in_sight):
            self._drawing_now = True
            self.run_worker(self._draw_all, group="drawing")

    async def _draw_all(self) -> None:
        """The clips in sight, one after the other, also those that come into sight meanwhile."""
        try:
            while row := self._work.undrawn(self._list.in_sight):
                await self._work.draw(row)
                self._list.refresh()
                self._frame()
        except TtsdError:
            return  # the daemon goes; when it is back, the page is shown anew
        finally:
            self._drawing_now = False

    def on_screen_resume(self) -> None:
        """A dialog may have stood before the page when it was time to look."""
        self._described = None
        super().on_screen_resume()

    def _look_closer(self) -> None:
        if self.is_current and (row := self._row):
            self.run_worker(partial(self._examine, row), group="doctor", exclusive=True)

    async def _examine(self, row: Row) -> None:
        known = len(self._work.reports)
        try:
            await self._work.examine(row)
        except TtsdError:
            return
        if len(self._work.reports) != known:
            self._list.refresh()
            self._describe()

    # --- what is heard ---

    def _frame(self) -> None:
        """The stage and the clip, as far as it is heard."""
        row, work = self._row, self._work
        playing = work.sounding if work.playing else ""
        self._stage.update(stage(row, self._list.mark, self._sentence, playing), layout=False)
        self._drawing.update(self._drawn(row, playing), layout=False)
        self.refresh_keys()
        if not playing:
            self._frames.pause()

    def _drawn(self, row: Row | None, playing: str) -> Content:
        levels = self._work.envelopes.get(row.variant.revision, []) if row and row.variant else []
        self._drawing.display = bool(levels) and self.has_class("-wide")
        share = self._work.heard_share if row and playing == f"clip {row.reference}" else 0.0
        return drawing(levels, max(1, self._drawing.size.width), share)

    # --- what the user does ---

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.show(self._look())

    @on(Input.Submitted, "#search")
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()

    @on(VoiceList.Chosen)
    def _chosen(self) -> None:
        if not self.reason("use", ()):
            self.action_use()

    def on_paste(self, event: Paste) -> None:
        """A file was dropped on the terminal."""
        if (path := pasted(event.text)) and not self._search.has_focus:
            event.stop()
            self._flow(partial(self._desk.add, path))

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Why a key does nothing now."""
        row = self._row
        match action:
            case "undo":
                return None if self._work.removed else t("Nothing was removed lately.")
            case "leave":
                searching = self._search.value or self._search.has_focus
                return None if searching or self._work.playing else t("Nothing is to be heard.")
            case "hear" if parameters == ("b",):
                return None if self._list.mark else t("Mark a voice with m first, to hear it against others.")
            case "use" | "hear" | "mark" | "clip" | "edit" | "remove" | "export" | "variant" | "variant_recorded":
                return t("There is no voice here.") if row is None else against(action, row)
            case _:
                return super().reason(action, parameters)

    def action_use(self) -> None:
        assert self._row
        self.post_message(UseVoice(self._row.reference))

    def action_clip(self) -> None:
        assert self._row
        self._work.play_clip(self._row)

    def action_hear(self, which: str) -> None:
        reference = self._list.mark if which == "b" else ""
        voices = self._look().voices
        every = rows(voices.voices) if voices else []
        row = next((row for row in every if row.reference == reference), None) if reference else self._row
        if row:
            self._work.audition(row, self._sentence)

    def action_mark(self) -> None:
        assert self._row
        self._list.mark = "" if self._list.mark == self._row.reference else self._row.reference
        self._list.refresh()
        self._frame()

    def action_add(self) -> None:
        self._flow(self._desk.add)

    def action_record(self) -> None:
        self._flow(self._desk.record)

    def action_variant(self) -> None:
        self._flow(partial(self._desk.add, None, self._row))

    def action_variant_recorded(self) -> None:
        self._flow(partial(self._desk.record, self._row))

    def action_edit(self) -> None:
        assert self._row
        self._flow(partial(self._desk.change, self._row))

    def action_remove(self) -> None:
        assert self._row
        self._flow(partial(self._desk.remove, self._row))

    def action_undo(self) -> None:
        self._flow(self._desk.undo)

    def action_export(self) -> None:
        assert self._row
        self._flow(partial(self._desk.export, self._row))

    def action_take_in(self) -> None:
        self._flow(self._desk.take_in)

    def _flow(self, flow: Callable[[], Coroutine[Any, Any, str | None]]) -> None:
        """Run it; the cursor goes to the voice that came of it."""
        self._attempt(partial(self._follow, flow))

    async def _follow(self, flow: Callable[[], Coroutine[Any, Any, str | None]]) -> None:
        reference = await flow()
        await self._work.refresh()
        if reference:
            self.show(self._look())
            self._list.seek(reference)

    def action_sentence(self) -> None:
        self._attempt(self._ask_sentence)

    async def _ask_sentence(self) -> None:
        answer = await self._desk.sentence(self._sentence)
        self._sentence = self._sentence if answer is None else answer
        self._frame()

    def action_search(self) -> None:
        self.set_focus(self._search)

    def action_leave(self) -> None:
        if self._work.playing:
            self.post_message(Hush())
        else:
            self._search.clear()
            self._list.focus()
