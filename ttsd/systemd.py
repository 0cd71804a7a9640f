"""The service manager's side of a daemon: state notifications, the watchdog's period and inherited sockets.

The protocols are those of sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3). Without systemd
everything here does nothing.
"""

import os
import socket
import time
from typing import Final

FIRST_FD: Final = 3
"""Where systemd's passed descriptors begin (SD_LISTEN_FDS_START)."""


def notify(**fields: str | int) -> bool:
    """Tell systemd, as in `notify(READY=1, STATUS="listening")`; whether it was told. Never raises, never blocks."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    message = "\n".join(f"{name}={_one_line(value)}" for name, value in fields.items())
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            sock.sendto(message.encode("utf-8", "replace"), _abstract(address))
    except OSError:
        return False
    return True


def notify_reloading() -> bool:
    """Tell systemd that a reload begins; it ends with `notify(READY=1)`."""
    # Type=notify-reload (systemd 253) wants the moment as well; older ones ignore it.
    return notify(RELOADING=1, MONOTONIC_USEC=time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)


def _one_line(value: str | int) -> str:
    return " ".join(str(value).splitlines())


def _abstract(address: str) -> str:
    return "\0" + address[1:] if address.startswith("@") else address


def watchdog_interval_s() -> float | None:
    """After how long without `WATCHDOG=1` systemd kills this process (send twice as often); `None`: never."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    period_us = os.environ.get("WATCHDOG_USEC", "")
    return int(period_us) / 1e6 if period_us.isdecimal() and int(period_us) > 0 else None


def inherited_sockets() -> list[socket.socket]:
    """The listening sockets of socket activation, in the order of the unit file; empty when started by hand.

    They belong to the caller, and no child inherits them. A second call finds none: the variables are taken
    out of the environment, so that children do not mistake the numbers for descriptors of theirs.
    """
    pid, count, _ = (os.environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"))
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    return [_take(fd) for fd in range(FIRST_FD, FIRST_FD + int(count))]


def _take(fd: int) -> socket.socket:
    os.set_inheritable(fd, False)
    return socket.socket(fileno=fd)
