"""Searching real log files: newest first, page by page, through rotation, compression and damage."""

import gzip
import json
from itertools import count

import pytest

from ttsd.config import Log
from ttsd.log.file import LogFile
from ttsd.log.lines import json_line
from ttsd.log.search import BLOCK, GLANCE, LogSearch, Place
from ttsd.log.sieve import sieve
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogPage, LogQuery, before_line, matcher, without

NOON = 1_800_000_000.0
DAY_S = 86_400.0


def line(n: int, level: str = "info", event: str = "job.done", at_s: float = NOON, **fields) -> LogEvent:
    return LogEvent(0, at_s + n, level, event, {"n": n, **fields})


@pytest.fixture
def files(tmp_path) -> LogFile:
    return LogFile(tmp_path / "logs", Log(keep_days=30, max_mb=0.002))


@pytest.fixture
def search(tmp_path) -> LogSearch:
    (tmp_path / "logs").mkdir(exist_ok=True)
    return LogSearch(tmp_path / "logs", tmp_path / "scratch", lambda: 0.0)


def write(file: LogFile, *lines: LogEvent) -> None:
    for event in lines:
        file.write(json_line(event), event.at_s)


def numbers(page: LogPage) -> list[object]:
    return [line.fields["n"] for line in page.lines]


def all_pages(search: LogSearch, query: LogQuery, limit: int) -> list[LogPage]:
    pages = [search.page(query, Place(), limit)]
    while pages[-1].next is not None:
        pages.append(search.page(query, Place.parse(pages[-1].next), limit))
    return pages


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_every_line_of_every_file_comes_once_the_newest_first(files, search, limit):
    write(files, *(line(n) for n in range(60)))
    files.close()
    assert len(list((search._directory).glob("*.gz"))) > 1
    pages = all_pages(search, LogQuery(), limit)
    assert [n for page in pages for n in numbers(page)] == list(range(59, -1, -1))
    assert all(page.notes == () and not page.cut for page in pages)
    assert list(search._scratch.iterdir()) == []


def test_lines_come_back_as_they_went_in(files, search):
    event = line(1, "error", "a.b", odd="é\n\x1b[31m", nothing=None, yes=True, part=0.5)
    write(files, event)
    files.close()
    assert search.page(LogQuery(), Place(), 10).lines == (event,)


def test_rotation_between_two_pages_loses_and_doubles_nothing(files, search):
    write(files, *(line(n) for n in range(30)))
    first = search.page(LogQuery(), Place(), 5)
    write(files, *(line(n) for n in range(30, 90)))
    files.rotate()
    files.close()
    second = search.page(LogQuery(), Place.parse(first.next), 100)
    assert numbers(first) + numbers(second) == list(range(29, -1, -1))


def test_a_file_put_aside_while_it_is_looked_for_is_found_once(files, search):
    write(files, *(line(n) for n in range(5)))
    paths = search._paths()

    def rotating():
        yield next(paths)
        files.rotate()
        write(files, line(5))
        files.close()
        yield from paths

    search._paths = rotating
    assert numbers(search.page(LogQuery(), Place(), 100)) == [4, 3, 2, 1, 0]


def test_a_file_compressed_while_it_is_looked_for_is_read(files, search):
    write(files, *(line(n) for n in range(5)))
    files.rotate()
    files.close()
    packed = next(search._directory.glob("*.gz"))
    search._paths = lambda: iter([packed.with_suffix("")])
    assert numbers(search.page(LogQuery(), Place(), 100)) == [4, 3, 2, 1, 0]


def test_the_last_line_is_left_out_while_it_is_being_written(files, search):
    write(files, line(1))
    with (search._directory / "ttsd.log").open("ab") as file:
        file.write(json_line(line(2))[:-9])
    assert numbers(search.page(LogQuery(), Place(), 10)) == [1]


def test_torn_lines_and_damaged_files_are_told_and_left_out(files, search):
    write(files, *(line(n) for n in range(3)))
    files.rotate()
    write(files, line(3))
    files.close()
    packed = next(search._directory.glob("*.gz"))
    whole = gzip.decompress(packed.read_bytes())
    packed.write_bytes(gzip.compress(whole * 2000)[:-20])
    (search._directory / "ttsd-2020-01-01.log.gz").write_bytes(b"not gzip")
    with (search._directory / "ttsd.log").open("ab") as file:
        file.write(b'{"ts":"2027-01-1\n[1]\n' + json_line(line(4)))

    page = search.page(LogQuery(), Place(), 100_000)

    assert numbers(page)[:2] == [4, 3]
    assert {0, 1, 2} < set(numbers(page))
    assert len(page.notes) == 3
    assert "ttsd-2020-01-01.log.gz cannot be read" in page.notes[1]
    assert f"{packed.name} is damaged" in page.notes[0]
    assert "torn lines left out: 2" in page.notes[2]


