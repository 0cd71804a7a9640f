"""A real terminal, for the program itself: tmux draws what it paints and types what a user would."""

import os
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.needs import require
from tests.waiting import wait_for


class Terminal:
    """Owns a tmux server with one window in which a command runs."""

    def __init__(self, folder: Path, command: list[str], env: dict[str, str], size: tuple[int, int]) -> None:
        # A socket of its own: the server of a terminal that was closed may still be on its way out.
        self._socket = str(folder / f"tmux-{secrets.token_hex(4)}")
        columns, rows = size
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), env=env)
        told = ["sh", "-c", '"$@"; echo "left with $?"; exec sleep 600', "sh", *command]
        self._tmux("respawn-pane", "-k", "-t", "t", *(f"-e{name}={value}" for name, value in env.items()), *told)

    def _tmux(self, *arguments: str, env: dict[str, str] | None = None) -> str:
        answer = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env={**os.environ, **(env or {}), "LANG": "C.UTF-8", "TERM": "xterm-256color"},
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout

    def screen(self, *, colours: bool = False) -> str:
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []), "-t", "t")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", "t", *keys)

    def paste(self, text: str) -> None:
        """As a terminal pastes: between brackets."""
        subprocess.run(["tmux", "-S", self._socket, "load-buffer", "-"], input=text, text=True, check=True)
        self._tmux("paste-buffer", "-p", "-t", "t")

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row, from 0."""
        column, row = self._tmux("display-message", "-p", "-t", "t", "#{cursor_x} #{cursor_y}").split()
        return int(column), int(row)

    @property
    def pid(self) -> int:
        """Of the program in the window."""
        shell = self._tmux("display-message", "-p", "-t", "t", "#{pane_pid}").strip()
        return int(subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=True).stdout.split()[0])

    def write(self, text: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", text)

    def record(self, file: Path) -> None:
        """From here on, whatever the program sends to the terminal goes to `file` too."""
        self._tmux("pipe-pane", "-t", "t", f"exec cat >> {shlex.quote(str(file))}")

    def title(self) -> str:
        return self._tmux("display-message", "-p", "-t", "t", "#{pane_title}").strip()

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))

    def shows(self, *texts: str, timeout_s: float = 20.0) -> str:
        """The screen, once all of `texts` stand on it."""
        seen = ""

        def all_there() -> bool:
            nonlocal seen
            seen = self.screen()
            return all(text in seen for text in texts)

        try:
            wait_for(all_there, timeout_s, f"{texts} on the screen")
        except pytest.fail.Exception as missing:
            pytest.fail(f"{missing}:\n{seen}")
        return seen

    def gone(self, text: str) -> None:
        """Waits until `text` does not stand on the screen."""
        wait_for(lambda: text not in self.screen(), 20.0, f"{text} gone")

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """`open_terminal(socket)` runs the app in a terminal, away from any sound server."""
    require(shutil.which("tmux"), "needs tmux: apt install tmux")
    opened: list[Terminal] = []

    def run(socket: Path, *, size: tuple[int, int] = (80, 24), **env: str) -> Terminal:
        memory = tmp_path / "home/ttsd/tui/app.json"
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text('{"toured": true}')
        nowhere = {
            "PULSE_SERVER": f"unix:{tmp_path}/none",
            "COLORTERM": "truecolor",
            "TTSD_SOCKET": str(socket),
            "XDG_STATE_HOME": str(tmp_path / "home"),
        }
        opened.append(Terminal(tmp_path, [sys.executable, "-m", "tui"], {**nowhere, **env}, size))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()
