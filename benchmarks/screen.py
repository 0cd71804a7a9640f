"""A terminal for programs that draw on one: what they write, and when it came."""

import contextlib
import fcntl
import os
import re
import struct
import termios
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.programs import Program, TimedOut, start, stop

COLUMNS: Final = 120
ROWS: Final = 36
LIMIT_S: Final = 20.0
TERMINAL: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}

_ESCAPES: Final = re.compile(
    rb"\x1b(?:\[[0-9;:?<=>$ ]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|.)", re.DOTALL
)


class Screen:
    """Owns a program on a terminal of its own, and a thread that reads what it draws."""

    def __init__(self, command: Sequence[str | Path], env: Mapping[str, str]) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started_s = time.perf_counter()
        self.program: Program = start(
            command, env={**env, **TERMINAL}, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._pieces: list[tuple[float, bytes]] = []
        self._came = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the program has gone
            while piece := os.read(self._ours, 65_536):
                with self._came:
                    self._pieces.append((time.perf_counter(), piece))
                    self._came.notify_all()

    def write(self, keys: str) -> float:
        """Press `keys`; returns when."""
        at_s = time.perf_counter()
        os.write(self._ours, keys.encode())
        return at_s

    def shown_s(self, mark: str, since_s: float = 0.0) -> float:
        """When `mark` was written to the terminal, at `since_s` or later. Raises TimedOut."""
        sought, text = mark.encode(), b""
        place = next((at for at, (came_s, _) in enumerate(self._pieces) if came_s >= since_s), len(self._pieces))
        deadline = time.perf_counter() + LIMIT_S
        with self._came:
            while True:
                for came_s, piece in self._pieces[place:]:
                    text += piece
                    if sought in _ESCAPES.sub(b"", text):
                        return came_s
                place = len(self._pieces)
                if not self._came.wait(deadline - time.perf_counter()):
                    seen = _ESCAPES.sub(b"", text).decode(errors="replace")
                    raise TimedOut(f"{mark!r} did not appear; the screen was {seen[-500:]!r}")

    def close(self) -> None:
        """Stop it while somebody still reads what it draws."""
        stop(self.program)
        self._reader.join()
        os.close(self._ours)


@contextlib.contextmanager
def screen(command: Sequence[str | Path], env: Mapping[str, str]) -> Generator[Screen]:
    shown = Screen(command, env)
    try:
        yield shown
    finally:
        shown.close()
