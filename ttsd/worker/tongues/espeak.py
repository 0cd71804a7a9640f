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

VOICES: Final = {"de": "de", "ru": "ru", "ko": "ko", "es": "es", "fr": "fr", "it": "it", "pt": "pt-br"}
"""Its name of each language that it is good for; English, Chinese and Japanese are beyond it."""
INSTALL: Final = "pip install espeakng-loader, or install your system's package espeak-ng"
WORDS_A_MINUTE: Final = 165
"""What it takes for a speed of 1; it goes from 80 to 450."""

_PROGRAM: Final = Path(__file__).with_name("espeak_program.py")
_RATE_HZ: Final = 22_050
_BLOCK_BYTES: Final = 8192
_PATIENCE_S: Final = 20.0
_UNNAMED: Final = ("??", "ʊɾ")
"""What espeak-ng 1.51 writes for the German `ur` of Burg, which has no name in its tables."""
_MARKS: Final = re.compile(r"\s*([,.!?;:…—“”«»()¡¿\"]+(?=\s|$)|[¡¿“«(\"—])\s*")
_KEPT: Final = str.maketrans({"¡": "", "¿": "", "«": "“", "»": "”", '"': ""})


class Espeak:
    """One installation of espeak-ng; each call runs it as a program, so that calls know nothing of each other."""

    def __init__(self, library: str, data: str, version: str, patience_s: float = _PATIENCE_S) -> None:
        self.version = version
        self._patience_s = patience_s
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
            _check(program.wait(), voice)
        yield resample.resample_chunk(np.zeros(0, np.float32), last=True)

    def phonemes(self, text: str, voice: str) -> str:
        """IPA of `text`, its punctuation kept. Raises EngineFailed."""
        pieces = _MARKS.split(text)  # clause, mark, clause, …
        clauses = [" ".join(clause.split()) for clause in pieces[::2]]
        said = self._said("\n".join(clauses), voice).split("\n")
        spoken = [" ".join(line.split()) for line in said]
        marks = [mark.translate(_KEPT) for mark in pieces[1::2]] + [""]
        return "".join(_joined(clause, mark) for clause, mark in zip(spoken, marks, strict=False)).strip()

    def _said(self, text: str, voice: str) -> str:
        """Its phonemes of each line."""
        command = [*self._line, voice, "0", "phonemes"]
        try:
            done = subprocess.run(  # noqa: S603 — our own program
                command, input=text.encode(), capture_output=True, check=False, timeout=self._patience_s
            )
        except subprocess.TimeoutExpired as error:
            raise EngineFailed(f"espeak-ng has not answered in {self._patience_s:g} s") from error
        _check(done.returncode, voice)
        return done.stdout.decode(errors="replace").replace(*_UNNAMED)

    @contextlib.contextmanager
    def _started(self, text: str, voice: str, rate: str, wanted: str) -> Generator[Any]:
        command = [*self._line, voice, rate, wanted]
        # Short-lived, and ended here whatever happens.
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:  # noqa: S603, TID251
            try:
                assert program.stdin is not None
                # Where it has ended already, its exit status tells why.
                with contextlib.suppress(BrokenPipeError), program.stdin as written:
                    written.write(text.encode())
                yield program
            finally:
                program.kill()


def _check(status: int, voice: str) -> None:
    if status:
        raise EngineFailed(f"espeak-ng ended with {status}; its voice {voice!r} may be missing: {INSTALL}")


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
