"""Is the machine fit for it: Python, formats, sound?"""

import importlib
import importlib.util
import platform
import sys
from typing import Any, Final

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.config import Config

PLAIN_FORMATS: Final = ("wav", "pcm")


def python() -> Finding:
    return ok("python", f"{platform.python_version()} at {sys.executable}")


def formats(config: Config) -> Finding:
    """Can files be made in the formats that are configured?"""
    wanted = {config.output.format, *(spool.format for spool in config.all_spools.values())} - {"", *PLAIN_FORMATS}
    asked = [*sorted(wanted), *(["loudness"] if config.output.loudness_lufs else [])]
    if importlib.util.find_spec("av") is not None:
        return ok("formats", "all of them: wav pcm flac mp3 opus m4a m4b")
    if asked:
        found = f"{', '.join(asked)}: av is not installed"
        return fail("formats", "format-package", found, "pip install 'ttsd[formats]'")
    return ok("formats", "wav and pcm; more with pip install 'ttsd[formats]'")


def sound() -> Finding:
    """Is there anything to play on? A server without one is well all the same."""
    try:
        sounddevice: Any = importlib.import_module("sounddevice")
    except OSError:
        mend = "apt install libportaudio2; or save to files with -o"
        return warn("sound", "sound-library", "PortAudio is not installed", mend)
    try:
        device = sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        mend = "save to files with -o FILE.wav; or start a sound server"
        return warn("sound", "sound-device", "no device to play on", mend)
    return ok("sound", f"plays on {device['name']}")
