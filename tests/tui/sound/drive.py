"""The app on an invisible terminal and a real sound device, driven by lines on stdin; answers are JSON lines.

Started by the tests with the environment of their sound server: PortAudio reads it once, when it is imported.

    python drive.py SOCKET LATENCY_MS
    type TEXT       types it
    paste TEXT      types it at once
    press KEY       presses a key
    sees TEXT       waits until the text stands on the screen
    fill FIELD TEXT writes it into a field of the form in front
    heard           waits until everything was heard; {"heard": samples}
    loud            waits until half a second was heard; {"heard": samples}
    device yes|no   waits until there is a device, or none
    made            waits until the daemon has sent the sound of all that was typed
    where           {"at": monotonic, "heard": samples}
    outputs         {"outputs": names of devices}
    choose DEVICE   plays on that device from now on
    save FILE       writes the take's sound to FILE as raw PCM
    state           {"playing", "samples", "phrases", "available", "note"}
    quit
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual.widgets import Input

from ttsd.client import TtsdClient
from tui.app import TtsdApp
from tui.memory import Memory
from tui.playback import Player
from tui.widgets.composer import Composer

KEYS = {" ": "space", ".": "full_stop", ",": "comma"}
LIMIT_S = 60.0


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.005)


class Driver:
    """Does what a line says."""

    def __init__(self, app: TtsdApp, pilot) -> None:
        self.app = app
        self.pilot = pilot

    async def type(self, text: str) -> None:
        await self.pilot.press(*(KEYS.get(letter, letter) for letter in text))

    async def paste(self, text: str) -> None:
        self.app.screen.query_one(Composer).insert(text)

    async def press(self, key: str) -> dict[str, object]:
        at = time.monotonic()
        await self.pilot.press(key)
        return {"at": at}

    async def sees(self, text: str) -> None:
        await until(lambda: any(text in strip.text for strip in self.app.screen._compositor.render_strips()))

    async def fill(self, argument: str) -> None:
        field, _, text = argument.partition(" ")
        self.app.screen.query_one(f"#{field}", Input).value = text

    async def heard(self, _: str) -> dict[str, object]:
        take, player = self.app.narrator, self.app.player
        await until(lambda: take.take.samples and not take.script.pending.strip() and not player.playing)
        return {"heard": player.heard}

    async def loud(self, _: str) -> dict[str, object]:
        await until(lambda: self.app.player.heard > 12_000)
        return {"heard": self.app.player.heard}

    async def device(self, wanted: str) -> None:
        await until(lambda: self.app.player.sound.available is (wanted == "yes"))

    async def made(self, _: str) -> None:
        await until(lambda: self.app.narrator.take.samples and not self.app.narrator.script.pending.strip())

    async def where(self, _: str) -> dict[str, object]:
        return {"heard": self.app.player.heard, "at": time.monotonic()}

    async def outputs(self, _: str) -> dict[str, object]:
        return {"outputs": await asyncio.to_thread(self.app.player.outputs)}

    async def choose(self, device: str) -> None:
        self.app.player.choose(device)
        await until(lambda: self.app.player.sound.note == device)

    async def save(self, file: str) -> None:
        Path(file).write_bytes(bytes(self.app.narrator.recording.pcm))

    async def state(self, _: str) -> dict[str, object]:
        narrator, player = self.app.narrator, self.app.player
        return {
            "playing": player.playing,
            "samples": narrator.take.samples,
            "starts": [phrase.start for phrase in narrator.take.phrases],
            "available": player.sound.available,
            "note": player.sound.note,
        }


async def main() -> None:
    socket, latency_ms = sys.argv[1:]
    app = TtsdApp(
        TtsdClient(socket),
        Memory(Path(socket).parent / "app"),
        make_player=lambda on_change: Player(on_change, latency_s=int(latency_ms) / 1000),
    )
    loop = asyncio.get_running_loop()
    async with app.run_test(size=(100, 30)) as pilot:
        driver = Driver(app, pilot)
        await until(lambda: app.state.worker and app.state.worker.engine and app.player.sound.available is not None)
        answer(None)
        while (line := (await loop.run_in_executor(None, sys.stdin.readline)).rstrip("\n")) != "quit":
            name, _, argument = line.partition(" ")
            answer(await getattr(driver, name)(argument))


def answer(value: dict[str, object] | None) -> None:
    print(json.dumps(value or {}), file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
