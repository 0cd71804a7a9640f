"""The terminal app as its user meets it: in a pseudo-terminal, with a real daemon and a sound server."""

import contextlib
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from benchmarks import loudspeaker
from benchmarks.daemon import TMPFS, Daemon, daemon, private_folder
from benchmarks.loudspeaker import Loudspeaker
from benchmarks.options import Options
from benchmarks.programs import BIN, cpu_s, environment, usage
from benchmarks.report import Row, Table, Target, percentile, single, spread
from benchmarks.screen import Screen, screen
from benchmarks.wire import stream

ABOVE_EMPTY: Final = Target(150.0)
KEY_TO_SCREEN: Final = Target(16.0)
SPEAKING: Final = Target(5.0)
KEY_TO_SOUND: Final = Target(60.0)
MEMORY: Final = Target(120.0)
EMPTY_APP: Final = Path(__file__).with_name("empty_app.py")
FIRST_PAINT: Final = "F1 Speak"
CONNECTED: Final = "● ready"
"""What ttsd-tui shows of itself, and of the daemon."""
CLEAR: Final = "\x1b[19~"
READ: Final = "\x1b[17~"
STOP: Final = "\x1b"
"""F8, F6 and Esc."""
RARE: Final = "ßðøþæđħŋ"
"""Letters that stand nowhere else on the screen."""
REQUESTS_A_SECOND: Final = 10
"""Each is a line of the log and two changes of the worker: 30 events a second."""
WATCHED_S: Final = 10.0


def run(options: Options) -> Iterator[Table]:
    with daemon({"engine.name": "fake"}) as ttsd:
        remembered = ttsd.base / "state/ttsd/tui/app.json"
        remembered.parent.mkdir(parents=True)
        remembered.write_text('{"toured": true}')
        yield _paint(ttsd, options.count(20))
        yield _keys(ttsd, options.count(100))
        yield _sound(ttsd, options.count(30))


def _paint(ttsd: Daemon, count: int) -> Table:
    """One after the other, so that both see the same machine."""
    empty: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    connected: list[float] = []
    for _ in range(count):
        with screen([sys.executable, EMPTY_APP], environment()) as shown:
            empty.append(_painted(shown, "ready"))
        with screen([BIN / "ttsd-tui"], ttsd.environment) as shown:
            ours.append(_painted(shown, FIRST_PAINT))
            connected.append((shown.shown_s(CONNECTED) - shown.started_s) * 1000)
    reference = spread("empty Textual app", [wall for wall, _ in empty])
    above = [[mine[which] - least[which] for least, mine in zip(empty, ours, strict=True)] for which in (0, 1)]
    rows = (
        reference,
        spread("ttsd-tui, first paint", [wall for wall, _ in ours], against=reference),
        spread("ttsd-tui, above the empty app", above[0], target=ABOVE_EMPTY),
        spread("ttsd-tui, above the empty app, processor time", above[1], target=ABOVE_EMPTY),
        spread("ttsd-tui, shows the daemon's state", connected, against=reference),
    )
    return Table("Terminal app, process start to first paint (120 × 36)", rows)


def _painted(shown: Screen, mark: str) -> tuple[float, float]:
    """Wall and processor time until `mark` stands on the screen, in ms."""
    at_s = shown.shown_s(mark)
    return (at_s - shown.started_s) * 1000, cpu_s(shown.program.pid) * 1000


def _keys(ttsd: Daemon, count: int) -> Table:
    with screen([BIN / "ttsd-tui"], ttsd.environment) as shown, _events(ttsd):
        shown.shown_s(CONNECTED)
        time.sleep(1.0)
        took_ms: list[float] = []
        work_ms: list[float] = []
        for n in range(count):
            letter = RARE[n % len(RARE)]
            used_s = cpu_s(shown.program.pid)
            pressed_s = shown.write(letter)
            took_ms.append((shown.shown_s(letter, pressed_s) - pressed_s) * 1000)
            work_ms.append((cpu_s(shown.program.pid) - used_s) * 1000)
            time.sleep(0.05 + n % 7 * 0.013)  # at no fixed place between two frames of the app
            if n % len(RARE) == len(RARE) - 1:
                shown.write("\x7f" * len(RARE))
                time.sleep(0.2)
    rows = (
        spread("key to screen", took_ms),
        single("key to screen, p95", percentile(took_ms, 0.95), "ms", target=KEY_TO_SCREEN),
        spread("the app's processor time in that time", work_ms),
    )
    return Table("Terminal app, a key to its letter on the terminal, with 30 events a second", rows)


@contextlib.contextmanager
def _events(ttsd: Daemon) -> Generator[None]:
    """The daemon has something to tell, evenly."""
    over = threading.Event()

    def speak() -> None:
        n = 0
        while not over.wait(1 / REQUESTS_A_SECOND):
            n += 1
            stream(ttsd.socket, f"{n}.")

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _sound(ttsd: Daemon, count: int) -> Table:
    title = "Terminal app, sound and memory"
    if tools := loudspeaker.missing():
        return Table(title, (), (f"not measured: {', '.join(tools)} missing",))
    with private_folder(TMPFS) as folder, loudspeaker.loudspeaker(folder) as heard:
        env = {**ttsd.environment, **heard.environment}
        with screen([BIN / "ttsd-tui", "--socket", ttsd.socket], env) as shown:
            shown.shown_s(CONNECTED)
            time.sleep(2.0)
            rows = (*_first_sounds(shown, heard, count), *_speaking(shown, heard))
    return Table(title, rows)


def _first_sounds(shown: Screen, heard: Loudspeaker, count: int) -> Iterator[Row]:
    took_ms: list[float] = []
    for n in range(count):
        shown.write(f"{CLEAR}Number {n} is there.")
        time.sleep(0.1)
        pressed_s = shown.write(" ")
        took_ms.append((heard.began_s(pressed_s) - pressed_s) * 1000)
        heard.hush()
    yield spread("key to sound at the sound server", took_ms, target=KEY_TO_SOUND)


def _speaking(shown: Screen, heard: Loudspeaker) -> Iterator[Row]:
    text = "This is a sentence that takes a while to be said. " * 30
    shown.write(f"{CLEAR}\x1b[200~{text}\x1b[201~")
    time.sleep(2.0)
    shown.write(STOP)
    heard.hush()
    pressed_s = shown.write(READ)
    heard.began_s(pressed_s)
    time.sleep(3.0)
    speaking = _share(shown)
    memory_mb = usage(shown.program.pid).rss_mb
    shown.write(STOP)
    with screen([sys.executable, EMPTY_APP, "tick"], environment()) as counting:
        counting.shown_s("ready")
        time.sleep(1.0)
        least = single("a core, while an empty app counts up 30 times a second", _share(counting), "%")
    yield least
    yield single("a core, while speaking", speaking, "%", against=least, target=SPEAKING)
    yield single("memory", memory_mb, "MB", target=MEMORY)


def _share(shown: Screen) -> float:
    """Of a core, for a while, in percent."""
    began_s, used_s = time.perf_counter(), cpu_s(shown.program.pid)
    time.sleep(WATCHED_S)
    return (cpu_s(shown.program.pid) - used_s) / (time.perf_counter() - began_s) * 100
