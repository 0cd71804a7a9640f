"""The log searched through rotated, compressed files, as the app and `ttsd logs` do it."""

import asyncio
import gzip
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.daemon import daemon
from benchmarks.options import Options
from benchmarks.report import Table, spread
from benchmarks.texts import sentences
from ttsd.client import TtsdClient
from ttsd.log.lines import json_line
from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogQuery

DAYS: Final = 7
LINES: Final = 100_000
"""A day; some 15 MB."""
RARE: Final = "needle-in-the-hay"


def run(options: Options) -> Iterator[Table]:
    lines, tries = (LINES // 10, 3) if options.quick else (LINES, 10)
    with daemon({"engine.name": "fake"}) as ttsd:
        size_mb = _fill(ttsd.base / "state/ttsd/logs", lines)
        yield asyncio.run(_asked(TtsdClient(ttsd.socket), lines * DAYS, size_mb, tries))


def _fill(folder: Path, lines: int) -> float:
    """Files of the days before today; the rare word stands in the oldest line. Returns their size unpacked (MB)."""
    size_bytes, texts = 0, sentences()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    words = [next(texts) for _ in range(1000)]
    for days in range(1, DAYS + 1):
        begin = today - timedelta(days=days)
        content = bytearray()
        for number in range(lines):
            at_s = begin.timestamp() + number * 86_000 / lines
            said = RARE if days == DAYS and not number else words[number % len(words)]
            fields = {"logger": "ttsd", "job": f"{number:026d}", "title": said}
            content += json_line(LogEvent(0, at_s, "warning" if number % 100 == 0 else "info", "job.finished", fields))
        size_bytes += len(content)
        (folder / f"ttsd-{begin:%Y-%m-%d}.log.gz").write_bytes(gzip.compress(bytes(content), 6))
    return size_bytes / 1e6


async def _asked(client: TtsdClient, lines: int, size_mb: float, tries: int) -> Table:
    queries = {
        "the newest page of all lines": LogQuery(),
        "of warnings: one line in a hundred": LogQuery("warning"),
        "a word in many lines": LogQuery(q="teacher"),
        "a word in the oldest line alone: all files are read": LogQuery(q=RARE),
    }
    rows = [spread(label, [await _found(client, query) for _ in range(tries)]) for label, query in queries.items()]
    return Table(f"{lines:,} lines of {DAYS} days, {size_mb:.0f} MB in compressed files", tuple(rows))


async def _found(client: TtsdClient, query: LogQuery) -> float:
    """Milliseconds to the first page that has lines."""
    began, before = time.perf_counter(), None
    while True:
        page = await client.logs(query, before)
        if page.lines or page.next is None:
            assert page.lines, query
            return (time.perf_counter() - began) * 1000
        before = page.next
