"""The app: it joins connection, state, narrator and screens; each of them does its own work."""

import gc
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cached_property, partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ttsd.client import TtsdClient
from ttsd.client.preferences import DEFAULTS, Preferences
from ttsd.clock import Clock, wall
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.events import HealthSampled, JobChanged
from ttsd.protocol.health import Status
from tui.asks import (
    Errand,
    Hush,
    OutputWanted,
    QueueText,
    SaveTake,
    ShowJob,
    SoundChanged,
    StatusWanted,
    UseVoice,
)
from tui.language import t
from tui.memory import Memory
from tui.narrator import Narrator
from tui.news import news
from tui.openings import Openings
from tui.playback import Player, Sound
from tui.saving import save
from tui.screens.page import LEAST_HEIGHT, LEAST_WIDTH, Page
from tui.screens.speak import SpeakScreen
from tui.session import Session
from tui.state import Link, LinkChanged, Message, State, StatusRead, reduce, voices_wanted
from tui.surface import Surface
from tui.widgets.keyline import KeyLine

if TYPE_CHECKING:
    from tui.jobwork import JobWork
    from tui.voicework import VoiceWork
    from tui.widgets.tour import Tour

Work = Callable[[], Coroutine[Any, Any, object]]

AWAY: Final = "away"
SOUND_AFTER_S: Final = 0.1
FRAME_S: Final = 1 / 20
"""Events that come faster than this are shown together."""
WIDTHS: Final = [(0, "-cramped"), (LEAST_WIDTH, "-narrow"), (110, "-wide")]
HEIGHTS: Final = [(0, "-flat"), (LEAST_HEIGHT, "-low"), (32, "-high")]
"""Classes of the screen from so many cells on."""
COUNT_S: Final = 0.4
"""How long after a job has changed the daemon is asked to count the queue again."""
SHEETS: Final[list[str | PurePath]] = ["app.tcss", "screens/speak.tcss"]
"""With the first page's: a sheet that comes with a screen makes all others be read again."""
TOASTS_AT_ONCE: Final = 3


