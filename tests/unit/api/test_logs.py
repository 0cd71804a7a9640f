"""`GET /v1/logs` over its door."""

import pytest

from ttsd.log.lines import json_line
from ttsd.protocol.events import LogEvent


@pytest.fixture
def logged(house):
    folder = house.folder / "logs"
    folder.mkdir()
    events = [
        LogEvent(0, 1000.0 + n, level, "job.failed" if n else "daemon.started", {"job": f"01j{n}", "request_id": "r+1"})
        for n, level in enumerate(("info", "warning", "error"))
    ]
    (folder / "ttsd.log").write_bytes(b"".join(map(json_line, events)))


@pytest.mark.parametrize(
    ("query", "times"),
    [
        ("", [1002, 1001, 1000]),
        ("?level=warning", [1002, 1001]),
        ("?q=JOB+failed", [1002, 1001]),
        ("?job=01j1", [1001]),
        ("?request=r%2B1&limit=1", [1002]),
        ("?before=1001", [1000]),
    ],
)
async def test_lines_come_newest_first(logged, http, query, times):
    async with http.get(f"/v1/logs{query}") as answer:
        assert [line["at_s"] for line in (await answer.json())["lines"]] == times


async def test_a_page_says_where_the_next_one_begins(logged, http):
    async with http.get("/v1/logs?limit=2") as answer:
        page = await answer.json()
    assert page["reached_s"] == 1001
    async with http.get(f"/v1/logs?limit=2&before={page['next']}") as answer:
        page = await answer.json()
    assert [line["event"] for line in page["lines"]] == ["daemon.started"]
    assert (page["next"], page["cut"], page["notes"]) == (None, False, [])


@pytest.mark.parametrize("query", ["level=loud", "limit=0", "limit=1001", "before=then", "q=" + "x" * 1001])
async def test_what_cannot_be_asked_is_refused(http, query):
    async with http.get(f"/v1/logs?{query}") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["param"] == query.split("=")[0]
