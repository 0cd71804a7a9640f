"""A thousand small files dropped at once: files a second, and what the daemon needs for them."""

import contextlib
import itertools
import os
import shutil
import signal
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from subprocess import DEVNULL
from typing import Final

import msgspec

from benchmarks.daemon import TMPFS, Daemon, daemon
from benchmarks.machine import file_system
from benchmarks.options import Options
from benchmarks.programs import running, usage, wait_for
from benchmarks.report import Row, Table, Target, single
from benchmarks.texts import sentences

SETTLE_S: Final = 0.05
RATE: Final = Target(200.0, at_least=True)
PEAK_MB: Final = Target(80.0)
TIMEOUT_S: Final = 300.0


class Run(msgspec.Struct, frozen=True):
    """One drop: where, with which engine, and what it took."""

    engine: str
    where: Path
    count: int
    profile: Path | None = None

    @property
    def promised(self) -> bool:
        return self.engine == "fake" and self.where == TMPFS


def run(options: Options) -> Iterator[Table]:
    count = options.count(1000)
    runs = [Run(engine, where, count) for engine in ("fake", "builtin") for where in (TMPFS, options.disk)]
    if options.profile:
        options.profile.mkdir(parents=True, exist_ok=True)
        runs = [Run("fake", TMPFS, count, options.profile)]
    for number, drop in enumerate(runs):
        yield _measure(drop, seed=100 + number)


def _measure(drop: Run, seed: int) -> Table:
    settings = {"engine.name": drop.engine, "spool.settle_s": SETTLE_S}
    with (
        daemon(settings, where=drop.where, profiler=_profiler(drop.profile)) as ttsd,
        _sampling(ttsd.pid, drop.profile),
    ):
        texts = _stage(ttsd, drop.count, seed)
        before = {role: usage(pid).cpu_s for role, pid in ttsd.processes().items()}
        started = time.perf_counter()
        for text in texts:
            text.rename(ttsd.spool / "inbox" / text.name)
        dropped_s = time.perf_counter() - started
        wait_for("all receipts", lambda: _receipts(ttsd) >= drop.count, timeout_s=TIMEOUT_S)
        took_s = time.perf_counter() - started
        rows = _rows(drop, took_s, dropped_s, ttsd, before)
    title = f"{drop.count} files at once, engine {drop.engine}, on {file_system(drop.where)}"
    return Table(title, rows, _notes(drop))


def _stage(ttsd: Daemon, count: int, seed: int) -> list[Path]:
    """The files, complete, beside the inbox: they get there by a rename."""
    staging = ttsd.spool.parent / "staging"
    staging.mkdir()
    files = [staging / f"{number:04}.txt" for number in range(count)]
    for file, text in zip(files, itertools.islice(sentences(seed), count), strict=True):
        file.write_text(text)
    os.sync()  # what is dirty now is not part of the figure
    return files


def _receipts(ttsd: Daemon) -> int:
    failed = os.listdir(ttsd.spool / "failed")  # noqa: PTH208 — names only, many times
    if failed:
        raise RuntimeError(f"{len(failed)} files failed, {failed[0]} among them")
    names = os.listdir(ttsd.spool / "outbox")  # noqa: PTH208
    return sum(name.endswith(".json") for name in names)


def _rows(drop: Run, took_s: float, dropped_s: float, ttsd: Daemon, before: dict[str, float]) -> tuple[Row, ...]:
    used = {role: usage(pid) for role, pid in ttsd.processes().items()}
    promised = drop.promised and not drop.profile
    rows = [
        single(
            "files a second, first rename to last receipt",
            drop.count / took_s,
            "1/s",
            target=RATE if promised else None,
        ),
        single("of this, until all are in the inbox", dropped_s, "s"),
        single("peak memory of the daemon", used["daemon"].peak_mb, "MB", target=None if drop.profile else PEAK_MB),
    ]
    for role, now in used.items():
        rows.append(single(f"CPU a file: {role}", (now.cpu_s - before.get(role, 0.0)) / drop.count * 1000, "ms"))
    return tuple(rows)


def _notes(drop: Run) -> tuple[str, ...]:
    settle = f"settle_s = {SETTLE_S:g} (default 1.0): this wait is part of the figure, once"
    if not drop.profile:
        return (settle,)
    return (settle, f"profiled: slower than it is; see {drop.profile}")


def _profiler(profile: Path | None) -> tuple[str, ...]:
    """cProfile where there is no py-spy: it sees the main thread only and slows it down."""
    if profile is None or shutil.which("py-spy"):
        return ()
    return ("-m", "cProfile", "-o", str(profile / "daemon.pstats"))


@contextlib.contextmanager
def _sampling(pid: int, profile: Path | None) -> Generator[None]:
    if profile is None or not shutil.which("py-spy"):
        yield
        return
    output = profile / "daemon.folded"
    command = ["py-spy", "record", "--threads", "--nonblocking", "-r", "100", "-f", "raw", "-o", output, "-p", str(pid)]
    with running(command, signal.SIGINT, stderr=DEVNULL, stdout=DEVNULL):  # interrupted, it writes what it has
        yield
