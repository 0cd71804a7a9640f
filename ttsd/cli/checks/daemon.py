"""Does the daemon answer, and can its engine speak?"""

import asyncio
import grp
import os
import pwd
import socket as sockets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.cli.wording import duration, plural
from ttsd.client import VERSION, TtsdClient
from ttsd.config import Loaded
from ttsd.places import service_of
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.health import Phase, Status

PATIENCE_S: Final = 5.0
MANY_RESTARTS: Final = 3
TRIED_OUT: Final = Path("var/run/ttsd/ttsd.sock")
"""The socket of `make run`, from the repository's folder."""


async def answer(client: TtsdClient) -> tuple[Status | None, list[Finding]]:
    """The daemon's status, and what there is to say about the socket."""
    if (trouble := socket_trouble(client.socket)) is not None:
        return None, [trouble]
    try:
        async with asyncio.timeout(PATIENCE_S):
            version = await client.version()
            if version != VERSION:
                return None, [other_version(version, client.socket)]
            status = await client.status()
    except TimeoutError:
        found = f"the daemon on {client.socket} took the connection and has not answered for {PATIENCE_S:g} s"
        return None, [fail("socket", "daemon-silent", found, _how_to_restart(client.socket))]
    except TtsdError as error:
        reason, _, remedy = error.message.partition("; ")
        return None, [fail("socket", "daemon-silent", reason, remedy or "see the daemon's log")]
    return status, [ok("socket", f"{client.socket} answers ({permissions(client.socket)})"), *_openness(client.socket)]


def socket_trouble(path: Path) -> Finding | None:
    """Why nobody can be reached on `path`; `None`: somebody takes the connection."""
    try:
        with sockets.socket(sockets.AF_UNIX) as probe:
            probe.settimeout(PATIENCE_S)
            probe.connect(str(path))
    except FileNotFoundError:
        return fail("socket", "daemon-down", f"no daemon answers on {path}: there is no socket", _how_to_start(path))
    except ConnectionRefusedError:
        found = f"no daemon answers on {path}: the socket is left over from one that is gone"
        return fail("socket", "socket-stale", found, _how_to_start(path))
    except PermissionError:
        return _denied(path)
    except TimeoutError:
        found = f"the daemon on {path} accepts no connection"
        return fail("socket", "daemon-silent", found, _how_to_restart(path))
    except OSError as error:
        found = f"no daemon can be reached on {path}: {error.strerror or error}"
        return fail("socket", "socket-wrong", found, "name the right one with --socket or TTSD_SOCKET")
    return None


def _how_to_restart(path: Path) -> str:
    service = service_of(path)
    return f"see its log, then restart it: systemctl restart {service}" if service else "see its log, then restart it"


def _how_to_start(path: Path) -> str:
    """By what is there: a daemon of `make run` may be up, or could be started."""
    if socket_answers(TRIED_OUT):
        return f"the daemon of `make run` is up: export TTSD_SOCKET={TRIED_OUT.absolute()}"
    start = f"systemctl start {service}" if (service := service_of(path)) else "ttsd serve, or systemctl start ttsd"
    return f"start it: {start}; or name another socket with --socket or TTSD_SOCKET"


