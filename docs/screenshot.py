"""`make screenshot`: every page in English and Chinese, from the real app on a real daemon that has something to do.

Needs Debian's pulseaudio, libasound2-plugins, libportaudio2, librsvg2-bin, fonts-firacode and fonts-noto-cjk, and the
voices of `ttsd model pull voices`. The sound goes to a device that swallows it.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from svg_to_png import write_png

from ttsd import places
from ttsd.client import TtsdClient
from ttsd.protocol.jobs import JobState
from tui.app import TtsdApp
from tui.language import Language, choose
from tui.memory import Memory
from tui.playback import Player

PICTURES = Path(__file__).with_name("pictures")
SIZE = (120, 34)
WIDTH_PX = 1400
TOOLS = {"pulseaudio": "pulseaudio", "rsvg-convert": "librsvg2-bin", "fc-match": "fontconfig"}
FONTS = {"Fira Code": "fonts-firacode", "Noto Sans CJK SC": "fonts-noto-cjk"}
ALSA = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"

TYPED: dict[Language, tuple[str, ...]] = {
    "en": (
        "The first train of the morning was late again, and nobody on the platform was surprised. ",
        "Somebody had brought coffee for everyone, which helped more than any timetable. ",
        "Then the signal turned green, and the day began.",
    ),
    "zh": (
        "清晨的第一班火车又晚点了，站台上没有人觉得意外。",
        "有人给大家带来了热咖啡，这比任何时刻表都管用。",
        "后来信号灯变绿了，新的一天就这样开始了。",
    ),
}
"""What is written on the first page; the last sentence has no end yet when the picture is taken."""

VOICES = {
    "anna": ("bf_emma", "en", "Good evening. This is the news at nine, and these are today's headlines."),
    "xiaoyu": ("zf_xiaoxiao", "zh", "大家好，我是小雨。今天的天气很好，我们一起去公园走走吧。"),
}
"""Name of a voice to make: the built-in one that lends its sound, language, what is said in the clip."""

PLOT = (
    "The road went down to the river and there it ended. ",
    "She asked the ferryman what lay on the other side, and he only laughed. ",
    "In the evening they sat by the fire and told each other where they had come from. ",
)
FILES = {
    "letters/anna.txt": "Dear Anna, the garden is finally in bloom. Come and see it before the summer is over.",
    "news/monday.md": "# Monday\n\nThe bridge is open again.\n\n- Trains run every hour.\n- The library opens late.",
    "会议纪要.txt": "会议上午九点开始。大家讨论了下个月的计划，并决定增加两个班次。",
    "empty.txt": "",
    "novel/01-the-road.txt": "".join(PLOT) * 8,
}
CHAPTERS = ("02-the-ferry", "03-the-island", "04-the-return")


def chapters(language: Language) -> dict[str, str]:
    """Long enough to be in the making while pictures are taken; no sentence was spoken before."""
    days = range(300)
    return {
        f"{'novel' if language == 'en' else '小说'}/{chapter}.txt": "".join(
            f"On day {day} of {chapter[3:]} in the book {language}, the water was still high. {PLOT[day % len(PLOT)]}"
            for day in days
        )
        for chapter in CHAPTERS
    }


def lacking() -> list[str]:
    """Debian packages without which no picture can be taken."""
    if packages := [package for tool, package in TOOLS.items() if not shutil.which(tool)]:
        return packages
    found = {font: subprocess.check_output(["fc-match", font], text=True) for font in FONTS}
    return [package for font, package in FONTS.items() if font not in found[font]]


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
def daemon(home: Path, models: Path) -> Iterator[Path]:
    """A daemon below `home`; yields its socket."""
    (home / "models").symlink_to(models)
    for name in ("RUNTIME", "STATE", "CACHE", "LOGS"):
        os.environ[f"{name}_DIRECTORY"] = str(home)
    os.environ["TTSD__SPOOL__SETTLE_S"] = "0.1"
    os.environ["TTSD_SOCKET"] = str(home / "ttsd.sock")
    process = subprocess.Popen([sys.executable, "-m", "ttsd.cli", "serve"], stderr=subprocess.DEVNULL)
    try:
        wait(lambda: subprocess.run([*TTSD, "status"], capture_output=True, check=False).returncode == 0)
        yield home / "ttsd.sock"
    finally:
        process.terminate()
        process.wait()


TTSD = (sys.executable, "-m", "ttsd.cli")


def furnish(home: Path) -> None:
    """Voices, and files that were spoken."""
    for name, (lender, language, text) in VOICES.items():
        clip = home / "clip.wav"
        subprocess.run([*TTSD, "say", "--voice", lender, "--language", language, text, "-o", clip], check=True)
        made_of = ["--audio", clip, "--transcript", text, "--language", language]
        subprocess.run([*TTSD, "voices", "add", name, *made_of], check=True, stdout=subprocess.DEVNULL)
    drop(home, FILES)
    wait(lambda: len(list((home / "spool").glob("done/**/*.*"))) >= len(FILES) - 1)


def drop(home: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = home / "spool/inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def wait(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("the pictures could not be taken: something did not start in time")
        time.sleep(0.05)


async def until(pilot: Any, condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("the pictures could not be taken: the app did not come so far")
        await pilot.pause(0.05)


async def pictures(socket: Path, language: Language) -> AsyncIterator[tuple[str, str]]:
    """Name and SVG of each page."""
    memory = Memory(socket.parent / f"app-{language}")
    memory.remember(toured=True)
    app = TtsdApp(TtsdClient(str(socket)), memory, make_player=lambda on_change: Player(on_change, latency_s=0.1))

    def shot() -> str:
        return app.export_screenshot(title="ttsd-tui")

    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.worker and app.state.worker.engine and app.player.sound.available)
        for text in TYPED[language]:
            app.screen.query_one("Composer").insert(text)
            await pilot.pause(0.3)
        await until(pilot, lambda: app.narrator.heard > 9.0 * 24_000)
        yield "speak", shot()
        dark, app.theme = app.theme, "ttsd-light"
        await pilot.pause(0.3)
        yield "speak-light", shot()
        app.theme = dark
        await pilot.press("escape", "f2")
        await pilot.pause(2.0)
        yield "voices", shot()
        drop(socket.parent, chapters(language))
        await pilot.press("f3")
        await until(
            pilot, lambda: any(job.segments_done > 20 for job in app.state.newest_jobs() if not job.state.final)
        )
        await pilot.press(*["down"] * _place(app, JobState.RUNNING))
        await pilot.pause(0.5)
        yield "jobs", shot()
        await pilot.press("f4")
        await pilot.pause(3.0)
        yield "health", shot()
        await pilot.press("f5")
        await pilot.pause(1.0)
        yield "logs", shot()
        for job in app.state.newest_jobs():
            if not job.state.final:
                await app.client.cancel(job.id)


def _place(app: TtsdApp, state: JobState) -> int:
    """Of the first job in that state, in the list."""
    return next((place for place, job in enumerate(app.state.newest_jobs()) if job.state is state), 0)


async def take(socket: Path, language: Language) -> None:
    choose(language)
    async for name, svg in pictures(socket, language):
        target = PICTURES / f"{name}.{language}.png"
        write_png(svg, target, WIDTH_PX)
        print(target)


def main() -> None:
    if packages := lacking():
        sys.exit(f"the pictures need: apt install {' '.join(packages)}")
    models = places.cache_dir() / "models"
    if not list(models.glob("kokoro-*")):
        sys.exit("the pictures need voices that speak Chinese: ttsd model pull voices")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ttsd-") as folder:
        home = Path(folder)
        with sound(home), daemon(home, models) as socket:
            furnish(home)
            for language in TYPED:
                asyncio.run(take(socket, language))


if __name__ == "__main__":
    main()