class TtsdApp(Surface):
    """Owns the state, the connection and the player; tells the screen in front what is new."""

    TITLE = "ttsd"
    CSS_PATH = SHEETS
    DEFAULT_MODE = "speak"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,1", "mode('speak')", "Speak", show=False, key_display="F1", tooltip="Write, and hear it"),
        Binding("f2,2", "mode('voices')", "Voices", show=False, key_display="F2", tooltip="Choose, hear, make"),
        Binding("f3,3", "mode('jobs')", "Jobs", show=False, key_display="F3", tooltip="The queue"),
        Binding("f4,4", "mode('health')", "Health", show=False, key_display="F4", tooltip="Engine, daemon, machine"),
        Binding("f5,5", "mode('logs')", "Logs", show=False, key_display="F5", tooltip="The daemon's log"),
        Binding("ctrl+r", "connect", "Connect", show=False, key_display="^r", tooltip="Look for the daemon now"),
    ]

    def __init__(
        self,
        client: TtsdClient,
        memory: Memory,
        preferences: Preferences = DEFAULTS,
        *,
        make_player: Callable[[Callable[[Sound], None]], Player] = Player,
        clock: Clock = wall,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(memory, preferences)
        self.client = client
        self.state = State()
        self._clock = clock
        self._now = now
        self.player = make_player(self._sound_changed)
        self.player.device = memory.recall().output
        self.narrator = Narrator(
            client, self.player, self._launch, on_change=self._take_changed, on_failure=self._speech_failed
        )
        self.narrator.settings = memory.recall().speaking
        self.session = Session(client, self.apply, lambda: self.state)
        self._speak: SpeakScreen | None = None
        self._stale = False
        self._counting = False
        self._toasts = 0
        pages = Openings(self._look, clock, client, lambda: self.voices, self._jobs, self._attempt)
        for make in (pages.voices, pages.jobs, pages.health, pages.logs, pages.away):
            self._add_mode(make.__name__, make)

    # --- start ---

    def get_default_screen(self) -> Screen[Any]:
        """The first page. It becomes a mode once it stands: a mode's first screen has all style sheets read again."""
        self._speak = SpeakScreen(self._look, self.narrator, self._now, self.memory)
        return self._speak

    def on_mount(self) -> None:
        self._add_mode(SpeakScreen.MODE, self.get_default_screen)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first paint; it is out before the search for a sound device keeps Python busy."""
        if not self.is_headless:
            gc.freeze()  # what stands now stays: to look through it again would hold up a key
            gc.enable()
        self.run_worker(self.session.run, group="session")
        self.set_timer(SOUND_AFTER_S, self.player.start)
        self.wear()

    def on_unmount(self) -> None:
        self.player.close()

    def _add_mode(self, mode: str, make: Callable[[], Screen[Any]]) -> None:
        self.add_mode(mode, make)  # pyright: ignore[reportUnknownMemberType] — Textual leaves Screen's result open

    @cached_property
    def voices(self) -> "VoiceWork":
        from ttsd.client.voices import VoicesClient
        from tui.voicework import VoiceWork

        return VoiceWork(VoicesClient(self.client.socket), self.player, self._play, self.apply)

    def _jobs(self) -> "JobWork":
        from tui.jobwork import JobWork

        return JobWork(self.client, self.player, self._play, self.apply, self._look)

    def _look(self) -> State:
        return self.state

    def known_status(self) -> Status | None:
        return self.state.status

    # --- what happens ---

    def apply(self, message: Message) -> None:
        """Take in what the connection tells."""
        before, self.state = self.state, reduce(self.state, message)
        for notice in news(before, self.state, message):
            self.tell(notice.text, notice.title, notice.severity)
        if isinstance(message, LinkChanged):
            self._link_changed(message.link)
        if isinstance(message, JobChanged) and not self._counting:
            self._counting = True
            self.set_timer(COUNT_S, self._status_wanted)
        if isinstance(message, HealthSampled) and self.current_mode == "health":
            self._status_wanted()
        if voices_wanted(before, self.state, message):
            self.run_worker(self.voices.follow, group="voices", exclusive=True)
        if not self._stale:
            self._stale = True
            self.set_timer(FRAME_S, self._show)

    def _show(self) -> None:
        self._stale = False
        self._toasts = 0
        for page in self.screen_stack:  # a question may stand before the page; while leaving, there is none
            if isinstance(page, Page) and page.is_mounted:
                page.show(self.state)

    def _link_changed(self, link: Link) -> None:
        if link is Link.UP:
            self.narrator.connected()
            if self.current_mode == AWAY:
                self.switch_mode(SpeakScreen.MODE)
        else:
            self.narrator.disconnected()
        if link is Link.UP and not self.memory.recall().toured:
            self.call_after_refresh(self.action_tour)
        elif link in (Link.SEARCHING, Link.STOPPED, Link.STRANGE):
            self.switch_mode(AWAY)

    def _take_changed(self) -> None:
        if self._speak and self._speak.is_mounted:
            self._speak.show_take()

    def _speech_failed(self, text: str) -> None:
        self.tell(text, t("Not spoken"), "error")

    def _sound_changed(self, _sound: Sound) -> None:
        """From the player's thread: posting is all that may be done there."""
        self.post_message(SoundChanged())

    @on(SoundChanged)
    def _show_sound(self) -> None:
        if self._speak and self._speak.is_mounted:
            self._speak.show_sound()

    def tell(self, text: str, title: str, severity: Any = "information") -> None:
        """A burst of failures is a few toasts, not a wall; the jobs page has them all."""
        self._toasts += 1
        if self._toasts <= TOASTS_AT_ONCE:
            super().tell(text, title, severity)

    # --- what the user wants ---

    def _launch(self, work: Work) -> None:
        self.run_worker(work, group="sound", exclusive=True)

    def _play(self, work: Work) -> None:
        """Do what sounds, in the place of what sounded before."""
        self.narrator.stop()
        self._launch(partial(self._guarded, work))

    def _attempt(self, work: Work) -> None:
        """Do it; what the daemon refuses becomes a toast."""
        self.run_worker(partial(self._guarded, work), group="actions")

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except TtsdError as error:
            self.tell(error.message, t("Not done"), "error")

    @on(QueueText)
    def _queue_asked(self, event: QueueText) -> None:
        self._attempt(partial(self._submit, event))

    async def _submit(self, event: QueueText) -> None:
        job = await self.client.submit(event.job)
        self.tell(t("{title}\nF3 shows how it goes", title=job.title), t("Queued"))

    @on(SaveTake)
    def _save_asked(self, event: SaveTake) -> None:
        self._attempt(partial(self._save, event))

    async def _save(self, event: SaveTake) -> None:
        await save(self.client, event.sound, event.path)
        more = self.narrator.take.active
        self.tell(str(event.path), t("Saved so far; more is still being spoken") if more else t("Saved"))

    @on(OutputWanted)
    def _output_wanted(self) -> None:
        from tui.outputs import choose_output

        self._attempt(partial(choose_output, self.player, self.memory, self.push_screen_wait))

    @on(Hush)
    def _hush(self) -> None:
        self.narrator.stop()

    @on(Errand)
    def _sent(self, errand: Errand) -> None:
        from tui.errands import do

        self._attempt(partial(do, errand, self.client, self.apply))

    @on(ShowJob)
    def _job_sought(self, event: ShowJob) -> None:
        from tui.jobvisit import visit

        self._attempt(partial(visit, self, event.job_id))

    @on(StatusWanted)
    def _status_wanted(self) -> None:
        self._counting = False
        if self.state.link is Link.UP:
            self.run_worker(self._read_status, group="status", exclusive=True)

    async def _read_status(self) -> None:
        try:
            self.apply(StatusRead(await self.client.status()))
        except TtsdError:
            return  # the events stream notices as well, and says so

    @on(UseVoice)
    def _voice_chosen(self, event: UseVoice) -> None:
        if self._speak:
            self._speak.use_voice(event.reference)
            self.switch_mode(SpeakScreen.MODE)

    def action_tour(self) -> None:
        """Begin the tour on the first page, or go on with it. It counts as seen as soon as it was begun."""
        from tui.widgets.tour import Tour

        if self._speak is None:
            return
        if running := list(self._speak.query(Tour)):
            running[0].next()
            return
        self.memory.remember(toured=True)
        self.switch_mode(SpeakScreen.MODE)
        spool = self.state.status.spool if self.state.status else ""
        self._speak.mount(Tour(f"{spool}/inbox"), before=self._speak.query_one(KeyLine))

    def on_tour_ended(self, event: "Tour.Ended") -> None:
        if event.heard:
            self.narrator.read(event.heard, more=False)

    def action_connect(self) -> None:
        self.session.connect_now()

    def action_mode(self, mode: str) -> None:
        self.switch_mode(mode)
