"""`ttsd-tui`: the terminal app."""

import argparse
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

USAGE_ERROR: Final = 2
FIXED_SIZES: Final = ("COLUMNS", "LINES")
"""Some shells and libraries export these; they go before what the terminal says, and stay when it is resized."""


def main() -> None:
    """Run the app until it is left."""
    arguments = _arguments()
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        print("ttsd-tui: this is a terminal app; run it in a terminal", file=sys.stderr)  # noqa: T201 — no app yet
        sys.exit(USAGE_ERROR)

    from ttsd.client import TtsdClient
    from tui.app import TtsdApp
    from tui.playback import Player

    for name in FIXED_SIZES:
        os.environ.pop(name, None)
    latency_s = arguments.latency_ms / 1000
    with screen_of_its_own():
        app = TtsdApp(
            TtsdClient(arguments.socket), make_player=lambda on_change: Player(on_change, latency_s=latency_s)
        )
        app.run()
    sys.exit(app.return_code or 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ttsd-tui", description="Write, and hear it; watch the queue and the daemon.")
    parser.add_argument(
        "--socket", metavar="PATH", default=None, help="the daemon's socket (default: $TTSD_SOCKET, or the usual place)"
    )
    parser.add_argument(
        "--latency-ms", type=int, default=80, metavar="MS", help="sound buffer; more when it stutters (default 80)"
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
