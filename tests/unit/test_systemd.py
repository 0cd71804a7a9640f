"""Notifications over real sockets, and descriptors passed to real processes."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ttsd import systemd


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path, monkeypatch):
    """A socket that listens where systemd would."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@ttsd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(address.replace("@", "\0"))
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield sock


def received(manager: socket.socket) -> dict[str, str]:
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().splitlines())


def test_notify_sends_one_datagram_with_all_fields(manager):
    assert systemd.notify(READY=1, STATUS="listening on /run/ttsd/ttsd.sock", MAINPID=42)
    assert received(manager) == {"READY": "1", "STATUS": "listening on /run/ttsd/ttsd.sock", "MAINPID": "42"}


def test_a_status_of_several_lines_cannot_smuggle_in_another_field(manager):
    systemd.notify(STATUS="loading\nWATCHDOG=trigger")
    assert received(manager) == {"STATUS": "loading WATCHDOG=trigger"}


def test_reloading_carries_the_moment_that_notify_reload_wants(manager):
    systemd.notify_reloading()
    fields = received(manager)
    assert fields["RELOADING"] == "1"
    assert int(fields["MONOTONIC_USEC"]) > 0


@pytest.mark.parametrize("address", [None, "", "/nowhere/notify", "@ttsd-nobody-listens", "vsock:2:1", "/" + "x" * 200])
def test_notify_without_a_manager_does_nothing(address, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert systemd.notify(READY=1) is False


def test_a_manager_that_does_not_read_is_not_waited_for(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        told = [systemd.notify(WATCHDOG=1) for _ in range(2000)]
    assert told[0] is True
    assert told[-1] is False


@pytest.mark.parametrize(
    ("usec", "pid", "interval"),
    [
        ("30000000", None, 30.0),
        ("30000000", "own", 30.0),
        ("30000000", "1", None),
        ("0", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_watchdog_interval_is_the_period_of_this_process(usec, pid, interval, monkeypatch):
    for name, value in {"WATCHDOG_USEC": usec, "WATCHDOG_PID": str(os.getpid()) if pid == "own" else pid}.items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert systemd.watchdog_interval_s() == interval


LAUNCHER = """
import os, sys
sockets = [int(n) for n in sys.argv[2].split(",")]
for target, fd in enumerate(sockets, start=3):
    os.dup2(fd, target)
pid = os.getpid() if sys.argv[1] == "own" else 1
os.environ.update(LISTEN_PID=str(pid), LISTEN_FDS=str(len(sockets)))
os.execv(sys.executable, [sys.executable, "-c", sys.argv[3]])
"""
PROGRAM = """
import json, os
from ttsd import systemd
first, second = systemd.inherited_sockets(), systemd.inherited_sockets()
print(json.dumps({
    "addresses": [s.getsockname() for s in first],
    "inheritable": [s.get_inheritable() for s in first],
    "second": len(second),
    "left": [name for name in os.environ if name.startswith("LISTEN_")],
}))
"""


def activated(tmp_path: Path, pid: str, **env: str) -> dict:
    """What PROGRAM saw when it was started with two listening sockets, as systemd would start it."""
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as two:
        for sock, name in ((one, "a.sock"), (two, "b.sock")):
            sock.bind(str(tmp_path / name))
            sock.listen()
        # High numbers: moving them down to 3 and 4 then overwrites neither.
        numbers = [fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, 50) for sock in (one, two)]
        done = subprocess.run(
            [sys.executable, "-c", LAUNCHER, pid, ",".join(map(str, numbers)), PROGRAM],
            pass_fds=numbers,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=True,
        )
        for number in numbers:
            os.close(number)
    return json.loads(done.stdout)


def test_inherited_sockets_come_once_and_stay_here(tmp_path):
    seen = activated(tmp_path, "own", LISTEN_FDNAMES="ttsd.socket:http")
    assert seen == {
        "addresses": [str(tmp_path / "a.sock"), str(tmp_path / "b.sock")],
        "inheritable": [False, False],
        "second": 0,
        "left": [],
    }


def test_sockets_for_another_process_are_left_alone(tmp_path):
    seen = activated(tmp_path, "other", LISTEN_FDNAMES="a:b")
    assert seen["addresses"] == []
    assert seen["left"] == []
