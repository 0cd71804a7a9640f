"""espeak-ng, where somebody has installed it: its sound, and its phonemes for Kokoro."""

import contextlib
import importlib
import importlib.util
import re
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from ttsd.protocol.errors import EngineFailed
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.worker.silence import Sound

VOICES: Final = {
    "en": "en-us", "zh": "cmn", "ja": "ja", "ko": "ko", "de": "de", "fr": "fr", "ru": "ru", "pt": "pt-br", "es": "es",
    "it": "it",
}  # fmt: skip
"""Its name of each language."""
INSTALL: Final = "pip install espeakng-loader, or install your system's package espeak-ng"
WORDS_A_MINUTE: Final = 165
"""What it takes for a speed of 1; it goes from 80 to 450."""

_PROGRAM: Final = Path(__file__).with_name("espeak_program.py")
_RATE_HZ: Final = 22_050
_BLOCK_BYTES: Final = 8192
_PATIENCE_S: Final = 20.0
_MARKS: Final = re.compile(r"\s*([,.!?;:…—“”«»()¡¿\"]+(?=\s|$)|[¡¿“«(\"—])\s*")
_KEPT: Final = str.maketrans({"¡": "", "¿": "", "«": "“", "»": "”", '"': ""})


class Espeak:
    """One installation of espeak-ng; each call runs it as a program, so that calls know nothing of each other."""

    def __init__(self, library: str, data: str, version: str) -> None:
        self.version = version
        self._line = [sys.executable, "-I", "-S", str(_PROGRAM), library, data]

    def sound(self, text: str, voice: str, speed: float, cancelled: threading.Event) -> Generator[Sound]:
        """24 kHz, block by block as it is made. Raises EngineFailed."""
        soxr: Any = importlib.import_module("soxr")  # of the extra
        resample: Any = soxr.ResampleStream(_RATE_HZ, SAMPLE_RATE_HZ, 1, dtype="float32")
        rate = str(round(WORDS_A_MINUTE * speed))
        with self._started(text, voice, rate, "sound") as program:
            assert program.stdout is not None
            while not cancelled.is_set() and (data := program.stdout.read(_BLOCK_BYTES)):
                yield resample.resample_chunk(np.frombuffer(data, "<i2").astype(np.float32) / 32768)
            if cancelled.is_set():
                return
            if code := program.wait():
                raise EngineFailed(f"espeak-ng ended with {code}; its voice {voice!r} may be missing: {INSTALL}")
        yield resample.resample_chunk(np.zeros(0, np.float32), last=True)

    def phonemes(self, text: str, voice: str) -> str:
        """IPA of `text`, its punctuation kept. Raises EngineFailed."""
        pieces = _MARKS.split(text)  # clause, mark, clause, …
        clauses = [" ".join(clause.split()) for clause in pieces[::2]]
        done = subprocess.run(  # noqa: S603 — our own program
            [*self._line, voice, "0", "phonemes"],
            input="\n".join(clauses).encode(),
            capture_output=True,
            check=False,
            timeout=_PATIENCE_S,
        )
        if done.returncode:
            raise EngineFailed(f"espeak-ng ended with {done.returncode}; its voice {voice!r} may be missing: {INSTALL}")
        spoken = [" ".join(line.split()) for line in done.stdout.decode(errors="replace").split("\n")]
        marks = [mark.translate(_KEPT) for mark in pieces[1::2]] + [""]
        return "".join(_joined(clause, mark) for clause, mark in zip(spoken, marks, strict=False)).strip()

    @contextlib.contextmanager
    def _started(self, text: str, voice: str, rate: str, wanted: str) -> Generator[Any]:
        command = [*self._line, voice, rate, wanted]
        # Short-lived, and ended here whatever happens.
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:  # noqa: S603, TID251
            try:
                assert program.stdin is not None
                program.stdin.write(text.encode())
                program.stdin.close()
                yield program
            finally:
                program.kill()


def find() -> Espeak | None:
    """The Python package `espeakng-loader`, else the system's library, else none."""
    for library, data in _places():
        command = [sys.executable, "-I", "-S", str(_PROGRAM), library, data, "", "0", "version"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE_S)  # noqa: S603 — ours
            if not done.returncode and done.stdout:
                return Espeak(library, data, done.stdout.decode(errors="replace").split()[0])
    return None


def _places() -> Iterator[tuple[str, str]]:
    if importlib.util.find_spec("espeakng_loader") is not None:
        loader: Any = importlib.import_module("espeakng_loader")
        yield str(loader.get_library_path()), str(loader.get_data_path())
    yield "libespeak-ng.so.1", ""


def _joined(clause: str, mark: str) -> str:
    return f"{clause} {mark}" if mark in ("“", "(", "—") else f"{clause}{mark} "
