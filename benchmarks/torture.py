"""Two hundred kills at random instants: what came of the files, beside a day on which nothing befell them."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.daemon import TMPFS
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, single

if TYPE_CHECKING:
    from tests.conftest import DaemonProcess
    from tests.torture import Storm

EVERY: Final = {True: 10, False: 1}
"""Which operations on files a daemon is killed at, one daemon each: with `--quick` every tenth."""
KILLS: Final = {"fake": 200, "builtin": 30}
SEED: Final = 2026


def run(options: Options) -> Iterator[Table]:
    for engine, kills in KILLS.items():
        yield _storm(engine, options.count(kills))
    yield _sweep(EVERY[options.quick])


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


def _sweep(every: int) -> Table:
    """A daemon each that dies at the first operation, the second …, until one lives to the end."""
    from tests.conftest import DaemonProcess
    from tests.torture import burnt, compiled

    daemons: list[DaemonProcess] = []

    def make(root: Path, **settings: dict[str, Any]) -> DaemonProcess:
        daemons.append(DaemonProcess(root, **settings))
        return daemons[-1]

    started = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="ttsd-storm-", dir=TMPFS))
    library = compiled(folder)
    fuse = 1
    with _ended(daemons):
        while burnt(make, library, _fresh(folder, fuse), fuse):
            shutil.rmtree(folder / str(fuse))
            fuse += every
    shutil.rmtree(folder)
    rows = (
        single("operations until two files are done", fuse - every, ""),
        single("of these, killed at", fuse // every, ""),
        single("took", time.perf_counter() - started, "s"),
    )
    return Table("A kill at each operation on files, engine fake", rows, ("from an empty folder to two files done",))


def _fresh(folder: Path, fuse: int) -> Path:
    root = folder / str(fuse)
    root.mkdir()
    return root


@contextlib.contextmanager
def _ended(daemons: "list[DaemonProcess]") -> Generator[None]:
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
