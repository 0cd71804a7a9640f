"""What a daemon that runs needs to take over what was written into its configuration file."""

import asyncio
import shlex
from pathlib import Path

import msgspec

from ttsd.cli.choosing import Choice, program
from ttsd.client import TtsdClient
from ttsd.client.running import file_of, order_for
from ttsd.config.reloading import changed, is_reloadable
from ttsd.places import find_config
from ttsd.protocol.errors import DaemonUnreachable, TtsdError
from ttsd.protocol.health import Status


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
        return Effect(
            f"the daemon takes over {', '.join(fixed)} only when it starts anew", order_for(status, "restart")
        )
    return Effect(
        "the daemon takes it over at a reload, without a restart; what speaks now goes on until the new engine is "
        "ready, which `ttsd status` tells",
        order_for(status, "reload"),
    )


def _reads(status: Status, file: Path) -> bool:
    """Whether that daemon will read `file` at a reload; one that found none at its start looks again."""
    theirs = file_of(status)
    if theirs is None:
        return file == find_config(None, {})
    try:
        return theirs.samefile(file)
    except OSError:
        return theirs == file


def _elsewhere(status: Status, model: str) -> Effect:
    theirs = file_of(status)
    if theirs is None:
        return Effect("the daemon that answers was started without a configuration file, and does not read this one")
    name = str(Path(model).absolute()) if Path(model).is_dir() else model
    again = f"{program()} model use {shlex.quote(name)} --config {shlex.quote(str(theirs))}"
    return Effect(f"the daemon that answers reads {theirs}, not this file", again)