def socket_answers(path: Path) -> bool:
    """Whether somebody takes connections there."""
    with sockets.socket(sockets.AF_UNIX) as probe:
        probe.settimeout(PATIENCE_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _denied(path: Path) -> Finding:
    try:
        found = path.stat()
    except OSError:
        place = next((parent for parent in path.absolute().parents if os.access(parent, os.X_OK)), Path("/"))
        told = f"{path} cannot be reached: below {place} this user may not look"
        return fail("socket", "socket-denied", told, "sudo usermod -aG ttsd $USER, then log in again")
    group, owner = _group(found.st_gid), _user(found.st_uid)
    told = f"{path} is {owner}'s ({stat.filemode(found.st_mode)}, group {group}), and this user may not use it"
    if found.st_mode & stat.S_IWGRP:
        return fail("socket", "socket-denied", told, f"sudo usermod -aG {group} $USER, then log in again")
    return fail("socket", "socket-denied", told, "ask its owner, or start a daemon of your own: ttsd serve")


def _openness(path: Path) -> Iterator[Finding]:
    """A Unix socket asks for no token: whoever may connect may do all."""
    if path.stat().st_mode & stat.S_IWOTH and path.parent.stat().st_mode & stat.S_IXOTH:
        found = f"every user of this machine may use {path} ({permissions(path)})"
        yield warn("socket", "socket-open", found, f"chmod 0660 {path}, and see who set it so")


def permissions(socket: Path) -> str:
    """Mode and owners, as `ls` would show them."""
    found = socket.stat()
    return f"{stat.filemode(found.st_mode)}, group {_group(found.st_gid)}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def other_version(theirs: str, path: Path) -> Finding:
    """The daemon was installed anew, or was not restarted."""
    found = f"the daemon is of version {theirs}, this command of {VERSION}"
    command = f": systemctl restart {service}" if (service := service_of(path)) else ""
    return fail("daemon", "daemon-version", found, f"restart the daemon{command}; or use its own ttsd")


def running(status: Status, loaded: Loaded) -> Iterator[Finding]:
    """What a daemon that answers says about itself."""
    yield ok("daemon", f"version {status.version}, pid {status.pid}, up {duration(status.uptime_s)}")
    theirs, ours = status.config_file or "the defaults", str(loaded.file or "the defaults")
    if theirs != ours:
        yield warn(
            "config",
            "config-differs",
            f"the daemon runs with {theirs}, this shell would use {ours}",
            "name the same file with --config or TTSD_CONFIG when they are meant to agree",
        )
    yield inbox("inbox", Path(status.spool) / "inbox")
    for name, root in status.spools.items():
        if name:
            yield inbox(f"inbox {name}", Path(root) / "inbox")
    yield _engine(status)
    yield from _restarts(status)


def inbox(check: str, inbox: Path) -> Finding:
    """Can this user drop files there?"""
    if os.access(inbox, os.W_OK | os.X_OK, effective_ids=True):
        return ok(check, f"{inbox} takes your files")
    if not _is_there(inbox):
        return fail(
            check, "inbox-missing", f"{inbox} is not there", "make it again; the daemon looks for it every second"
        )
    found = f"{inbox} cannot be written by this user"
    return fail(check, "inbox-denied", found, f"sudo usermod -aG {_group_of(inbox)} $USER, then log in again")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True


def _group_of(path: Path) -> str:
    try:
        return _group(path.stat().st_gid)
    except OSError:
        return "ttsd"


def _engine(status: Status) -> Finding:
    worker = status.worker
    name = f"{worker.engine.name} {worker.engine.revision} on {worker.engine.device}" if worker.engine else "no engine"
    if status.readiness.ready:
        return ok("engine", status.readiness.note or f"{name}, {worker.phase}")
    reason = status.readiness.reason or (worker.error.message if worker.error else worker.phase.value)
    if worker.phase is Phase.FAILED:
        mend = "correct the cause, then: ttsd model load"
        return fail("engine", "engine-failed", reason, mend)
    if status.readiness.code and status.readiness.code != "engine_not_ready":
        return fail(
            "ready", "not-ready", f"nothing is accepted now: {reason}", "see to that; /readyz tells when it is over"
        )
    return warn("engine", "engine-not-ready", reason, "wait a moment, then look again")


def _restarts(status: Status) -> Iterator[Finding]:
    """Workers that ended unasked."""
    bad = [end for end in status.worker.exits if not end.planned]
    if len(bad) >= MANY_RESTARTS:
        found = f"{plural(len(bad), 'worker')} of late ended unasked, the last because {bad[-1].reason}"
        yield warn("engine", "worker-restarts", found, "see their last words: ttsd logs --level warning")
