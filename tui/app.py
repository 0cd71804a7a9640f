"""The app: it joins connection, state, narrator and screens; each of them does its own work."""

from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar, Final

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ttsd.client import TtsdClient
from ttsd.clock import Clock, wall
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.events import HealthSampled, JobChanged
from tui.asks import ActOnJob, Hush, OlderWanted, QueueText, SoundChanged, StatusWanted
from tui.narrator import Narrator
from tui.news import news
from tui.playback import Player, Sound
from tui.screens.page import Page
from tui.screens.speak import SpeakScreen
from tui.session import Session
from tui.state import Link, LinkChanged, Message, OlderJobs, State, StatusRead, reduce
from tui.theme import THEMES

Work = Callable[[], Coroutine[Any, Any, object]]

AWAY: Final = "away"
SOUND_AFTER_S: Final = 0.1
FRAME_S: Final = 1 / 20
"""Events that come faster than this are shown together."""
WIDTHS: Final = [(0, "-narrow"), (110, "-wide")]
HEIGHTS: Final = [(0, "-low"), (32, "-high")]
"""Classes of the screen from so many cells on."""
COUNT_S: Final = 0.4
"""How long after a job has changed the daemon is asked to count the queue again."""
SHEETS: Final[list[str | PurePath]] = ["app.tcss", "screens/speak.tcss"]
"""With the first page's: a sheet that comes with a screen makes all others be read again."""
TOASTS_AT_ONCE: Final = 3
PAGE_JOBS: Final = 100


