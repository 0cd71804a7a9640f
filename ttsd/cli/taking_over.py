"""What a daemon that runs needs to take over what was written into its configuration file."""

import asyncio
import os
import shlex
from pathlib import Path

import msgspec

from ttsd.cli.choosing import Choice, program
from ttsd.client import TtsdClient
from ttsd.config import find_config
from ttsd.protocol.errors import DaemonUnreachable, TtsdError
from ttsd.protocol.health import Status
from ttsd.reload import changed, is_reloadable


class Effect(msgspec.Struct, frozen=True):
    """When a choice counts: `command` is to be run for it, where there is one."""

    what: str
    command: str = ""


def effect(choice: Choice, socket: str | None, model: str) -> Effect:
    """Ask the daemon on the socket, if one answers; nothing is started or told to change."""
    client = TtsdClient(socket)
    try:
        status = asyncio.run(client.status())
    except DaemonUnreachable:
        return Effect(f"no daemon answers on {client.socket}: it counts from the next start")
    except TtsdError as error:
        return Effect(f"the daemon on {client.socket} does not say what it needs ({error.message}): restart it")
    if not _reads(status, choice.file):
        return _elsewhere(status, model)
    fixed = [key for key in changed(choice.before, choice.after) if not is_reloadable(key)]
    if fixed:
        return Effect(f"the daemon takes over {', '.join(fixed)} only when it starts anew", _order(status, "restart"))
    return Effect(
        "the daemon takes it over at a reload, without a restart; what speaks now goes on until the new engine is "
        "ready, which `ttsd status` tells",
        _order(status, "reload"),
    )


def _reads(status: Status, file: Path) -> bool:
    """Whether that daemon will read `file` at a reload; one that found none at its start looks again."""
    theirs = _their_file(status)
    if theirs is None:
        return file == find_config(None, {})
    try:
        return theirs.samefile(file)
    except OSError:
        return theirs == file


def _their_file(status: Status) -> Path | None:
    """It was named from the daemon's own working directory."""
    if status.config_file is None:
        return None
    try:
        return Path(f"/proc/{status.pid}/cwd").readlink() / status.config_file
    except OSError:
        return Path(status.config_file)


def _elsewhere(status: Status, model: str) -> Effect:
    theirs = _their_file(status)
    if theirs is None:
        return Effect("the daemon that answers was started without a configuration file, and does not read this one")
    name = str(Path(model).absolute()) if Path(model).is_dir() else model
    again = f"{program()} model use {shlex.quote(name)} --config {shlex.quote(str(theirs))}"
    return Effect(f"the daemon that answers reads {theirs}, not this file", again)


def _order(status: Status, verb: str) -> str:
    process = Path(f"/proc/{status.pid}")
    try:
        return order(status.pid, (process / "cgroup").read_text(), process.stat().st_uid, verb)
    except OSError:
        return order(status.pid, "", os.geteuid(), verb)


def order(pid: int, control_group: str, owner: int, verb: str) -> str:
    """The command that does `verb` (`reload`, `restart`) to a daemon, by what runs it."""
    if "/ttsd.service" in control_group:
        return (
            f"systemctl --user {verb} ttsd" if "/user.slice/" in control_group else f"{_sudo(0)}systemctl {verb} ttsd"
        )
    return _sudo(owner) + (f"kill -HUP {pid}" if verb == "reload" else f"kill -TERM {pid} && ttsd serve")


def _sudo(owner: int) -> str:
    return "" if os.geteuid() in (0, owner) else "sudo "
