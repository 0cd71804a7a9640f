"""Does the daemon answer, and can its engine speak?"""

import grp
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.cli.wording import duration
from ttsd.client import TtsdClient
from ttsd.config import Loaded
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.health import Phase, Status


async def answer(client: TtsdClient) -> tuple[Status | None, Finding]:
    """The daemon's status, and what there is to say about the socket."""
    try:
        status = await client.status()
    except TtsdError as error:
        reason, _, remedy = error.message.partition("; ")
        return None, fail("socket", reason, remedy or "see the daemon's log")
    return status, ok("socket", f"{client.socket} answers ({permissions(client.socket)})")


def permissions(socket: Path) -> str:
    """Mode and owners, as `ls` would show them."""
    found = socket.stat()
    try:
        group = grp.getgrgid(found.st_gid).gr_name
    except KeyError:
        group = str(found.st_gid)
    return f"{stat.filemode(found.st_mode)}, group {group}"


def running(status: Status, loaded: Loaded) -> Iterator[Finding]:
    """What a daemon that answers says about itself."""
    yield ok("daemon", f"version {status.version}, pid {status.pid}, up {duration(status.uptime_s)}")
    theirs, ours = status.config_file or "the defaults", str(loaded.file or "the defaults")
    if theirs != ours:
        yield warn(
            "config",
            f"the daemon runs with {theirs}, this shell would use {ours}",
            "name the same file with --config or TTSD_CONFIG when they are meant to agree",
        )
    yield inbox("inbox", Path(status.spool) / "inbox")
    for name, spool in loaded.config.spools.items() if theirs == ours else ():
        yield inbox(f"inbox {name}", Path(spool.root) / "inbox")
    yield _engine(status)


def inbox(check: str, inbox: Path) -> Finding:
    """Can this user drop files there?"""
    if os.access(inbox, os.W_OK | os.X_OK, effective_ids=True):
        return ok(check, f"{inbox} takes your files")
    if not inbox.exists():
        return fail(check, f"{inbox} is not there", "make it again; the daemon looks for it every second")
    return fail(check, f"{inbox} cannot be written by this user", "sudo usermod -aG ttsd $USER, then log in again")


def _engine(status: Status) -> Finding:
    worker = status.worker
    name = f"{worker.engine.name} {worker.engine.revision} on {worker.engine.device}" if worker.engine else "no engine"
    if status.readiness.ready:
        return ok("engine", f"{name}, {worker.phase}")
    reason = status.readiness.reason or (worker.error.message if worker.error else worker.phase.value)
    if worker.phase is Phase.FAILED:
        return fail("engine", reason, "correct the cause, then reload: systemctl reload ttsd (or kill -HUP)")
    return warn("engine", reason, "wait a moment, then look again")
