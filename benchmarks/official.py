"""The official package in its own process, asked for timings by turns with ours."""

import os
import subprocess
from pathlib import Path
from typing import Final

PYTHON: Final = Path(".venv-oracle/bin/python")


class Official:
    """The other program: asked by a line, answers with milliseconds."""

    def __init__(self, checkpoint: Path, threads: int = 1) -> None:
        if not PYTHON.exists():
            raise SystemExit(f"{PYTHON} is missing: make oracle builds it")
        line = [str(PYTHON), "tests/oracle/timed.py", str(checkpoint), str(threads)]
        env = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self._program = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
        )
        while (answer := self._line()) != "ready\n":  # it says other things too
            if not answer:
                raise RuntimeError(f"{PYTHON} does not start the official package: make oracle")

    def ask(self, what: str, count: int) -> float:
        assert self._program.stdin is not None
        self._program.stdin.write(f"{what} {count}\n")
        self._program.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline()

    def close(self) -> None:
        self._program.kill()
        self._program.wait()
