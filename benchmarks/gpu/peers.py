"""Others on the same card and the same weights, each in an environment of its own; `not run` where there is none."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.gpu.options import FRAMES, Bench
from benchmarks.gpu.sources import recorded
from benchmarks.report import Row, Table, single, spread

PROGRAM: Final = Path(__file__).with_name("peer.py")
ASKED: Final = {
    "first": "text to first sound of a known clip's voice",
    "whole": f"text to all sound of {FRAMES} frames",
}


class Peer:
    """Another program: asked by a line, answers with milliseconds. What it says beside that is in a file."""

    def __init__(self, python: Path, name: str, bench: Bench) -> None:
        line = [str(python), str(PROGRAM), name, str(bench.checkpoint), bench.options.device]
        self._log = bench.folder / f"{name}.log"
        with self._log.open("w") as log:
            self._program = subprocess.Popen(
                [*line, recorded(bench.folder).path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._answer("ready")

    def ask(self, what: str, count: int) -> float | None:
        """None: it cannot do that."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"{what} {count}\n")
        self._program.stdin.flush()
        took = self._answer("took")
        return None if took == "none" else float(took)

    def _answer(self, word: str) -> str:
        """The rest of the next line that begins with `word`. Raises RuntimeError when it has ended."""
        assert self._program.stdout is not None
        while line := self._program.stdout.readline():
            if line.split(" ")[0].strip() == word:
                return line.removeprefix(word).strip()
        *_, last = ("nothing was said", *self._log.read_text(errors="replace").splitlines())
        raise RuntimeError(f"it ended: {last[:80]}")

    def close(self) -> None:
        self._program.kill()
        self._program.wait()


def run(bench: Bench) -> Iterator[Table]:
    options = bench.options
    given = {"qwen-tts": options.official, "faster-qwen3-tts": options.faster}
    rows = [row for name, python in given.items() for row in _rows(bench, name, python)]
    notes = ("one stream at a time; the first run of each is not counted",)
    yield Table("Others, on the same card and weights", tuple(rows), notes)


def _rows(bench: Bench, name: str, python: Path | None) -> Iterator[Row]:
    if python is None:
        yield single(f"{name}: not run, no interpreter was given", 0, "")
        return
    try:
        peer = Peer(python, name, bench)
        try:
            yield from _asked(bench, name, peer)
        finally:
            peer.close()
    except RuntimeError as error:
        yield single(f"{name}: not run, {error}", 0, "")


def _asked(bench: Bench, name: str, peer: Peer) -> Iterator[Row]:
    for what, label in ASKED.items():
        took = [peer.ask(what, FRAMES) for _ in range(bench.options.count(10) + 1)][1:]
        known = [one for one in took if one is not None]
        yield spread(f"{name}: {label}", known) if known else single(f"{name}: {label}: it has none", 0, "")
        if what == "whole" and known:
            yield spread(f"{name}: the same, for each frame", [one / FRAMES for one in known])
