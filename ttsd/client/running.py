"""A daemon that runs on this machine: its configuration file, and the commands that tell it something."""

import os
import re
import shlex
import signal
from pathlib import Path
from typing import Final

from ttsd.protocol.errors import Forbidden
from ttsd.protocol.health import Status

SAME_START_S: Final = 60.0
"""A process that began so near the time that the daemon names is that daemon: loading Python takes a while."""
_UNIT: Final = re.compile(r"/(ttsd(?:@[^/\n]+)?)\.service")
"""The service in the path of a control group, or the one of a card."""


def is_here(status: Status) -> bool:
    """Whether that daemon runs on this machine: a forwarded socket tells the pid of a process that is elsewhere."""
    import psutil  # only by who asks: 10 ms

    try:
        return abs(psutil.Process(status.pid).create_time() - status.started_s) < SAME_START_S
    except psutil.Error:
        return False


def reload(status: Status) -> None:
    """Have that daemon read its configuration again. Raises Forbidden where that is not this user's to say."""
    try:
        os.kill(status.pid, signal.SIGHUP)
    except OSError as error:
        raise Forbidden(f"not yours to say; do it with: {order_for(status, 'reload')}") from error


def file_of(status: Status) -> Path | None:
    """The configuration file of that daemon, named from its own working directory; `None`: it has none."""
    if status.config_file is None:
        return None
    try:
        return Path(f"/proc/{status.pid}/cwd").readlink() / status.config_file
    except OSError:
        return Path(status.config_file)


def order_for(status: Status, verb: str) -> str:
    """The command that does `verb` (`reload`, `restart`) to that daemon."""
    process = Path(f"/proc/{status.pid}")
    try:
        return order(status.pid, (process / "cgroup").read_text(), process.stat().st_uid, verb)
    except OSError:
        return order(status.pid, "", os.geteuid(), verb)


def order(pid: int, control_group: str, owner: int, verb: str) -> str:
    """The command that does `verb` (`reload`, `restart`) to a daemon, by what runs it."""
    if unit := _UNIT.search(control_group):
        systemctl = "systemctl --user" if "/user.slice/" in control_group else f"{_sudo(0)}systemctl"
        return f"{systemctl} {verb} {shlex.quote(unit[1])}"
    return _sudo(owner) + (f"kill -HUP {pid}" if verb == "reload" else f"kill -TERM {pid} && ttsd serve")


def _sudo(owner: int) -> str:
    return "" if os.geteuid() in (0, owner) else "sudo "
