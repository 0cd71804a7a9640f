"""The service: is it installed, enabled, active, and as its files say?"""

import getpass
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.cli.wording import plural

PROPERTIES: Final = "Id,LoadState,ActiveState,UnitFileState,NeedDaemonReload,NRestarts,Result"
PATIENCE_S: Final = 10.0
BOOTED: Final = Path("/run/systemd/system")
"""It is there when systemd runs the machine: sd_booted(3)."""
RESULTS: Final = {
    "watchdog": "its loop stood still, and the watchdog killed it",
    "start-limit-hit": "it was started too often in vain",
    "exit-code": "it ended with an error",
    "oom-kill": "the kernel ended it for want of memory",
    "timeout": "it took too long to start or to stop",
    "signal": "it was killed by a signal",
    "core-dump": "it crashed",
}

State = dict[str, str]


def systemd(running: Path = BOOTED) -> Iterator[Finding]:
    """The service of the machine, and the one of this user."""
    if not running.is_dir():
        yield ok("systemd", "not running here; start the daemon with `ttsd serve`")
        return
    units = [(scope, state) for scope in ("system", "user") for state in _meant(_states(scope))]
    for scope, state in units:
        yield from unit(scope, state)
    if not units:
        mend = "make install; or start the daemon with `ttsd serve`"
        yield warn("systemd", "unit-missing", "the service is not installed", mend)
    if any(scope == "user" and state.get("UnitFileState") == "enabled" for scope, state in units):
        yield from _linger()


def _meant(states: list[State]) -> list[State]:
    """Those that are installed; beside services of cards not the one that was disabled for them."""
    loaded = [state for state in states if state.get("LoadState") == "loaded"]
    of_cards = [state for state in loaded if "@" in _name(state)]
    return [state for state in loaded if not of_cards or state in of_cards or not _is_given_up(state)]


def _is_given_up(state: State) -> bool:
    return (state["ActiveState"], state.get("UnitFileState")) == ("inactive", "disabled")


def _name(state: State) -> str:
    return state.get("Id", "ttsd.service").removesuffix(".service")


def unit(scope: str, state: State) -> Iterator[Finding]:
    """One unit, by its properties."""
    user, service = "--user " if scope == "user" else "", _name(state)
    name = f"{service}.service ({scope})"
    systemctl = f"systemctl {user}"
    if state["ActiveState"] == "failed":
        why = RESULTS.get(state.get("Result", ""), state.get("Result", ""))
        again = f"{systemctl}reset-failed {service} and {systemctl}start {service}"
        mend = f"journalctl {user}-u {service} -e says more; then {again}"
        yield fail("systemd", "unit-failed", f"{name} has failed: {why}", mend)
    else:
        yield ok("systemd", f"{name} is {state['ActiveState']}")
    if state.get("NeedDaemonReload") == "yes":
        mend = f"{systemctl}daemon-reload, then {systemctl}restart {service}"
        yield warn("systemd", "unit-stale", f"{name}: its file was changed, and systemd goes by the old one", mend)
    if state.get("UnitFileState") == "disabled":
        found = f"{name} is not enabled: after a reboot it is not there"
        yield warn("systemd", "unit-disabled", found, f"{systemctl}enable {service}")
    restarts = int(state.get("NRestarts") or 0)
    if restarts:
        found = f"{name} was started again {plural(restarts, 'time')} after it had ended unasked"
        yield warn("systemd", "unit-restarts", found, f"journalctl {user}-u {service} says why it ended")


def _linger() -> Iterator[Finding]:
    user = getpass.getuser()
    if _shown("loginctl", "show-user", user, "--property=Linger").get("Linger") == "no":
        found = "the service of this user ends when you log out"
        yield warn("systemd", "linger-off", found, f"loginctl enable-linger {user}")


def _states(scope: str) -> list[State]:
    """Of the service, and of those for one card each."""
    units = ("ttsd.service", "ttsd@*.service")
    return _blocks("systemctl", f"--{scope}", "show", *units, f"--property={PROPERTIES}")


def clock() -> Iterator[Finding]:
    """Does something set the clock? Times in receipts and logs are as right as it is."""
    shown = _shown("timedatectl", "show", "--property=NTP,NTPSynchronized,CanNTP")
    if shown.get("NTPSynchronized") == "no":
        found = "the clock of this machine is not synchronised: times in logs and receipts may be wrong"
        yield warn("clock", "clock-free", found, "timedatectl set-ntp true, or see to what sets it")


def _shown(program: str, *arguments: str) -> State:
    """As `_blocks`, of a program that tells of one thing; empty when it tells nothing."""
    blocks = _blocks(program, *arguments)
    return blocks[0] if blocks else {}


def _blocks(program: str, *arguments: str) -> list[State]:
    """Blocks of `NAME=VALUE` lines that a program of systemd prints; none when it is not there or does not answer."""
    found = shutil.which(program)
    if found is None:
        return []
    try:
        # Programs and arguments are written above; nothing in them comes from outside but this user's name.
        shown = subprocess.run(  # noqa: S603
            [found, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    blocks = shown.stdout.strip().split("\n\n")
    return [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]
