"""`make screenshot`: the README's picture, from the real app on a real daemon, with sound going to a null device.

Needs Debian's pulseaudio, libasound2-plugins, libportaudio2, librsvg2-bin, fonts-firacode and fonts-noto-cjk.
"""

import asyncio
import contextlib
import html
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.cells import cell_len

CELL_WIDTH = 12.2
"""Width of a cell in Rich's SVG."""
SIZE = (100, 30)
TYPED = "Good morning. This text is spoken while it is typed, sentence by sentence, as soon as one is there. "
FILES = {
    "letters/anna.txt": "Dear Anna, the garden is finally in bloom. Come and see it before the summer is over.",
    "news/monday.md": "# Monday\n\nThe bridge is open again.\n\n- Trains run every hour.\n- The library opens late.",
    "empty.txt": "",
}
ALSA = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


def right_widths(svg: str) -> str:
    """Place every run of characters by its cells: Rich counts characters, so wide ones would be squeezed."""

    def one(match: re.Match[str]) -> str:
        attributes, body = match.group(1), html.unescape(match.group(2))
        found = re.search(r'\bx="([\d.]+)"', attributes)
        if "textLength" not in attributes or found is None:
            return match.group(0)
        x, pieces = float(found.group(1)), []
        for run in re.findall(r"[\u00a0 ]+|[^\u00a0 ]+", body):
            if run[0] not in "\u00a0 ":
                pieces += _placed(run, x, attributes)
            x += CELL_WIDTH * cell_len(run)
        return "".join(pieces)

    svg = re.sub(r"@font-face\s*{.*?}\s*(?=@|\.)", "", svg, flags=re.DOTALL)  # fonts from the network
    return re.sub(r"<text([^>]*)>([^<]*)</text>", one, svg)


def _placed(run: str, x: float, attributes: str) -> Iterator[str]:
    """One element for each character: no renderer's font metrics can shift what stands in a cell."""
    for character in run:
        width = CELL_WIDTH * cell_len(character)
        placed = re.sub(r'\bx="[\d.]+"', f'x="{x:.1f}"', attributes)
        placed = re.sub(r'textLength="[\d.]+"', f'textLength="{width:.1f}"', placed)
        yield f"<text{placed}>{html.escape(character)}</text>"
        x += width


@contextlib.contextmanager
def sound(home: Path) -> Iterator[None]:
    """A PulseAudio of our own with a device that swallows everything."""
    (home / "asound.conf").write_text(ALSA)
    os.environ |= {"ALSA_CONFIG_PATH": str(home / "asound.conf"), "PULSE_SERVER": f"unix:{home}/native"}
    os.environ |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PULSE_COOKIE": str(home / "cookie")}
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error"]
    command += ["-L", f"module-native-protocol-unix socket={home}/native auth-anonymous=1"]
    command += ["-L", "module-null-sink", "-L", "module-always-sink"]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait((home / "native").exists)
        yield
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def daemon(home: Path) -> Iterator[Path]:
    """A daemon below `home`; yields its socket."""
    for name in ("RUNTIME", "STATE", "CACHE", "LOGS"):
        os.environ[f"{name}_DIRECTORY"] = str(home)
    os.environ["TTSD__SPOOL__SETTLE_S"] = "0.1"
    process = subprocess.Popen([sys.executable, "-m", "ttsd.cli", "serve"], stderr=subprocess.DEVNULL)
    try:
        for name, text in FILES.items():
            path = home / "spool/inbox" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        wait(lambda: len(list((home / "spool").glob("done/*/*"))) == 2)
        yield home / "ttsd.sock"
    finally:
        process.terminate()
        process.wait()


def wait(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("the screenshot could not be taken: something did not start in time")
        time.sleep(0.05)


async def picture(socket: Path) -> str:
    """SVG of the app while it speaks what was typed."""
    from ttsd.client import TtsdClient
    from tui.app import TtsdApp
    from tui.playback import Player

    app = TtsdApp(TtsdClient(str(socket)), make_player=lambda on_change: Player(on_change, latency_s=0.1))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(2.0)
        for character in TYPED:
            await pilot.press("space" if character == " " else character)
        await pilot.pause(3.0)
        return app.export_screenshot(title="ttsd-tui")


def main() -> None:
    target = Path(__file__).with_name("screenshot.png")
    with tempfile.TemporaryDirectory() as folder, sound(Path(folder)), daemon(Path(folder)) as socket:
        svg = right_widths(asyncio.run(picture(socket)))
    subprocess.run(["rsvg-convert", "--width=1400", "-o", target], input=svg.encode(), check=True)
    print(target)


if __name__ == "__main__":
    main()
