"""The machine under the figures: what it is, and whether it is quiet."""

import os
import platform
import resource
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


class Watch:
    """What programs other than this one and its children take of the machine while it is looked at."""

    def __init__(self) -> None:
        self._busy_s, self._total_s = _machine_s()
        self._own_s = _own_s()

    def others(self) -> float:
        """Their share since the watch began, 0..1; children count as ours once they have ended."""
        busy_s, total_s = _machine_s()
        foreign_s = busy_s - self._busy_s - (_own_s() - self._own_s)
        return max(0.0, foreign_s / (total_s - self._total_s))


def _own_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _machine_s() -> tuple[float, float]:
    """Busy and all time of all cores: user nice system idle iowait irq softirq steal."""
    first = Path("/proc/stat").read_text().splitlines()[0]
    ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in first.split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def file_system(path: Path) -> str:
    """Type of the file system that `path` lies on."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, found, *_ = line.split()
        if len(mount) >= len(best) and (path == Path(mount) or Path(mount) in path.parents):
            best, kind = mount, found
    return kind
