"""The lines of the log page: what the daemon told live, what was found in its files, and which of it is shown."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogQuery, before_line, matcher, without

MOST_LIVE: Final = 10_000
"""What a line takes in memory is a kilobyte, or less."""
MOST_FOUND: Final = 10_000
"""Older lines of the files; where more are read, the newest of all go, and come back when the end is wanted."""
SLACK: Final = 1000
"""The oldest lines go so many at a time."""
SLICE: Final = 4000
"""So many lines are looked at for a new filter before the screen and the keys have their turn."""

Row = LogEvent | date
"""A line, or the day that begins with the next one."""


class Change(NamedTuple):
    """What became of the rows."""

    dropped: int
    """From the front."""
    added: int
    """Lines at the end."""


class LogLines:
    """Owns lines and rows. A new line is looked at once, however many there are.

    Live lines follow on one another without a gap; older ones were found for one filter, and go when it changes.
    """

    def __init__(self) -> None:
        self.query = LogQuery("info")
        self.around = False
        """Lines around the matches are shown too."""
        self.rows: list[Row] = []
        self.shown = 0
        self.ahead = 0
        """Live lines from the oldest on that the filter has not been held against yet."""
        self.parted = False
        """The newest lines were let go of: what is there is all from the past."""
        self._heard = -1
        self._live: list[LogEvent] = []
        self._found: list[LogEvent] = []
        self._days = Days()
        self._means = self._shows = matcher(self.query)

    @property
    def loaded(self) -> int:
        """Lines there are, shown or not."""
        return len(self._found) + len(self._live)

    @property
    def wanted(self) -> LogQuery:
        """What older lines are asked for."""
        return replace(self.query, q="") if self.around else self.query

    @property
    def begins(self) -> str | None:
        """`before` of the first older page."""
        return before_line(self._live[0]) if self._live else None

    def hear(self, log: Sequence[LogEvent]) -> Change:
        """Take in what is new in `log`, the state's."""
        new = newer(log, self._heard)
        self._heard = new[-1].seq if new else self._heard
        if self.parted:
            return Change(0, sum(map(self._shows, new)))
        if self._live and len(new) == len(log) and new:  # some came and went unseen: older ones are in the files
            gone = len(self.rows)
            self._live, self._found, self.rows, self.shown, self.ahead = [], [], [], 0, 0
            return Change(gone, self._append(new))
        added = self._append(new)
        return Change(self._trim(), added)

    def choose(self, query: LogQuery, *, around: bool) -> None:
        """Show what `query` means, and with `around` all else that only its words leave out.

        The newest lines are there at once; `look_on` brings the others, until nothing is `ahead`.
        """
        self.query, self.around = query, around
        self._means = matcher(query)
        self._shows = matcher(self.wanted)
        self._found, self.rows, self.shown = [], [], 0
        self.ahead = len(self._live)
        self.look_on()

    def look_on(self) -> int:
        """Hold the filter against some of what is ahead; returns how many rows there are more, all in front."""
        begin = max(0, self.ahead - SLICE)
        chosen = list(filter(self._shows, self._live[begin : self.ahead]))
        self.ahead = begin
        return self._prepend(chosen)

    def put_before(self, found: Iterable[LogEvent]) -> int:
        """Take in older lines, newest first; returns how many rows there are more."""
        more = 0
        while self.ahead:
            more += self.look_on()
        older = without(found, self._live)[::-1]
        self._found[:0] = older
        more += self._prepend(older)
        if len(self._found) > MOST_FOUND:
            self._part()
        return more

    def _part(self) -> None:
        """Let go of the newest lines: all live ones, and of those found what is too much."""
        gone = {id(line) for line in (*self._live, *self._found[MOST_FOUND:])}
        del self._found[MOST_FOUND:]
        self.parted, self._live, self.ahead = True, [], 0
        while self.rows and (id(self.rows[-1]) in gone or isinstance(self.rows[-1], date)):
            self.shown -= isinstance(self.rows.pop(), LogEvent)

    def rejoin(self) -> None:
        """Forget what was found: `hear` begins anew, with the newest."""
        self.parted, self._heard = False, -1
        self._live, self._found, self.rows, self.shown, self.ahead = [], [], [], 0, 0

    def is_match(self, row: Row) -> bool:
        """Whether the words that are searched for are in it."""
        return isinstance(row, LogEvent) and bool(self.query.q.strip()) and self._means(row)

    def match_from(self, place: int, step: int) -> int | None:
        """The place of the next match from `place` on, this one left out; `step` is 1 or -1."""
        places = range(place + step, len(self.rows) if step > 0 else -1, step)
        return next((at for at in places if self.is_match(self.rows[at])), None)

    def _prepend(self, lines: Sequence[LogEvent]) -> int:
        before = len(self.rows)
        if lines and self.rows and self._days.of(lines[-1].at_s) == self.rows[0]:
            del self.rows[0]
        self.rows[:0] = self._rows_of(lines)
        self.shown += len(lines)
        return len(self.rows) - before

    def _append(self, new: Sequence[LogEvent]) -> int:
        chosen = list(filter(self._shows, new))
        self._live += new
        last = self.rows[-1] if self.rows else None
        self.rows += self._rows_of(chosen, self._days.of(last.at_s) if isinstance(last, LogEvent) else None)
        self.shown += len(chosen)
        return len(chosen)

    def _trim(self) -> int:
        if len(self._live) <= MOST_LIVE:
            return 0
        surplus = max(SLACK, len(self._live) - MOST_LIVE)  # a page that was away for hours gets more than that at once
        del self._live[:surplus]
        self.ahead = max(0, self.ahead - surplus)
        self._found = []
        kept = next((at for at, row in enumerate(self.rows) if _is_from(row, self._live[0].seq)), len(self.rows))
        self.shown -= sum(isinstance(row, LogEvent) for row in self.rows[:kept])
        first = self._rows_of(line for line in self.rows[kept : kept + 1] if isinstance(line, LogEvent))
        self.rows[: kept + 1] = first
        return kept + 1 - len(first)

    def _rows_of(self, lines: Iterable[LogEvent], last: date | None = None) -> list[Row]:
        rows: list[Row] = []
        for line in lines:
            day = self._days.of(line.at_s)
            if day != last:
                rows.append(day)
                last = day
            rows.append(line)
        return rows


class Days:
    """Tells a moment's day on the reader's calendar; quick as long as it stays the same."""

    def __init__(self) -> None:
        self._day = date.min
        self._from_s = self._to_s = 0.0

    def of(self, at_s: float) -> date:
        if not self._from_s <= at_s < self._to_s:
            begin = datetime.fromtimestamp(at_s).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
            self._day = begin.date()
            self._from_s, self._to_s = midnight(self._day), midnight(self._day + timedelta(days=1))
        return self._day


def midnight(day: date) -> float:
    """When `day` begins here, in Unix seconds."""
    return datetime(day.year, day.month, day.day).astimezone().timestamp()


def newer(log: Sequence[LogEvent], seq: int) -> Sequence[LogEvent]:
    """The lines of `log` after number `seq`: looked for from the end, where they are."""
    begin = len(log)
    while begin and log[begin - 1].seq > seq:
        begin -= 1
    return log[begin:]


def _is_from(row: Row, seq: int) -> bool:
    return isinstance(row, LogEvent) and row.seq >= seq
