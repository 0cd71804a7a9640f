"""Two hundred kills at random instants: what came of the files, beside a day on which nothing befell them."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.daemon import TMPFS
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, single

if TYPE_CHECKING:
    from tests.conftest import DaemonProcess
    from tests.torture import Storm

KILLS: Final = {"fake": 200, "builtin": 30}
SEED: Final = 2026


def run(options: Options) -> Iterator[Table]:
    for engine, kills in KILLS.items():
        yield _storm(engine, options.count(kills))


def _storm(engine: str, kills: int) -> Table:
    """Raises AssertionError where anything is not as it must be; then its folder stays, to be looked at."""
    from tests.conftest import DaemonProcess
    from tests.mishaps import Mix
    from tests.torture import compiled, weathered

    daemons: list[DaemonProcess] = []

    def make(root: Path, **settings: dict[str, Any]) -> DaemonProcess:
        daemons.append(DaemonProcess(root, **settings))
        return daemons[-1]

    settings = {"engine": {"name": engine}, "fake": {"rtf": 0.02}}
    started = time.perf_counter()
    root = Path(tempfile.mkdtemp(prefix="ttsd-storm-", dir=TMPFS))
    with _ended(daemons):
        storm = weathered(make, compiled(root), root, SEED, Mix(kills=kills), **settings)
    shutil.rmtree(root)
    return Table(f"A storm over the hot folder, engine {engine}", tuple(_rows(storm, kills, started)), _notes(storm))


@contextlib.contextmanager
def _ended(daemons: "list[DaemonProcess]") -> Iterator[None]:
    """None of them outlives the block."""
    try:
        yield
    finally:
        for daemon in daemons:
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.kill()


def _rows(storm: "Storm", kills: int, started: float) -> Iterator[Row]:
    yield single("kills with -9", storm.kills, "", target=Target(kills, at_least=True))
    for what in sorted(storm.done):
        yield single(what, storm.done[what], "")
    yield single("files accepted, each with its one right output", sum(map(len, storm.accepted.values())), "")
    yield single("took", time.perf_counter() - started, "s")


def _notes(storm: "Storm") -> tuple[str, ...]:
    return (
        f"seed {SEED}; {len(storm.texts)} texts over HTTP among it",
        "every sound, caption and receipt is compared with those of a daemon that nothing befell",
    )
