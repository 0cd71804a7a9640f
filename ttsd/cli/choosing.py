"""Choosing the engine: what is written into which configuration file, and whether it could speak here."""

import errno
import importlib
import importlib.util
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ttsd import places
from ttsd.config import ENV_PREFIX, Config, check_text, load_config
from ttsd.config.editing import Settings, as_lines, edited, replace_text
from ttsd.models import SYSTEM_MODELS, check, find, models_dir
from ttsd.protocol.errors import Forbidden, TtsdError

BUILTIN: Final = "builtin"
EXTRA: Final = ("torch", "safetensors", "tokenizers", "soundfile", "soxr")
"""Modules that the engine `qwen3` cannot do without."""
HIDDEN: Final = tuple(Path(name) for name in ("/home", "/root", "/run/user", "/tmp", "/var/tmp"))  # noqa: S108 — named, not used
"""What the service of the whole machine does not see: its unit has ProtectHome= and PrivateTmp=."""


class Choice(msgspec.Struct, frozen=True):
    """What is to stand in which file, and the configuration before and then."""

    file: Path
    settings: Settings
    before: Config
    after: Config
    text: str | None
    """Of the file; `None` when it says all this already."""


def choose(model: str, config_file: str | None) -> Choice:
    """Find the file and the checkpoint, and check both; nothing is written. Raises TtsdError."""
    named = Path(config_file) if config_file else None
    found = places.find_config(named, os.environ)
    file = (found or places.user_config()).absolute()
    before = load_config(found).config
    settings = wanted(model, file)
    text = _text(file) if found else ""
    try:
        new = edited(text, settings)
    except ValueError as error:
        raise _by_hand(file, settings, f"cannot be changed by program ({error})") from error
    return Choice(file, settings, before, check_text(file, new), new if new != text else None)


def wanted(model: str, file: Path) -> Settings:
    """The settings that stand for a user's word. Raises NotFound, BadRequest."""
    if model == BUILTIN:
        return {"engine": {"name": BUILTIN}}
    if is_of_the_service(file):
        fetch = f"sudo env CACHE_DIRECTORY={SYSTEM_MODELS.parent} {program()} model pull"
        folder, name = find(model, SYSTEM_MODELS, fetch)
    else:
        folder, name = find(model, models_dir(), "ttsd model pull")
    check(folder)
    return {"engine": {"name": "qwen3"}, "qwen3": {"model": name}}


def is_of_the_service(file: Path) -> bool:
    """Whether `file` is that of the whole machine; its service has places of its own."""
    return file == places.SYSTEM_CONFIG


def program() -> str:
    """How to run this program from anywhere, by another user too."""
    called = Path(sys.argv[0])
    return shlex.quote(str(called.absolute())) if called.name == "ttsd" else f"{sys.executable} -m ttsd.cli"


def write(choice: Choice, text: str, model: str) -> None:
    """Put the new text in place. Raises Forbidden with the lines to put there by hand, and the command."""
    try:
        replace_text(choice.file, text)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise TtsdError(f"{choice.file}: cannot be written: {error.strerror}") from error
        reason = f"cannot be written by this user ({error.strerror})"
        raise _by_hand(choice.file, choice.settings, reason, _as_root(choice, model)) from error


def _as_root(choice: Choice, model: str) -> str:
    """Root looks for checkpoints elsewhere, and has another working directory."""
    name = choice.settings.get("qwen3", {}).get("model", model)
    here = "" if is_of_the_service(choice.file) else f"env CACHE_DIRECTORY={shlex.quote(str(places.cache_dir()))} "
    return f"sudo {here}{program()} model use {shlex.quote(name)} --config {shlex.quote(str(choice.file))}"


def _by_hand(file: Path, settings: Settings, reason: str, command: str = "") -> Forbidden:
    way_out = f"these lines belong there:\n\n{as_lines(settings)}"
    return Forbidden(f"{file} {reason}; {way_out}" + (f"\nor say:\n\n{command}" if command else ""))


def _text(file: Path) -> str:
    """With its line ends and its mark of UTF-8, if it has one. It was read before, so this works."""
    return file.read_bytes().decode()


# --- would it speak? --------------------------------------------------------------------------------


def warnings(choice: Choice, env: Mapping[str, str] = os.environ) -> Iterator[str]:
    """What stands in the way of speaking so, as far as it can be seen without loading anything."""
    for section, keys in choice.settings.items():
        for key in keys:
            if (name := f"{ENV_PREFIX}{section.upper()}__{key.upper()}") in env:
                yield f"{name} is set here, and goes before the file"
    if choice.settings["engine"]["name"] == BUILTIN:
        return
    if missing := [module for module in EXTRA if importlib.util.find_spec(module) is None]:
        yield (
            f"this Python has no {', '.join(missing)}, which the engine needs: "
            f"{sys.executable} -m pip install 'ttsd[qwen]'; for the service: make install EXTRAS=qwen"
        )
    yield from _about_the_card(choice.after)
    folder = Path(choice.settings["qwen3"]["model"])
    if is_of_the_service(choice.file) and any(folder.is_relative_to(hidden) for hidden in HIDDEN):
        yield f"the service sees nothing below {folder.parent} (ProtectHome=, PrivateTmp=): move it below /var/lib/ttsd"


def _about_the_card(config: Config) -> Iterator[str]:
    device = config.qwen3.device
    if device == "cpu" or (device == "auto" and config.engine.allow_cpu) or (reason := _no_card()) is None:
        return
    way_out = "[engine] allow_cpu = true" if device == "auto" else '[qwen3] device = "cpu"'
    yield f"{reason}, so the engine will not start: mend that, or set {way_out}, which is slower than real time"


def _no_card() -> str | None:
    """Why there is no NVIDIA card to use; `None` when there is one. The driver is asked, not torch."""
    pynvml: Any = importlib.import_module("pynvml")
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
    except pynvml.NVMLError as error:
        return f"no NVIDIA driver answers ({error})"
    return None if count else "the NVIDIA driver knows no card"
