"""A terminal for programs that draw on one: how long until something stands on the screen."""

import contextlib
import fcntl
import os
import re
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.programs import Program, TimedOut, start, stop

COLUMNS: Final = 120
ROWS: Final = 36
LIMIT_S: Final = 20.0

_ESCAPES: Final = re.compile(
    rb"\x1b(?:\[[0-9;:?<=>$ ]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|.)", re.DOTALL
)


def paint_ms(command: Sequence[str | Path], marks: Sequence[str], env: Mapping[str, str]) -> list[float]:
    """From process start until each of `marks` is written to the terminal. Raises TimedOut."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    started = time.perf_counter()
    program = start(
        command, env={**env, **terminal}, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        seen = _seen(ours, [mark.encode() for mark in marks])
        return [(at - started) * 1000 for at in seen]
    finally:
        _end(program, ours)


def _seen(terminal: int, marks: Sequence[bytes]) -> list[float]:
    """When each mark stood on the screen."""
    found: dict[bytes, float] = {}
    screen = b""
    deadline = time.perf_counter() + LIMIT_S
    while len(found) < len(marks):
        if time.perf_counter() > deadline:
            text = _ESCAPES.sub(b"", screen).decode(errors="replace")
            raise TimedOut(f"not all of {marks} appeared; the screen was {text[-500:]!r}")
        screen += _read(terminal)
        text = _ESCAPES.sub(b"", screen)
        for mark in marks:
            if mark in text:
                found.setdefault(mark, time.perf_counter())
    return [found[mark] for mark in marks]


def _read(terminal: int) -> bytes:
    """What came within a moment; nothing when the program has gone."""
    with contextlib.suppress(OSError):
        if select.select([terminal], [], [], 0.5)[0]:
            return os.read(terminal, 65_536)
    return b""


def _end(program: Program, terminal: int) -> None:
    """Stop it while somebody still reads what it draws."""
    program.terminate()
    while program.poll() is None:
        _read(terminal)
    stop(program)
    os.close(terminal)
