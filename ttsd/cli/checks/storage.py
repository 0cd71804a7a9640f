"""Are the configuration and the directories in order?"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ttsd import places
from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.cli.settings import load
from ttsd.cli.wording import size
from ttsd.config import Config, Loaded, Spool
from ttsd.protocol.errors import ConfigError
from ttsd.protocol.health import Status

LITTLE_BYTES: Final = 2 * 2**30
TOO_LITTLE_BYTES: Final = 100 * 2**20


def configuration(config_file: str | None, socket: str | None) -> tuple[Loaded, Finding]:
    """What the daemon would be configured with; the defaults where that cannot be read."""
    try:
        loaded = load(config_file, socket)
    except ConfigError as error:
        fault = "config-unknown" if ": unknown " in error.message else "config-bad"
        finding = fail("config", fault, error.message, "correct it, then see `ttsd check-config`")
        return Loaded(Config(), None), finding
    return loaded, ok("config", str(loaded.file or "no file: defaults and environment"))


def directories(config: Config) -> Iterator[Finding]:
    """Those a daemon started from this shell would use."""
    for name, spool in config.all_spools.items():
        yield directory(f"spool {name}".strip(), Path(spool.root))
        yield from group(f"group {name}".strip(), spool)
    for name, path in (
        ("state", places.state_dir()),
        ("cache", places.cache_dir()),
        ("logs", places.logs_dir()),
        ("runtime", config.socket_path.parent),
    ):
        yield directory(name, path)


def directory(name: str, path: Path) -> Finding:
    """Can it be written, or made, and is there room?"""
    existing = next(p for p in (path, *path.absolute().parents) if _exists(p))
    if not existing.is_dir():
        return fail(name, "not-a-folder", f"{existing} is not a directory", f"move it away: {path} belongs there")
    if not os.access(existing, os.W_OK | os.X_OK, effective_ids=True):
        return fail(
            name,
            "folder-denied",
            f"{existing} cannot be written by this user",
            f"give yourself access, or move {name} in config",
        )
    told = str(path) if path.exists() else f"{path} will be made"
    return room(name, existing, told, shutil.disk_usage(existing).free)


def room(name: str, existing: Path, told: str, free: int) -> Finding:
    """Is there room below `existing`, which has `free` bytes?"""
    found = f"{told} ({size(free)} free)"
    if free < TOO_LITTLE_BYTES:
        return fail(name, "disk-full", found, f"make room on the file system of {existing}")
    if free < LITTLE_BYTES:
        return warn(
            name, "disk-low", found, f"an hour of sound takes 170 MB: make room on the file system of {existing}"
        )
    return ok(name, found)


def disks(status: Status) -> Iterator[Finding]:
    """Room on the file systems that a daemon writes to, as it sees them."""
    for disk in status.health.disks:
        if not disk.answers:
            found = f"the file system of {disk.path} does not answer"
            yield fail(disk.use, "disk-hangs", found, "see to the server it is mounted from, or mount it anew")
        else:
            yield room(disk.use, Path(disk.path), disk.path, disk.free_bytes)


def group(name: str, spool: Spool) -> Iterator[Finding]:
    """May this user give results to the group that is asked for?"""
    if spool.gid is None:
        return
    if os.geteuid() == 0 or spool.gid in (os.getegid(), *os.getgroups()):
        yield ok(name, f"results in {spool.root} go to the group {spool.group}")
    else:
        found = f"this user may not give files to the group {spool.group}, as the spool {spool.root} asks"
        yield fail(name, "group-denied", found, f"sudo usermod -aG {spool.group} $USER, then log in again")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False
