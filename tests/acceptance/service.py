"""What the tests ask of the service on a booted machine."""

import json
import re
from typing import Any, Final

SOCKET: Final = "/run/ttsd/ttsd.sock"
SPOOL: Final = "/var/lib/ttsd/spool"
CONFIG: Final = "/etc/ttsd/config.toml"


def get(machine, path: str, user: str = "anna", socket: str = SOCKET) -> Any:
    """The JSON that the daemon answers."""
    return json.loads(machine.run(f"curl -sS --max-time 20 --unix-socket {socket} http://localhost{path}", user=user))


def main_pid(machine, unit: str = "ttsd.service") -> int:
    return int(machine.show(unit, "MainPID"))


def ready(machine, socket: str = SOCKET) -> None:
    machine.wait_for(lambda: get(machine, "/readyz", socket=socket)["ready"])


def listing(machine, folder: str) -> list[str]:
    """Names of the files below a folder of the spool, dotfiles apart."""
    return machine.run(
        f"cd {SPOOL}/{folder} && find . -mindepth 1 -name '.*' -prune -o -type f -printf '%P\\n' | sort"
    ).split()


def restarted(machine, config: str = "") -> None:
    """The daemon with another configuration, ready."""
    machine.write(CONFIG, config)
    machine.run("systemctl restart ttsd.service")
    ready(machine)


def jobs_of_receipts(machine, folder: str) -> list[str]:
    """The job of every receipt below a folder of the outbox."""
    return re.findall(r'"job": ?"([^"]+)"', machine.run(f"cat {SPOOL}/outbox/{folder}/*.json"))
