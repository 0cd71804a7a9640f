"""Commands from a cold start."""

import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Final

from benchmarks.daemon import Daemon, daemon
from benchmarks.options import Options
from benchmarks.programs import BIN, start
from benchmarks.report import Row, Table, Target, spread
from benchmarks.texts import short_sentences

FIRST_BYTE: Final = Target(300.0)
LIMIT_S: Final = 30.0


def run(options: Options) -> Iterator[Table]:
    with daemon() as ttsd:
        yield _commands(ttsd, options.count(30))


def _commands(ttsd: Daemon, count: int) -> Table:
    texts = short_sentences(seed=3)
    times: dict[str, list[float]] = {}
    for text in itertools.islice(texts, count):
        for label, command in (
            ("python -c pass", [sys.executable, "-c", "pass"]),
            ("ttsd --help", [BIN / "ttsd", "--help"]),
            ("ttsd status", [BIN / "ttsd", "status"]),
        ):
            times.setdefault(label, []).append(_whole_ms(command, ttsd))
        times.setdefault("ttsd say TEXT -o -, first byte", []).append(_first_byte_ms(text, ttsd))
    targets = {"ttsd say TEXT -o -, first byte": FIRST_BYTE}
    rows: list[Row] = []
    for label, samples in times.items():
        rows.append(spread(label, samples, target=targets.get(label), against=rows[0] if rows else None))
    return Table("Commands, each a new process, files in the page cache", tuple(rows))


def _whole_ms(command: Sequence[str | Path], ttsd: Daemon) -> float:
    started = time.perf_counter()
    with start(command, env=ttsd.environment, stdout=DEVNULL) as program:
        if program.wait(LIMIT_S):
            raise RuntimeError(f"{command} ended with exit code {program.returncode}")
    return (time.perf_counter() - started) * 1000


def _first_byte_ms(text: str, ttsd: Daemon) -> float:
    started = time.perf_counter()
    with start([BIN / "ttsd", "say", text, "-o", "-"], env=ttsd.environment, stdout=PIPE) as program:
        assert program.stdout
        first = program.stdout.read(1)
        first_ms = (time.perf_counter() - started) * 1000
        program.stdout.read()
    if not first or program.returncode:
        raise RuntimeError(f"ttsd say ended with exit code {program.returncode}")
    return first_ms
