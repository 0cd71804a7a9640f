"""The least a Textual app can be: one word on the screen; or, with `tick`, a count that goes on 30 times a second."""

import sys
from itertools import count
from typing import Final

from textual.app import App, ComposeResult
from textual.widgets import Static

FRAMES_PER_S: Final = 30


class Empty(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("ready")

    def on_mount(self) -> None:
        if "tick" in sys.argv:
            word, numbers = self.query_one(Static), count()
            self.set_interval(1 / FRAMES_PER_S, lambda: word.update(f"ready {next(numbers)}", layout=False))


if __name__ == "__main__":
    Empty().run()
