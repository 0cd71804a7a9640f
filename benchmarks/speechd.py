"""A private speech-dispatcher with its espeak-ng module, and a client that speaks SSIP to it."""

import contextlib
import shutil
import socket
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import speechd_tap
from benchmarks.daemon import TMPFS, private_folder
from benchmarks.programs import environment, running, wait_for

MODULE: Final = Path("/usr/lib/speech-dispatcher-modules/sd_espeak-ng")
MODULE_CONFIG: Final = Path("/etc/speech-dispatcher/modules/espeak-ng.conf")
CONFIG: Final = """\
LogLevel 1
AudioOutputMethod "alsa"
AudioALSADevice "default"
DefaultModule espeak-ng
DefaultLanguage "en"
AddModule "espeak-ng" "sd_tap" "espeak-ng.conf"
"""
SILENT_DEVICE: Final = "pcm.!default { type null }\nctl.!default { type hw card 0 }\n"
"""ALSA's null device takes sound as fast as it comes."""


def missing() -> str:
    """Why there is nothing to compare with; empty when there is."""
    if not shutil.which("speech-dispatcher") or not MODULE.exists():
        return "speech-dispatcher is not installed: apt install speech-dispatcher speech-dispatcher-espeak-ng"
    return ""


class Spoken(msgspec.Struct, frozen=True):
    """One message: from before SPEAK to its first sound, and to the end of playback."""

    first_ms: float
    total_ms: float


class Client:
    """One SSIP connection that waits for each message's end."""

    def __init__(self, connection: socket.socket, times: Path) -> None:
        self._lines = connection.makefile("rwb")
        self._times = times
        for command in ("CLIENT_NAME bench:bench:bench", "OUTPUT_MODULE espeak-ng", "NOTIFICATION END on"):
            self._tell(f"SET SELF {command}")

    def speak(self, text: str) -> Spoken:
        known = len(self._sounds())
        started = time.perf_counter()
        self._tell("SPEAK")
        self._tell(f"{text}\r\n.")
        self._answer("702 ")
        total_ms = (time.perf_counter() - started) * 1000
        return Spoken((self._sounds()[known] - started) * 1000, total_ms)

    def _tell(self, command: str) -> None:
        self._lines.write(f"{command}\r\n".encode())
        self._lines.flush()
        self._answer("2")

    def _answer(self, beginning: str) -> None:
        """Read to the last line of an answer or event, which has a space after its number."""
        while True:
            line = self._lines.readline().decode()
            if not line:
                raise ConnectionError("speech-dispatcher has gone")
            if line[3:4] == " ":
                if not line.startswith(beginning):
                    raise RuntimeError(f"speech-dispatcher says: {line.strip()}")
                return

    def _sounds(self) -> list[float]:
        return [float(line) for line in self._times.read_text().splitlines()] if self._times.exists() else []


@contextlib.contextmanager
def speech_dispatcher() -> Generator[Client]:
    """A server of one's own that has spoken once: its modules are loaded."""
    with private_folder(TMPFS) as base:
        path = base / "s"
        env = environment(HOME=str(base), XDG_RUNTIME_DIR=str(base), ALSA_CONFIG_PATH=str(base / "alsa.conf"))
        with (base / "log").open("wb") as log, running(_prepare(base, path), env=env, stdout=log, stderr=log):
            wait_for("speech-dispatcher", path.exists, timeout_s=10)
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(30)
                connection.connect(str(path))
                client = Client(connection, base / "times")
                client.speak("Ready.")
                yield client


def _prepare(base: Path, path: Path) -> list[str | Path]:
    """Write the configuration and return the command."""
    config, modules = base / "conf", base / "modules"
    (config / "modules").mkdir(parents=True)
    modules.mkdir()
    (config / "speechd.conf").write_text(CONFIG)
    (base / "alsa.conf").write_text(SILENT_DEVICE)
    shutil.copy(MODULE_CONFIG, config / "modules")
    tap = modules / "sd_tap"
    tap.write_text(f'#!/bin/sh\nexec {sys.executable} {speechd_tap.__file__} {MODULE} {base / "times"} "$@"\n')
    tap.chmod(0o755)
    places = ["-L", base, "-P", base / "pid", "-C", config, "-m", modules]
    return ["speech-dispatcher", "-s", "-t", "0", "-l", "1", "-c", "unix_socket", "-S", path, *places]
