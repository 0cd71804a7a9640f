"""The machine under the figures: what it is, and whether it is quiet."""

import os
import platform
import time
from pathlib import Path


def describe() -> dict[str, str]:
    """What a reader needs to compare figures."""
    return {
        "cpu": _field(Path("/proc/cpuinfo"), "model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(_field(Path('/proc/meminfo'), 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
        "python": platform.python_version(),
    }


def _field(file: Path, name: str) -> str:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def others(seconds: float = 1.0) -> float:
    """Share of the machine, 0..1, that is busy while this process does nothing."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    total = sum(after) - sum(before)
    idle = after[3] + after[4] - before[3] - before[4]  # idle and waiting for the disk
    return 1 - idle / total if total else 0.0


def _ticks() -> list[int]:
    """user nice system idle iowait irq softirq steal"""
    first = Path("/proc/stat").read_text().splitlines()[0]
    return [int(field) for field in first.split()[1:9]]


def file_system(path: Path) -> str:
    """Type of the file system that `path` lies on."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, found, *_ = line.split()
        if len(mount) >= len(best) and (path == Path(mount) or Path(mount) in path.parents):
            best, kind = mount, found
    return kind
