"""A ready daemon that nobody asks for anything: CPU and memory of each process."""

import time
from collections.abc import Iterator
from typing import Final

from benchmarks.daemon import daemon
from benchmarks.options import Options
from benchmarks.programs import usage
from benchmarks.report import Row, Table, Target, single

CPU: Final = Target(0.5)
MEMORY_MB: Final = Target(80.0)
SETTLING_S: Final = 2.0


def run(options: Options) -> Iterator[Table]:
    seconds = 5.0 if options.quick else 20.0
    with daemon() as ttsd:
        time.sleep(SETTLING_S)
        processes = ttsd.processes()
        before = {role: usage(pid).cpu_s for role, pid in processes.items()}
        time.sleep(seconds)
        after = {role: usage(pid) for role, pid in processes.items()}
    rows: list[Row] = []
    for role, now in after.items():
        share = (now.cpu_s - before[role]) / seconds * 100
        rows.append(single(f"CPU: {role}", share, "% of a core", target=CPU if role == "daemon" else None))
    for role, now in after.items():
        rows.append(single(f"memory: {role}", now.rss_mb, "MB", target=MEMORY_MB if role == "daemon" else None))
    yield Table(f"Idle for {seconds:g} s, engine builtin", tuple(rows))
