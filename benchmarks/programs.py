"""Starting and watching real programs."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

BIN: Final = Path(sys.executable).parent
"""Where this environment has `python`, `ttsd` and `ttsd-tui`."""


T = TypeVar("T")


class TimedOut(Exception):
    """What was waited for did not come."""


Program = subprocess.Popen[bytes]


def start(command: Sequence[str | Path], **how: Any) -> Program:
    """Start a program and return at once."""
    return Program([str(part) for part in command], **how)


def stop(program: Program, how: signal.Signals = signal.SIGTERM, patience_s: float = 30.0) -> int:
    """Ask it to end; kill it when it does not."""
    if program.poll() is None:
        program.send_signal(how)
    try:
        return program.wait(patience_s)
    except subprocess.TimeoutExpired:
        program.kill()
        return program.wait()


@contextlib.contextmanager
def running(command: Sequence[str | Path], end: signal.Signals = signal.SIGTERM, **how: Any) -> Generator[Program]:
    """A program for the time of a `with`; `end` is how it is asked to stop."""
    program = start(command, **how)
    try:
        yield program
    finally:
        stop(program, end)


def wait_for(what: str, look: Callable[[], T], *, timeout_s: float, every_s: float = 0.02) -> T:
    """The first true answer of `look`. Raises TimedOut."""
    deadline = time.monotonic() + timeout_s
    while not (answer := look()):
        if time.monotonic() > deadline:
            raise TimedOut(f"{what}: not within {timeout_s:g} s")
        time.sleep(every_s)
    return answer


class Usage(msgspec.Struct, frozen=True):
    """What one process has used."""

    rss_mb: float
    peak_mb: float
    cpu_s: float


def usage(pid: int) -> Usage:
    status = _status(pid)
    return Usage(status["VmRSS"] / 1024, status["VmHWM"] / 1024, cpu_s(pid))


def _status(pid: int) -> Mapping[str, int]:
    """The lines of /proc/PID/status that are in kB."""
    found = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in found if words[-1] == "kB"}


def cpu_s(pid: int) -> float:
    """CPU time of all its threads that live, to the nanosecond (utime in /proc/PID/stat counts by 10 ms)."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # ended just now
            total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


def environment(**more: str) -> dict[str, str]:
    """Ours, less what would steer a daemon or a command away from the private one."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TTSD")} | more