class TtsdApp(App[None]):
    """Owns the state, the connection and the player; tells the screen in front what is new."""

    TITLE = "ttsd"
    CSS_PATH = SHEETS
    DEFAULT_MODE = "speak"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "mode('speak')", "Speak", show=False, key_display="F1", tooltip="Write, and hear it"),
        Binding("f2", "mode('jobs')", "Jobs", show=False, key_display="F2", tooltip="The queue"),
        Binding("f3", "mode('health')", "Health", show=False, key_display="F3", tooltip="Engine, daemon, machine"),
        Binding("f4", "mode('logs')", "Logs", show=False, key_display="F4", tooltip="The daemon's log"),
        Binding("1", "mode('speak')", "Speak", show=False),
        Binding("2", "mode('jobs')", "Jobs", show=False),
        Binding("3", "mode('health')", "Health", show=False),
        Binding("4", "mode('logs')", "Logs", show=False),
        Binding("ctrl+r", "connect", "Connect", show=False, key_display="^r", tooltip="Look for the daemon now"),
        Binding("ctrl+g,question_mark", "keys", "Help", key_display="^g", tooltip="This list of keys"),
        Binding("ctrl+q", "quit", "Quit", show=False, key_display="^q", tooltip="Leave", priority=True),
    ]

    def __init__(
        self,
        client: TtsdClient,
        *,
        make_player: Callable[[Callable[[Sound], None]], Player] = Player,
        clock: Clock = wall,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        self._dress()
        self.client = client
        self.state = State()
        self._clock = clock
        self._now = now
        self.player = make_player(self._sound_changed)
        self.narrator = Narrator(
            client, self.player, self._launch, on_change=self._take_changed, on_failure=self._speech_failed
        )
        self.session = Session(client, self.apply, lambda: self.state)
        self._speak: SpeakScreen | None = None
        self._stale = False
        self._counting = False
        self._toasts = 0
        for make in (self._make_jobs, self._make_health, self._make_logs, self._make_away):
            self._add_mode(make.__name__.removeprefix("_make_"), make)

    # --- start ---

    def _dress(self) -> None:
        """Wear our own theme; not by assignment, which reads every style sheet once more before the first paint."""
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(TtsdApp.theme, THEMES[0].name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[Any]:
        """The first page. It becomes a mode once it stands: a mode's first screen has all style sheets read again."""
        self._speak = SpeakScreen(self._look, self.narrator, self._now)
        return self._speak

    def on_mount(self) -> None:
        self._add_mode(SpeakScreen.MODE, self.get_default_screen)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first paint; it is out before the search for a sound device keeps Python busy."""
        self.run_worker(self.session.run, group="session")
        self.set_timer(SOUND_AFTER_S, self.player.start)

    def on_unmount(self) -> None:
        self.player.close()

    def _add_mode(self, mode: str, make: Callable[[], Screen[Any]]) -> None:
        self.add_mode(mode, make)  # pyright: ignore[reportUnknownMemberType] — Textual leaves Screen's result open

    # The other pages are imported when they are opened: the first paint does not wait for them.

    def _make_jobs(self) -> Screen[Any]:
        from tui.screens.jobs import JobsScreen

        return JobsScreen(self._look, self._clock)

    def _make_health(self) -> Screen[Any]:
        from tui.screens.health import HealthScreen

        return HealthScreen(self._look, self._clock)

    def _make_logs(self) -> Screen[Any]:
        from tui.screens.logs import LogsScreen

        return LogsScreen(self._look)

    def _make_away(self) -> Screen[Any]:
        from tui.screens.away import AwayScreen

        return AwayScreen(self._look, self.client.socket)

    def _look(self) -> State:
        return self.state

    # --- what happens ---

    def apply(self, message: Message) -> None:
        """Take in what the connection tells."""
        before, self.state = self.state, reduce(self.state, message)
        for notice in news(before, self.state, message):
            self._toast(notice.text, notice.title, notice.severity)
        if isinstance(message, LinkChanged):
            self._link_changed(message.link)
        if isinstance(message, JobChanged) and not self._counting:
            self._counting = True
            self.set_timer(COUNT_S, self._status_wanted)
        if isinstance(message, HealthSampled) and self.current_mode == "health":
            self._status_wanted()
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
        if link is Link.UP and self.current_mode == AWAY:
            self.switch_mode(SpeakScreen.MODE)
        elif link in (Link.SEARCHING, Link.STOPPED, Link.STRANGE):
            self.switch_mode(AWAY)

    def _take_changed(self) -> None:
        if self._speak and self._speak.is_mounted:
            self._speak.show_take()

    def _speech_failed(self, text: str) -> None:
        self._toast(text, "Not spoken", "error")

    def _sound_changed(self, _sound: Sound) -> None:
        """From the player's thread: posting is all that may be done there."""
        self.post_message(SoundChanged())

    @on(SoundChanged)
    def _show_sound(self) -> None:
        if self._speak and self._speak.is_mounted:
            self._speak.show_sound()

    def _toast(self, text: str, title: str, severity: Any = "information") -> None:
        """A burst of failures is a few toasts, not a wall; the jobs page has them all."""
        self._toasts += 1
        if self._toasts <= TOASTS_AT_ONCE:
            self.notify(text, title=title, severity=severity, markup=False)

    # --- what the user wants ---

    def _launch(self, work: Work) -> None:
        self.run_worker(work, group="sound", exclusive=True)

    def _attempt(self, work: Work) -> None:
        """Do it; what the daemon refuses becomes a toast."""
        self.run_worker(partial(self._guarded, work), group="actions")

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except TtsdError as error:
            self._toast(error.message, "Not done", "error")

    @on(QueueText)
    def _queue_asked(self, event: QueueText) -> None:
        self._attempt(partial(self._submit, event))

    async def _submit(self, event: QueueText) -> None:
        job = await self.client.submit(event.job)
        self._toast(f"{job.title}\nF2 shows how it goes", "Queued")

    @on(ActOnJob)
    def _job_asked(self, event: ActOnJob) -> None:
        match event.action:
            case "retry":
                self._attempt(partial(self.client.retry, event.job.id))
            case "cancel":
                self._attempt(partial(self.client.cancel, event.job.id))
            case _:
                self.narrator.stop()
                from tui.results import play_result

                self._launch(partial(self._guarded, partial(play_result, self.client, self.player, event.job.id)))

    @on(Hush)
    def _hush(self) -> None:
        self.narrator.stop()

    @on(OlderWanted)
    def _older_wanted(self, event: OlderWanted) -> None:
        self._attempt(partial(self._older, event.before))

    async def _older(self, before: str) -> None:
        page = await self.client.jobs(before=before, limit=PAGE_JOBS)
        self.apply(OlderJobs(page.jobs, complete=page.next is None))

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

    def action_connect(self) -> None:
        self.session.connect_now()

    def action_mode(self, mode: str) -> None:
        self.switch_mode(mode)

    def action_keys(self) -> None:
        from tui.screens.help import HelpScreen
        from tui.screens.jobs import JobsScreen
        from tui.screens.logs import LogsScreen
        from tui.widgets.logview import LogView

        groups = [
            ("Speak", SpeakScreen.BINDINGS),
            ("Jobs", JobsScreen.BINDINGS),
            ("Logs", [*LogView.BINDINGS, *LogsScreen.BINDINGS]),
            ("Everywhere", self.BINDINGS),
        ]
        self.push_screen(HelpScreen(groups))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our two greys, for themes that do not have them."""
        return {"quiet": "#808895", "faint": "#606875"}

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every key of the screen in front by name, then the modes and the themes."""
        for active in screen.active_bindings.values():
            binding = active.binding
            if active.enabled and binding.tooltip and active.node in (screen, self):
                yield SystemCommand(binding.description, binding.tooltip, _runner(active.node, binding.action))
        yield SystemCommand("Colours", "Choose a theme, dark or light", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save what is on the screen as SVG", self.deliver_screenshot)


def _runner(node: Any, action: str) -> Callable[[], Any]:
    return lambda: node.run_action(action)
