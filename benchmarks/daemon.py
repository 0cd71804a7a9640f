"""A real daemon of one's own: private directories, private socket, settings in a config file."""

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from benchmarks.programs import environment, running, wait_for
from benchmarks.wire import get

TMPFS: Final = Path("/dev/shm")
READY_TIMEOUT_S: Final = 60.0

Settings = Mapping[str, Any]
"""`section.key` and its value."""


class Daemon(msgspec.Struct, frozen=True):
    """A daemon that is ready; everything of its own lies below `base`."""

    pid: int
    base: Path

    @property
    def socket(self) -> Path:
        return self.base / "run/ttsd/ttsd.sock"

    @property
    def spool(self) -> Path:
        return self.base / "state/ttsd/spool"

    @property
    def environment(self) -> dict[str, str]:
        """For commands that are to find this daemon."""
        return environment(**_directories(self.base), TTSD_SOCKET=str(self.socket))

    def processes(self) -> dict[str, int]:
        """Role → pid: the daemon, its worker, its prep processes."""
        found = {"daemon": self.pid}
        for child in psutil.Process(self.pid).children(recursive=True):
            words = child.cmdline()
            role = next((word.removeprefix("ttsd.") for word in words if word in ("ttsd.worker", "ttsd.prep")), "")
            if role:
                found[_free(role, found)] = child.pid
        return found


def _free(role: str, taken: Mapping[str, int]) -> str:
    return role if role not in taken else f"{role} {sum(name.startswith(role) for name in taken) + 1}"


def _directories(base: Path) -> dict[str, str]:
    return {
        "HOME": str(base),
        "XDG_RUNTIME_DIR": str(base / "run"),
        "XDG_STATE_HOME": str(base / "state"),
        "XDG_CACHE_HOME": str(base / "cache"),
    }


@contextlib.contextmanager
def private_folder(where: Path) -> Generator[Path]:
    """A folder of one's own, gone afterwards; its path is short enough for a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="ttsd-bench-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def daemon(
    settings: Settings | None = None,
    *,
    where: Path = TMPFS,
    profiler: tuple[str, ...] = (),
    models: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Generator[Daemon]:
    """Start `ttsd serve` and wait until it is ready to speak.

    `profiler` goes between `python` and `-m`; `models` is where downloaded models are, for a daemon that has some.
    """
    with private_folder(where) as base:
        (base / "run").mkdir(mode=0o700)
        if models is not None:
            (base / "cache/ttsd").mkdir(parents=True)
            (base / "cache/ttsd/models").symlink_to(models)
        config = base / "config.toml"
        config.write_text(_toml(settings or {}))
        command = [sys.executable, *profiler, "-m", "ttsd.cli", "serve", "--config", config]
        log = base / "daemon.log"
        with (
            log.open("wb") as sink,
            running(command, env=environment(**_directories(base), **(env or {})), stderr=sink, stdout=sink) as program,
        ):
            found = Daemon(program.pid, base)
            try:
                wait_for("a ready daemon", lambda: _ready(found, program.poll()), timeout_s=READY_TIMEOUT_S)
            except Exception as error:
                error.add_note(log.read_text(errors="replace")[-4000:])
                raise
            yield found


def _ready(found: Daemon, exit_code: int | None) -> bool:
    if exit_code is not None:
        raise RuntimeError(f"the daemon ended with exit code {exit_code}")
    try:
        return get(found.socket, "/readyz")[0] == 200
    except OSError:
        return False


def _toml(settings: Settings) -> str:
    """Values of config are numbers, booleans and strings: JSON writes these as TOML does."""
    sections: dict[str, list[str]] = {}
    for name, value in settings.items():
        section, key = name.split(".")
        sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}")
    return "".join(f"[{section}]\n" + "\n".join(keys) + "\n" for section, keys in sections.items())
