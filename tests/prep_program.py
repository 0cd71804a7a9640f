"""A prep program as the daemon starts it: a real process on a real socket pair."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ttsd.ipc import FD_VARIABLE, Channel


class PrepProgram:
    """A running `python -m MODULE` and the daemon's end of its socket, over which it sends messages of `kind`."""

    def __init__(self, module: str, kind: Any) -> None:
        self.socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                env={**os.environ, FD_VARIABLE: str(theirs.fileno())},
                pass_fds=[theirs.fileno()],
            )
        self.channel = Channel(self.socket, kind)

    def ask(self, message: Any) -> Any:
        """The answer to `message`."""
        self.channel.send(message)
        return self.channel.receive()

    def status(self, field: str) -> str:
        """A field of `/proc/PID/status`, without its unit."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(line for line in lines if line.startswith(f"{field}:")).split()[1]


@contextlib.contextmanager
def running(module: str, kind: Any) -> Iterator[PrepProgram]:
    """Run it for as long as the block runs."""
    found = PrepProgram(module, kind)
    try:
        yield found
    finally:
        found.socket.close()
        found.process.kill()
        found.process.wait()
