"""`ttsd-tui`: the terminal app."""

import argparse
import gc
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

USAGE_ERROR: Final = 2
FIXED_SIZES: Final = ("COLUMNS", "LINES")
"""Some shells and libraries export these; they go before what the terminal says, and stay when it is resized."""
FRAMES_PER_S: Final = 120
"""How often Textual may paint: a key waits for the next frame."""


def main() -> None:
    """Run the app until it is left."""
    arguments = _arguments()
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        print("ttsd-tui: this is a terminal app; run it in a terminal", file=sys.stderr)  # noqa: T201 — no app yet
        sys.exit(USAGE_ERROR)

    gc.disable()  # until the first paint: nothing that is imported is garbage
    os.environ.setdefault("TEXTUAL_FPS", str(FRAMES_PER_S))  # read on import
    from ttsd.client import TtsdClient
    from ttsd.client.preferences import preferences
    from tui.app import TtsdApp
    from tui.language import choose, wanted
    from tui.memory import Memory, folder
    from tui.playback import Player

    for name in FIXED_SIZES:
        os.environ.pop(name, None)
    latency_s = arguments.latency_ms / 1000
    wishes, memory = preferences(), Memory(folder())
    with screen_of_its_own():
        while True:
            choose(wanted(memory.recall().language, wishes.language))
            app = TtsdApp(
                TtsdClient(arguments.socket),
                memory,
                wishes,
                make_player=lambda on_change: Player(on_change, latency_s=latency_s),
            )
            app.run()
            if not app.again:
                break
    sys.exit(app.return_code or 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ttsd-tui", description="Write, and hear it; watch the queue and the daemon.")
    parser.add_argument(
        "--socket", metavar="PATH", default=None, help="the daemon's socket (default: $TTSD_SOCKET, or the usual place)"
    )
    parser.add_argument(
        "--latency-ms", type=int, default=30, metavar="MS", help="sound buffer; more once it stutters (default 30)"
    )
    return parser.parse_args()


@contextmanager
def screen_of_its_own() -> Generator[None]:
    """The app paints through a descriptor of its own; descriptor 2 is nobody's.

    ALSA writes its complaints to descriptor 2, over the screen, and sounddevice points it at /dev/null
    for a moment when it looks for devices: what is painted then would be lost.
    """
    terminal = os.dup(2)
    stream = sys.__stderr__
    null = os.open(os.devnull, os.O_WRONLY)
    with open(terminal, "w", encoding="utf-8", closefd=False) as screen:
        sys.__stderr__ = screen  # pyright: ignore[reportAttributeAccessIssue] — Textual paints on this very object
        os.dup2(null, 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            sys.__stderr__ = stream  # pyright: ignore[reportAttributeAccessIssue] — as above
            os.close(null)
    os.close(terminal)


if __name__ == "__main__":
    main()
