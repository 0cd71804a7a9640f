"""Logs: the daemon's log as it grows, filtered, and searched through all its files."""

from functools import partial
from typing import ClassVar, Final

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input

from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LEVELS, LogQuery, rank
from tui import words
from tui.asks import ShowJob
from tui.language import later, t
from tui.logdetails import about, as_text, trace
from tui.logpast import LogPast, ReadLog, Stand
from tui.screens.page import Look, Page, early_key
from tui.state import State
from tui.widgets.facts import Facts
from tui.widgets.logview import LogView, day, moment
from tui.widgets.steady import Steady

IDS: Final = {"job": "job", "request": "request_id"}
"""What a line can belong to, and the field that says so."""
LEVEL_NAMES: Final = {
    "debug": later("everything"),
    "info": later("from information on"),
    "warning": later("warnings, errors"),
    "error": later("only errors"),
}


class LogsScreen(Page):
    """Shows the log of the state and, scrolled up or searched, that of the files; owns the filter."""

    MODE = "logs"
    CSS_PATH = "logs.tcss"
    AUTO_FOCUS = "LogView"
    BINDINGS: ClassVar[list[BindingType]] = [
        early_key("slash", "search", "Search", "/", "Show only lines with these words"),
        Binding("l", "level", "Level", tooltip="Least level that is shown"),
        Binding("enter", "follow_up", "Its job", key_display="Enter", tooltip="Only lines of the same job or request"),
        Binding("d", "details", "Details", tooltip="Everything about the line"),
        Binding("escape", "leave", "Back", key_display="Esc", tooltip="Show every line again"),
        Binding("o", "open", "Open job", tooltip="Show the job of this line on its page"),
        Binding("c", "copy", "Copy", tooltip="The line, into the clipboard"),
        Binding("f", "around", "In context", tooltip="Show the lines around the matches too"),
    ]

    def __init__(self, look: Look, read: ReadLog) -> None:
        super().__init__(look)
        self._read = read
        self._past = LogPast(read)
        self._view = LogView()
        self._search = Input(placeholder=t("search  /"), compact=True, id="search")
        self._summary = Steady(id="summary")
        self._details = VerticalScroll(id="details")
        self._facts = Facts()
        self._trace = Steady(id="trace", markup=False)
        self._trace.display = False
        self._described: LogEvent | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield self._summary
            yield self._search
        yield self._view
        with self._details:
            yield self._facts
            yield self._trace

    def show(self, state: State) -> None:
        super().show(state)
        self._view.show(state.log)
        self._say()

    # --- the filter ---

    @property
    def _query(self) -> LogQuery:
        return self._view.lines.query

    def _choose(self, query: LogQuery, *, around: bool | None = None) -> None:
        """Another filter; what is read of the past for the old one is of no use any more."""
        self._past = LogPast(self._read)
        if self._view.lines.parted:
            self._rejoined()
        self._view.choose(query, around=self._view.lines.around if around is None else around)
        self._say()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._query.q:
            self._choose(replace(self._query, q=event.value))

    @on(Input.Submitted)
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        self._view.focus()
        self._look_back()

    def action_level(self) -> None:
        self._choose(replace(self._query, level=LEVELS[(rank(self._query.level) + 1) % len(LEVELS)]))

    def action_search(self) -> None:
        self.set_focus(self._search)

    def action_around(self) -> None:
        self._choose(self._query, around=not self._view.lines.around)

    def action_follow_up(self) -> None:
        """Only what belongs together, from the files too."""
        self._view.hold()
        self._choose(replace(self._query, **{"job": "", "request": ""} | self._belongs()))
        self._look_back()

    @on(LogView.Chosen)
    def _pressed_twice(self) -> None:
        if self._belongs():
            self.action_follow_up()

    def _belongs(self) -> dict[str, str]:
        """The job of the line under the cursor, or else its request."""
        line = self._view.selected
        found = {name: str(line.fields[field]) for name, field in IDS.items() if line and line.fields.get(field)}
        return dict(list(found.items())[:1])

    def action_leave(self) -> None:
        """One step back: out of the words, out of the job."""
        if self._search.has_focus or self._search.value:
            self._search.clear()
            self._view.focus()
        else:
            self._choose(replace(self._query, job="", request=""))

    @on(LogView.Rejoined)
    def _rejoined(self) -> None:
        self._past = LogPast(self._read)
        self._view.lines.rejoin()
        self._view.show(self._look().log)
        self._say()

    # --- the past ---

    @on(LogView.Sought)
    def _sought(self, event: LogView.Sought) -> None:
        """No line that was read has the words: the daemon is asked for older ones."""
        if event.step > 0:
            newer = t("Newer lines were let go of: End shows them.") if self._view.lines.parted else ""
            self.notify(newer or t("No later line has these words."))
        elif self._past.stand is not Stand.READING:
            self.run_worker(partial(self._seek, self._past), group="past", exclusive=True)

    async def _seek(self, past: LogPast) -> None:
        """Read on until a line with the words is there, if the daemon has one."""
        lines = self._view.lines
        if not await past.has_older(lines.query, lines.begins):
            self.notify(words.plain(past.trouble) if past.trouble else t("No earlier line has these words."))
            return
        while past is self._past and past.stand is not Stand.END:
            if found := await past.older(lines.wanted, lines.begins):
                self._view.put_before(found)
            self._say()
            if self._view.go_to_match(-1) or past.stand is Stand.TROUBLE:
                return

    @on(LogView.TopReached)
    def _top_reached(self) -> None:
        self._look_back()

    def _look_back(self) -> None:
        if self._past.stand is not Stand.READING:
            self.run_worker(partial(self._read_older, self._past), group="past", exclusive=True)

    async def _read_older(self, past: LogPast) -> None:
        """Page by page until something is there to see, or the log ends, or another filter was chosen."""
        lines = self._view.lines
        query, begins = lines.wanted, lines.begins
        while past.stand is not Stand.END:
            reading = past.older(query, begins)
            self._say()
            found = await reading
            if past is not self._past:
                return
            if found:
                self._view.put_before(found)
            if past.stand is Stand.TROUBLE or (found and not self._view.has_room):
                break
        self._say()

    def _say(self) -> None:
        """What there is to know of the time before the first line."""
        past = self._past
        reached = day(moment(past.reached_s).date()) if past.reached_s else ""
        if past.stand is Stand.READING:
            head = t("reading the files … {day}", day=reached)
        elif past.stand is Stand.TROUBLE:
            head = t("not read: {why} · ↑ tries again", why=words.plain(past.trouble))
        elif past.stand is Stand.END:
            head = t("here the log begins")
        else:
            head = t("↑ older lines, from the files")
        notes = words.plain(" · ".join(("", *past.notes)))
        self._view.say(head.rstrip() + notes)

    # --- the line under the cursor ---

    @on(LogView.Moved)
    def _moved(self) -> None:
        self._summarise()
        top = self._view.top_day
        self._view.border_title = day(top) if top else ""
        line = self._view.selected
        if line is not self._described:
            self._describe(line)
        self.refresh_bindings()

    def _describe(self, line: LogEvent | None) -> None:
        self._described = line
        self._details.border_title = Content(words.plain(line.event) if line else t("no line"))
        self._facts.show(about(line) if line else [])
        traced = trace(line) if line else ""
        if traced != self._trace.content:
            self._trace.update(traced)
            self._trace.display = bool(traced)

    def _summarise(self) -> None:
        view, lines = self._view, self._view.lines
        amount = words.counted(lines.loaded, "line")
        if lines.shown != lines.loaded:
            amount = t("{shown:,} of {amount}", shown=lines.shown, amount=amount)
        if lines.parted:
            where = (t("‖ past · End: newest"), "$warning")
        elif view.following:
            where = (t("● following"), "$success")
        elif view.unseen:
            where = (t("‖ held, {count} new below", count=view.unseen), "$warning")
        else:
            where = (t("‖ held"), "$warning")
        query = lines.query
        belongs = [
            (f"   {t(text, id=words.plain(which))}", "$accent")
            for text, which in ((later("job {id}"), query.job), (later("request {id}"), query.request))
            if which
        ]
        self._summary.update(
            Content.assemble(
                (t(LEVEL_NAMES[query.level]), "$accent"), *belongs, ("   ", ""), where, (f"   {amount}", "$quiet")
            ),
            layout=False,
        )

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        line, query = self._view.selected, self._query
        if action == "leave" and not (self._search.has_focus or query.q or query.job or query.request):
            return t("No search is on.")
        if action in ("copy", "follow_up", "open") and line is None:
            return t("There is no line here.")
        if action == "follow_up" and not self._belongs():
            return t("This line belongs to no job and no request.")
        if action == "open" and "job" not in self._belongs():
            return t("This line belongs to no job.")
        if action == "around" and not query.q.strip():
            return t("No search is on.")
        return super().reason(action, parameters)

    def action_details(self) -> None:
        shown = self._details.display
        self.set_class(shown, "-bare")
        self.set_class(not shown, "-detailed")

    def action_open(self) -> None:
        self.post_message(ShowJob(self._belongs()["job"]))

    def action_copy(self) -> None:
        if line := self._view.selected:
            self.app.copy_to_clipboard(as_text(line))  # pyright: ignore[reportUnknownMemberType] — the app's result is open
            self.notify(t("The line is in the clipboard."))
