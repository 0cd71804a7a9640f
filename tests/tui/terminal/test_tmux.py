"""The program itself in a real terminal: tmux draws what it paints and types what a user would."""

import os
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
        self._socket = str(folder / "tmux")
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

    def write(self, text: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", text)

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

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """`open_terminal(socket)` runs the app in a terminal, away from any sound server."""
    require(shutil.which("tmux"), "needs tmux: apt install tmux")
    opened: list[Terminal] = []

    def run(socket: Path, *, size: tuple[int, int] = (80, 24), **env: str) -> Terminal:
        nowhere = {"PULSE_SERVER": f"unix:{tmp_path}/none", "COLORTERM": "truecolor", "TTSD_SOCKET": str(socket)}
        opened.append(Terminal(tmp_path, [sys.executable, "-m", "tui"], {**nowhere, **env}, size))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()


def test_from_no_daemon_to_a_spoken_sentence_and_out(make_daemon, open_terminal):
    daemon = make_daemon()
    terminal = open_terminal(daemon.socket)
    terminal.shows("No daemon answers", "ttsd serve", str(daemon.socket)[:40])

    daemon.start()
    terminal.shows("● ready", "Type here")
    terminal.write("Hello there. ")
    terminal.shows("Hello there.", "first sound")

    terminal.press("F2")
    terminal.shows("No jobs yet")
    daemon.drop("a.txt", "Hello.")
    terminal.shows("● a.txt", "1 done")
    terminal.press("F3")
    terminal.shows("CPU", "Loop lag", "fake 1")
    terminal.press("F4")
    terminal.shows("worker.ready")

    terminal.press("C-q")
    terminal.shows("left with 0")


def test_libraries_that_complain_do_not_write_over_the_screen(make_daemon, open_terminal, tmp_path):
    """ALSA says on descriptor 2 what it does not find; with a config that leads nowhere it has much to say."""
    (tmp_path / "asound.conf").write_text(
        'pcm.!default { type pulse server "unix:/nowhere" }\npcm.bad { type nonsense }\n'
    )
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, ALSA_CONFIG_PATH=str(tmp_path / "asound.conf"))

    screen = terminal.shows("● ready", "No sound device", "saves it to a file")

    assert "ALSA" not in screen
    assert len(screen.rstrip("\n").splitlines()) <= 24
    terminal.write("Spoken all the same. ")
    terminal.shows("✓ Spoken all the same.")


def test_without_colours_everything_can_still_be_told_apart(make_daemon, open_terminal):
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, NO_COLOR="1")
    terminal.shows("● ready")
    terminal.write("One. Two. ")
    terminal.shows("✓ One.", "✓ Two.")

    coloured = terminal.screen(colours=True)

    assert not any(f"[38;2;{red};" in coloured for red in ("126", "227", "140", "222"))


@pytest.mark.parametrize("size", [(60, 16), (160, 48)])
def test_small_and_large_terminals(make_daemon, open_terminal, size):
    daemon = make_daemon().start()
    exported = {"COLUMNS": "80", "LINES": "24"}  # by the shell, for another terminal
    screen = open_terminal(daemon.socket, size=size, **exported).shows("F1 Speak", "Write", "Hear", "● ready")

    columns, rows = size
    lines = screen.rstrip("\n").splitlines()
    assert max(map(len, lines)) <= columns
    assert len(lines) <= rows
    assert ("╮╭─ Hear ─" in screen) is (columns >= 100), "side by side where there is room"


def test_a_terminal_that_grows_and_shrinks(make_daemon, open_terminal):
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, size=(60, 16))
    terminal.shows("F1 Speak", "Write", "Hear", "● ready")
    terminal.press("F3")
    terminal.shows("Loop lag")

    terminal.resize(160, 48)
    terminal.press("F1")
    terminal.shows("─ Write ─", "╮╭─ Hear ─")

    terminal.resize(60, 16)
    terminal.shows("─ Write ─", "─ Hear ─")
    terminal.press("F3")
    terminal.shows("Loop lag")
