"""A queue of 100,000 jobs: pages and searches as the app asks for them, and the app's list as it is scrolled."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.daemon import Daemon, daemon, private_folder
from benchmarks.options import Options
from benchmarks.report import Table, Target, spread
from benchmarks.texts import sentences
from ttsd.client import TtsdClient
from tui.app import TtsdApp
from tui.listing import PAGE
from tui.memory import Memory
from tui.widgets.joblist import JobList

JOBS: Final = 100_000
SIZE: Final = (120, 36)
PATIENCE_S: Final = 10.0
PAGE_MS: Final = Target(50.0)
SEEN_MS: Final = Target(100.0)
ADDED: Final = """
INSERT INTO job (id, door, state, title, path, settings, created_s, started_s, finished_s, segments_total,
                 segments_done, samples, output)
VALUES (?, 'spool', ?, ?, ?, '{"voice":"heart"}', ?, ?, ?, 3, 3, 240000, ?)
"""


def run(options: Options) -> Iterator[Table]:
    jobs, tries = (JOBS // 10, 10) if options.quick else (JOBS, 100)
    with daemon({"engine.name": "fake"}) as ttsd:
        _fill(ttsd.base, jobs)
        yield asyncio.run(_of_daemon(TtsdClient(ttsd.socket), jobs, tries))
        yield asyncio.run(_of_app(ttsd, jobs, tries))


def _fill(base: Path, jobs: int) -> None:
    """Put ended jobs into the database, as if they had come in the last month."""
    now_s, texts = time.time(), sentences()
    rows = [
        (
            f"{number:026d}",
            "failed" if number % 50 == 0 else "succeeded",
            f"books/{next(texts)[:-1]} {number}.txt",
            f"books/{number}.txt",
            *(now_s - (jobs - number) * 20 + after_s for after_s in (0.0, 1.0, 9.0)),
            None if number % 50 == 0 else f"/spool/outbox/books/{number}.wav",
        )
        for number in range(jobs)
    ]
    with sqlite3.connect(base / "state/ttsd/ttsd.db", timeout=60) as database:
        database.executemany(ADDED, rows)
    database.close()


async def _timed(call: Callable[[], Awaitable[object]], tries: int) -> list[float]:
    took_ms: list[float] = []
    for _ in range(tries):
        began = time.perf_counter()
        await call()
        took_ms.append((time.perf_counter() - began) * 1000)
    return took_ms


async def _of_daemon(client: TtsdClient, jobs: int, tries: int) -> Table:
    places = random.Random(0)

    async def page() -> None:
        await client.jobs(limit=PAGE, offset=places.randrange(jobs - PAGE))

    asked = {
        "the newest page": lambda: client.jobs(limit=PAGE),
        "a page somewhere": page,
        "the oldest page": lambda: client.jobs(limit=PAGE, offset=jobs - PAGE),
        "first page of a word in every job": lambda: client.jobs(limit=PAGE, search="books"),
        "a word in few": lambda: client.jobs(limit=PAGE, search="lively harbour"),
        "a word in none: all are looked through": lambda: client.jobs(limit=PAGE, search="zebra"),
    }
    rows = [
        spread(label, await _timed(call, tries), target=PAGE_MS if "page" in label else None)
        for label, call in asked.items()
    ]
    return Table(f"Asked of a queue with {jobs:,} jobs, {PAGE} a page", tuple(rows))


async def _of_app(ttsd: Daemon, jobs: int, tries: int) -> Table:
    with private_folder(Path("/dev/shm")) as folder:
        memory = Memory(folder)
        memory.remember(toured=True)
        app = TtsdApp(TtsdClient(ttsd.socket), memory)
        async with app.run_test(size=SIZE) as pilot:
            await _until(lambda: app.state.status)
            await pilot.press("f3")
            await _until(lambda: isinstance(app.focused, JobList) and app.focused.selected)
            rows: Any = app.focused
            jumps = await _timed(lambda: _jump(app, rows), tries)
            downs = await _timed(lambda: _press(pilot, rows, "pagedown"), tries)
    return Table(
        f"The app's list of {jobs:,} jobs at {SIZE[0]} × {SIZE[1]}, until all rows in sight are there",
        (spread("a jump to anywhere", jumps, target=SEEN_MS), spread("a page down", downs, target=SEEN_MS)),
        ("the key's way through Textual's test pilot is part of a page down",),
    )


_PLACES: Final = random.Random(1)


async def _jump(app: TtsdApp, rows: Any) -> None:
    rows.scroll_to(y=_PLACES.randrange(len(rows._rows) - SIZE[1]), animate=False)  # noqa: SLF001
    await asyncio.sleep(0)
    await _until(lambda: not app.state.listing.lacking(*rows.sight))


async def _press(pilot: Any, rows: Any, key: str) -> None:
    await pilot.press(key)
    await _until(lambda: rows.selected)


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)