def test_a_line_longer_than_any_of_ours_costs_no_memory_and_is_left_out(files, search, monkeypatch):
    monkeypatch.setattr("ttsd.log.search.LONGEST", BLOCK)
    write(files, line(1))
    with (search._directory / "ttsd.log").open("ab") as file:
        file.write(b'{"ts":"' + b"x" * 10 * BLOCK + b'"}\n' + json_line(line(2)))
    page = search.page(LogQuery(), Place(), 10)
    assert numbers(page) == [2, 1]
    assert page.notes == ("torn lines left out: 1",)


def test_values_of_a_megabyte_are_shortened(files, search):
    (search._directory / "ttsd.log").write_bytes(json_line(line(1, text="y" * 2**20)))
    assert search.page(LogQuery(), Place(), 10).lines[0].fields["text"] == "y" * 8192 + f"… ({2**20} chars)"


def test_when_time_is_up_the_page_says_so_and_the_next_goes_on(files, search):
    write(files, *(line(n) for n in range(4 * GLANCE)))
    files.close()
    ticks = count(0.0, 2.0)
    search._clock = lambda: next(ticks)
    pages = all_pages(search, LogQuery(q="nowhere"), 10)
    assert len(pages) >= 3
    assert all(page.cut for page in pages[:-1])
    assert not pages[-1].cut
    times = [page.reached_s for page in pages if page.reached_s]
    assert times == sorted(times, reverse=True)


def test_a_page_may_begin_at_a_moment(files, search):
    write(files, *(line(n) for n in range(60)))
    files.close()
    assert numbers(search.page(LogQuery(), Place.parse(f"{NOON + 20:.3f}"), 3)) == [19, 18, 17]


def test_a_place_in_a_file_that_is_gone_is_told(files, search):
    write(files, line(1))
    page = search.page(LogQuery(), Place("0" * 16, 5), 10)
    assert (page.lines, page.next) == ((), None)
    assert "is gone" in page.notes[0]


def test_without_a_folder_there_is_nothing(tmp_path):
    assert LogSearch(tmp_path / "none", tmp_path, lambda: 0.0).page(LogQuery(), Place(), 10) == LogPage()


@pytest.mark.parametrize("before", ["x", "12-3", "-1", "0" * 16 + "-", "1e9", "9" * 13])
def test_a_place_that_is_none_is_refused(before):
    with pytest.raises(BadRequest):
        Place.parse(before)


LINES = [
    line(1, "debug", "worker.frame", took=1.5),
    line(2, "info", "job.finished", job="01j0", title="Über Nacht.txt", done=True),
    line(3, "warning", "job.failed", job="01j1", reason='no "voice"\nat all', left=None),
    line(4, "error", "request.crashed", request_id="ab/c+d=", exception="Traceback…\nKeyError: 'K'"),
    line(5, "critical", "daemon.lost", path="C:\\temp"),
    line(6, "odd", "strange", logger="ttsd.jobs"),
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (LogQuery(), [6, 5, 4, 3, 2, 1]),
        (LogQuery("info"), [6, 5, 4, 3, 2]),
        (LogQuery("warning"), [5, 4, 3]),
        (LogQuery("error"), [5, 4]),
        (LogQuery(q="JOB voice"), [3]),
        (LogQuery(q="über"), [2]),
        (LogQuery(q="done=true"), [2]),
        (LogQuery(q="left=null"), [3]),
        (LogQuery(q="took=1.5"), [1]),
        (LogQuery(q='"voice"'), [3]),
        (LogQuery(q="c:\\temp"), [5]),
        (LogQuery(q="'k'"), [4]),
        (LogQuery(q="ttsd.jobs"), []),
        (LogQuery(job="01j1"), [3]),
        (LogQuery(job="01j"), []),
        (LogQuery(request="ab/c+d="), [4]),
        (LogQuery("error", job="01j1"), []),
    ],
)
def test_a_search_means_what_it_says(files, search, query, expected):
    write(files, *LINES)
    files.close()
    assert numbers(search.page(query, Place(), 10)) == expected
    assert [line.fields["n"] for line in reversed(LINES) if matcher(query)(line)] == expected
    assert all(sieve(query)(json_line(line)) for line in LINES if matcher(query)(line))


def test_live_lines_and_those_of_the_files_join(files, search):
    known = [line(n, at_s=NOON + 0.000_4 * n - n) for n in range(10)]
    write(files, *known)
    files.close()
    live = known[6:]
    page = search.page(LogQuery(), Place.parse(before_line(live[0])), 100)
    assert [line.fields["n"] for line in without(page.lines, live)] == [5, 4, 3, 2, 1, 0]
    assert json.loads(json_line(known[6]))["ts"] == json.loads(json_line(known[5]))["ts"]
