"""Is the machine fit for it: Python, the engine's parts, cards, sound, systemd?"""

import importlib
import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.cli.wording import size
from ttsd.config import Config

NEEDED_PYTHON: Final = (3, 11)
PARTS: Final = {"builtin": ("hibari", "pip install ttsd"), "qwen3": ("torch", "pip install 'ttsd[qwen]'")}
"""The engines that need a package, its module, and how to get it."""
PLAIN_FORMATS: Final = ("wav", "pcm")
PATIENCE_S: Final = 60.0


def python() -> Finding:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < NEEDED_PYTHON:
        return fail("python", found, "install Python 3.11 or later and make the environment again")
    return ok("python", found)


def parts(config: Config) -> Finding:
    """Can the engine's package be imported? Tried for real, in a process of its own."""
    if config.engine.name not in PARTS:
        return ok("engine", f"{config.engine.name} needs no package")
    module, remedy = PARTS[config.engine.name]
    if importlib.util.find_spec(module) is None:
        return fail("engine", f"{config.engine.name} needs {module}, which is not installed", remedy)
    version = f"import {module}; print(getattr({module}, '__version__', ''))"
    tried = _run(sys.executable, "-c", version)
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or ["it died"])[-1]
        return fail("engine", f"{config.engine.name}: {module} cannot be imported: {reason}", remedy)
    return ok("engine", f"{config.engine.name}: {module} {tried.stdout.strip()} can be imported")


def formats(config: Config) -> Finding:
    """Can files be made in the formats that are configured?"""
    wanted = {config.output.format, *(spool.format for spool in config.all_spools.values())} - {"", *PLAIN_FORMATS}
    asked = [*sorted(wanted), *(["loudness"] if config.output.loudness_lufs else [])]
    if importlib.util.find_spec("av") is not None:
        return ok("formats", "all of them: wav pcm flac mp3 opus m4a m4b")
    if asked:
        return fail("formats", f"{', '.join(asked)}: av is not installed", "pip install 'ttsd[formats]'")
    return ok("formats", "wav and pcm; more with pip install 'ttsd[formats]'")


def cards(config: Config) -> Iterator[Finding]:
    """NVIDIA cards, as the driver tells of them."""
    pynvml: Any = importlib.import_module("pynvml")
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        for index, handle in enumerate(handles):
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            yield ok(
                f"card {index}", f"{pynvml.nvmlDeviceGetName(handle)}, {size(memory.used)} of {size(memory.total)} used"
            )
    except pynvml.NVMLError as error:
        if config.engine.name == "qwen3" and config.qwen3.device != "cpu":
            yield fail("card", f"no NVIDIA driver answers ({error})", "install the driver, or set [qwen3] device")
        else:
            yield ok("card", f"none, and {config.engine.name} needs none")


def sound() -> Finding:
    """Is there anything to play on? A server without one is well all the same."""
    try:
        sounddevice: Any = importlib.import_module("sounddevice")
    except OSError:
        return warn("sound", "PortAudio is not installed", "apt install libportaudio2; or save to files with -o")
    try:
        device = sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        return warn("sound", "no device to play on", "save to files with -o FILE.wav; or start a sound server")
    return ok("sound", f"plays on {device['name']}")


def systemd(running: Path = Path("/run/systemd/system")) -> Iterator[Finding]:
    """Is the service installed and active, for the system or for this user?"""
    if not running.is_dir():
        yield ok("systemd", "not running here; start the daemon with `ttsd serve`")
        return
    found = [(scope, state) for scope in ("system", "user") if (state := _unit_state(scope)) is not None]
    for scope, state in found:
        unit = f"ttsd.service ({scope}) is {state}"
        remedy = f"journalctl {'--user ' if scope == 'user' else ''}-u ttsd"
        yield fail("systemd", unit, remedy) if state == "failed" else ok("systemd", unit)
    if not found:
        yield warn("systemd", "the service is not installed", "make install; or start the daemon with `ttsd serve`")


def _unit_state(scope: str) -> str | None:
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return None
    shown = _run(systemctl, f"--{scope}", "show", "ttsd.service", "--property=LoadState,ActiveState")
    values = dict(line.split("=", 1) for line in shown.stdout.splitlines() if "=" in line)
    return values.get("ActiveState") if values.get("LoadState") == "loaded" else None


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    # Every command here is written above; nothing in it comes from outside.
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)  # noqa: S603
