"""`python -m ttsd.last_words`, run by systemd after the daemon has ended: how it ended, where `systemctl status` looks.

A daemon that was killed cannot say so itself, and its last status line would stay: "ready". What systemd tells is
described in systemd.exec(5) at $SERVICE_RESULT.
"""

import os
from collections.abc import Mapping
from typing import Final

from ttsd import systemd

KILLED: Final = {
    "signal": "killed by SIG{status}",
    "core-dump": "crashed with SIG{status}",
    "watchdog": "hung: no sign of life within WatchdogSec, so it was killed",
    "timeout": "killed: it took longer than TimeoutStartSec or TimeoutStopSec allows",
    "oom-kill": "killed: the machine, or MemoryMax, had no memory left",
}
AGAIN: Final = "systemd starts it again unless that comes too often; then `systemctl reset-failed` allows it anew"


def last_words(environment: Mapping[str, str]) -> str | None:
    """The status line; `None` when the daemon has said itself how it ended."""
    result, status = (environment.get(name, "") for name in ("SERVICE_RESULT", "EXIT_STATUS"))
    if result == "success":
        return "stopped"
    if result not in KILLED:
        return None
    return f"{KILLED[result].format(status=status)}; {AGAIN}"


if __name__ == "__main__":
    if words := last_words(os.environ):
        systemd.notify(STATUS=words)
