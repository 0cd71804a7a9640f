"""What a daemon that was killed leaves behind in the status line, said by the process that systemd runs after it."""

import os
import socket
import subprocess
import sys

import pytest

from ttsd.last_words import last_words


@pytest.mark.parametrize(
    ("result", "status", "begins"),
    [
        ("success", "0", "stopped"),
        ("signal", "KILL", "killed by SIGKILL; systemd starts it again"),
        ("core-dump", "SEGV", "crashed with SIGSEGV; "),
        ("watchdog", "ABRT", "hung: "),
        ("timeout", "KILL", "killed: it took longer"),
        ("oom-kill", "KILL", "killed: the machine"),
    ],
)
def test_the_ways_to_end_have_their_words(result, status, begins):
    assert (last_words({"SERVICE_RESULT": result, "EXIT_STATUS": status}) or "").startswith(begins)


@pytest.mark.parametrize("result", ["exit-code", "protocol", ""])
def test_a_daemon_that_could_speak_has_said_it_itself(result):
    assert last_words({"SERVICE_RESULT": result, "EXIT_STATUS": "1"}) is None


def test_they_reach_the_manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "SERVICE_RESULT": "signal", "EXIT_STATUS": "KILL"}
        subprocess.run([sys.executable, "-I", "-m", "ttsd.last_words"], env={**os.environ, **environment}, check=True)
        assert manager.recv(1000).startswith(b"STATUS=killed by SIGKILL; ")
