"""A daemon from its exec to its first connection and its first answer, and where that time goes."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL
from typing import Final

import psutil

from benchmarks.daemon import TMPFS, private_folder
from benchmarks.options import Options
from benchmarks.programs import environment, start
from benchmarks.report import Row, Table, Target, spread
from benchmarks.wire import get

LISTENING: Final = Target(400.0)
LIMIT_S: Final = 60.0
LOOK_S: Final = 0.002
IMPORTS: Final = ("pass", "import ttsd.cli.serve", "import ttsd.config", "import ttsd.api.app", "import ttsd.daemon")


def run(options: Options) -> Iterator[Table]:
    count = options.count(20)
    listening, walls, works = zip(*(_first_answer_ms() for _ in range(count)), strict=True)
    yield Table(
        "`ttsd serve`, engine fake, files in the page cache",
        (
            spread("exec to the first connection", list(listening), target=LISTENING),
            spread("exec to the first answer of /healthz", list(walls)),
            spread("the CPU's work in that time", list(works)),
        ),
    )
    rows: list[Row] = []
    for code in IMPORTS:
        samples = [_whole_ms(code) for _ in range(count)]
        rows.append(spread(f"python -c '{code}'", samples, against=rows[0] if rows else None))
    yield Table("What of it is importing", tuple(rows))


def _first_answer_ms() -> tuple[float, float, float]:
    """Wall time until it listens, until it has answered, and the CPU's in that time."""
    with private_folder(TMPFS) as base:
        config = base / "config.toml"
        config.write_text(f'[engine]\nname = "fake"\n[daemon]\nsocket = "{base}/s"\n')
        places = {f"XDG_{name}_HOME": str(base / name) for name in ("STATE", "CACHE")}
        command = [sys.executable, "-m", "ttsd.cli", "serve", "--config", config]
        started = time.perf_counter()
        with start(command, env=environment(HOME=str(base), **places), stdout=DEVNULL, stderr=DEVNULL) as program:
            listening_ms = (_wait_for_connection(base / "s", started) - started) * 1000
            _wait_for_answer(base / "s", started)
            wall_ms = (time.perf_counter() - started) * 1000
            times = psutil.Process(program.pid).cpu_times()
            program.terminate()
            program.wait(LIMIT_S)
    return listening_ms, wall_ms, (times.user + times.system) * 1000


def _wait_for_connection(path: Path, started: float) -> float:
    """When somebody could connect first."""
    while time.perf_counter() - started < LIMIT_S:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(path)) == 0:
                return time.perf_counter()
        time.sleep(LOOK_S)
    raise TimeoutError("nobody listens")


def _wait_for_answer(path: Path, started: float) -> None:
    while time.perf_counter() - started < LIMIT_S:
        with contextlib.suppress(OSError):
            if get(path, "/healthz")[0] == 200:
                return
        time.sleep(LOOK_S)
    raise TimeoutError("no answer")


def _whole_ms(code: str) -> float:
    started = time.perf_counter()
    with start([sys.executable, "-c", code], env=environment(), stdout=DEVNULL) as program:
        if program.wait(LIMIT_S):
            raise RuntimeError(f"{code} ended with exit code {program.returncode}")
    return (time.perf_counter() - started) * 1000
