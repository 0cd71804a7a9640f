"""The log page's lines: each is looked at once, the oldest go, days stand between, older ones come before."""

from datetime import date

import pytest
from msgspec.structs import replace

from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogQuery
from tui import loglines
from tui.loglines import Change, Days, LogLines

DAY_S = 86_400.0
MIDNIGHT = 1_769_990_400.0
"""2026-02-02 00:00 UTC"""


def line(n: int, event: str = "job.done", *, at_s: float | None = None, seq: int | None = None, **fields) -> LogEvent:
    moment_s = MIDNIGHT + n if at_s is None else at_s
    return LogEvent(n if seq is None else seq, moment_s, "info", event, {"n": n, **fields})


def numbers(lines: LogLines) -> list[object]:
    return [row.fields["n"] if isinstance(row, LogEvent) else row.isoformat()[5:] for row in lines.rows]


@pytest.fixture
def lines() -> LogLines:
    return LogLines()


def test_only_new_lines_are_looked_at(lines):
    looked: list[int] = []
    lines._shows = lambda event: looked.append(event.seq) or True
    log = [line(n) for n in range(5)]
    assert lines.hear(log) == Change(0, 5)
    assert lines.hear([*log[2:], line(5), line(6)]) == Change(0, 2)
    assert lines.hear([*log[2:], line(5), line(6)]) == Change(0, 0)
    assert looked == list(range(7))
    assert numbers(lines) == ["02-02", 0, 1, 2, 3, 4, 5, 6]


def test_the_oldest_lines_go_and_the_day_of_the_first_one_stays(lines, monkeypatch):
    monkeypatch.setattr(loglines, "MOST_LIVE", 10)
    monkeypatch.setattr(loglines, "SLACK", 4)
    lines.hear([line(n) for n in range(10)])
    assert lines.hear([line(n) for n in range(11)]) == Change(4, 1)
    assert numbers(lines) == ["02-02", *range(4, 11)]
    assert (lines.shown, lines.loaded) == (7, 7)


def test_after_lines_that_nobody_saw_it_begins_anew(lines):
    lines.hear([line(n) for n in range(5)])
    assert lines.hear([line(n) for n in range(100, 103)]) == Change(6, 3)
    assert numbers(lines) == ["02-02", 100, 101, 102]
    assert lines.loaded == 3


def test_days_stand_before_their_first_line(lines):
    lines.hear([line(0), line(1, at_s=MIDNIGHT + DAY_S), line(2, at_s=MIDNIGHT + DAY_S)])
    lines.hear([line(2), line(3, at_s=MIDNIGHT + DAY_S), line(4, at_s=MIDNIGHT + 3 * DAY_S)])
    assert numbers(lines) == ["02-02", 0, "02-03", 1, 2, 3, "02-05", 4]


def test_older_lines_join_with_the_day_that_is_there(lines):
    lines.hear([line(0), line(1)])
    older = [line(n, seq=0) for n in (0, -1, -2)]  # 0 is known
    assert lines.put_before([replace(event, at_s=round(event.at_s, 3)) for event in older]) == 3
    assert numbers(lines) == ["02-01", -2, -1, "02-02", 0, 1]
    assert lines.put_before([line(-3, seq=0)]) == 1
    assert numbers(lines) == ["02-01", -3, -2, -1, "02-02", 0, 1]
    assert (lines.shown, lines.loaded) == (5, 5)


def test_another_filter_looks_at_live_lines_and_forgets_what_was_found_for_the_old_one(lines):
    lines.hear([line(1, "a"), line(2, "b", job="j"), line(3, "ab")])
    lines.put_before([line(0, "a", seq=0)])
    lines.choose(LogQuery("info", "a"), around=False)
    assert numbers(lines) == ["02-02", 1, 3]
    lines.choose(LogQuery("info", "a b"), around=False)
    assert numbers(lines) == ["02-02", 3]
    lines.choose(LogQuery("info", job="j"), around=False)
    assert numbers(lines) == ["02-02", 2]
    lines.choose(LogQuery("warning"), around=False)
    assert (numbers(lines), lines.shown, lines.loaded) == ([], 0, 3)


def test_matches_among_the_lines_around_them(lines):
    lines.hear([line(n, "odd" if n % 2 else "even") for n in range(6)])
    lines.choose(LogQuery("info", "odd"), around=True)
    assert numbers(lines) == ["02-02", *range(6)]
    assert lines.wanted == LogQuery("info")
    assert [lines.match_from(2, 1), lines.match_from(2, -1), lines.match_from(4, -1)] == [4, None, 2]
    lines.hear([line(5), line(6, "even")])
    assert numbers(lines) == ["02-02", *range(7)]


def test_a_new_filter_goes_back_through_the_lines_piece_by_piece(lines, monkeypatch):
    monkeypatch.setattr(loglines, "SLICE", 4)
    lines.hear([line(n, "odd" if n % 2 else "even") for n in range(10)])
    lines.choose(LogQuery("info", "odd"), around=False)
    assert (numbers(lines), lines.ahead) == (["02-02", 7, 9], 6)
    lines.hear([line(9), line(10, "even"), line(11, "odd")])
    assert (lines.look_on(), numbers(lines)) == (2, ["02-02", 3, 5, 7, 9, 11])
    assert lines.put_before([line(-1, "odd", seq=0)]) == 3
    assert (numbers(lines), lines.ahead, lines.shown) == (["02-01", -1, "02-02", 1, 3, 5, 7, 9, 11], 0, 7)


def test_a_day_is_that_of_the_readers_calendar():
    days = Days()
    assert [days.of(MIDNIGHT - 1), days.of(MIDNIGHT), days.of(MIDNIGHT + DAY_S - 1)] == [
        date(2026, 2, 1),
        date(2026, 2, 2),
        date(2026, 2, 2),
    ]


def test_where_too_many_older_lines_are_read_the_newest_go_and_come_back_when_they_are_wanted(lines, monkeypatch):
    monkeypatch.setattr(loglines, "MOST_FOUND", 4)
    live = [line(n) for n in range(3)]
    lines.hear(live)
    lines.put_before([line(-n, seq=0) for n in range(1, 5)])
    assert (numbers(lines)[-3:], lines.parted) == ([0, 1, 2], False)

    lines.put_before([line(-5, seq=0), line(-6, seq=0)])
    assert numbers(lines)[1:] == [-6, -5, -4, -3]
    assert (lines.shown, lines.loaded, lines.parted) == (4, 4, True)
    assert lines.hear([*live, line(3)]) == Change(0, 1)
    assert lines.hear([*live, line(3)]) == Change(0, 0)

    lines.rejoin()
    lines.hear([*live, line(3)])
    assert (numbers(lines), lines.parted) == (["02-02", 0, 1, 2, 3], False)
