"""The daemon as a service manager sees it: its notifications, and the clients that wait in a passed socket."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.waiting import wait_for

LAUNCHER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "ttsd.cli", "serve", "--config", sys.argv[2]])
"""


A_TIMER_THAT_NEVER_FIRES = """
import sys
if "serve" in sys.orig_argv:
    import asyncio, os
    from ttsd.supervisor import policy
    policy.OVERDUE_S = 2.0
    timeout = asyncio.timeout
    def lost(delay):
        of_the_watch = sys._getframe(1).f_code.co_name == "_watch"
        return timeout(None if of_the_watch and os.path.exists(os.environ["TIMER_IS_LOST"]) else delay)
    asyncio.timeout = lost
"""
"""Imported by each Python that finds it as `sitecustomize`: what looks after the worker waits for ever."""


class Manager:
    """What systemd would have been told, in order."""

    def __init__(self, path: str) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.sock.setblocking(False)
        self.told: list[str] = []

    def fed(self) -> int:
        """How often the watchdog was, so far."""
        self._read()
        return self.told.count("WATCHDOG=1")

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self.told.append(self.sock.recv(8192).decode())

    def statuses(self) -> list[str]:
        self._read()
        lines = [line for message in self.told for line in message.splitlines()]
        return [line.removeprefix("STATUS=") for line in lines if line.startswith("STATUS=")]


@pytest.fixture
def manager(tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.sock.close()


@pytest.fixture
def service(make_daemon: Callable[..., Any], manager, tmp_path):
    """A daemon that notifies; not started yet."""
    daemon = make_daemon()
    daemon.env = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    return daemon


def test_the_status_line_goes_from_starting_to_ready_to_stopping(service, manager):
    service.start()
    wait_for(lambda: manager.statuses()[-1].startswith("ready · fake · 0 queued"), 15, "a line that says ready")
    assert manager.statuses()[0] == "starting"
    assert any("READY=1" in message for message in manager.told)
    service.stop()
    assert manager.statuses()[-1] == "stopping: finishing what is being spoken"


def test_a_config_refused_at_reload_stands_in_the_line_until_one_is_taken(service, manager):
    service.start()
    service.settings["log"] = {"level": "loud"}
    service.write_config()
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "[log] level" in manager.statuses()[-1], 15, "the reason")
    assert manager.statuses()[-1].startswith("goes on as it was configured; config refused: ")
    wait_for(lambda: "running · config refused: " in manager.statuses()[-1], 15, "it stays in the line")
    del service.settings["log"]
    service.write_config()
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "refused" not in manager.statuses()[-1], 15, "a line without it")


def test_the_watchdog_goes_hungry_when_nobody_looks_after_the_worker_and_not_when_that_hangs(
    service, manager, tmp_path
):
    (tmp_path / "hazard").mkdir()
    (tmp_path / "hazard" / "sitecustomize.py").write_text(A_TIMER_THAT_NEVER_FIRES)
    service.env |= {
        "WATCHDOG_USEC": "200000",
        "PYTHONPATH": str(tmp_path / "hazard"),
        "TIMER_IS_LOST": str(tmp_path / "lost"),
    }
    service.settings["engine"] |= {"ping_timeout_s": 0.5}
    service.start()
    os.kill(service.worker_pid(), signal.SIGSTOP)
    wait_for(lambda: service.status()["worker"]["restarts"] == 1, what="another worker")
    worker, fed = service.worker_pid(), manager.fed()
    wait_for(lambda: manager.fed() > fed + 2, what="a watchdog that is fed")
    assert stuck(service) == []
    (tmp_path / "lost").touch()
    wait_for(lambda: stuck(service), what="a line that tells")
    fed, told = manager.fed(), len(stuck(service))
    wait_for(lambda: len(stuck(service)) >= told + 4, what="four times at which it would have been fed")
    assert manager.fed() == fed
    assert f"nobody has looked after the worker (pid {worker}) for too long" in stuck(service)[-1]
    assert service.post("/api/tts", json={"text": "The loop turns."}).status_code == 200


def stuck(service) -> list[str]:
    """The lines that tell of it."""
    return [line for line in (service.root / "logs/ttsd.log").read_text().splitlines() if "supervisor.stuck" in line]


def test_an_error_nobody_foresaw_is_the_last_word(service, manager, tmp_path):
    (tmp_path / "state").write_text("a file where the state directory should be")
    service.start(ready=False)
    assert service.process.wait(20) not in (0, 3)
    assert manager.statuses()[-1].startswith("ended by an error: ")
    assert str(tmp_path / "state") in manager.statuses()[-1]


@pytest.mark.parametrize(("param", "value"), [("log.level", "loud"), ("http.listen", "localhost:99999")])
def test_a_bad_config_is_told_to_the_manager_and_to_every_client_that_waits(service, manager, param, value, tmp_path):
    section, key = param.split(".")
    service.settings[section] = {key: value}
    service.write_config()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        waiting = [client(str(tmp_path / "s")) for _ in range(3)]
        mute = client(str(tmp_path / "s"), request=b"")
        ended = subprocess.run(
            [sys.executable, "-c", LAUNCHER, str(listener.fileno()), str(tmp_path / "config.toml")],
            pass_fds=[listener.fileno()],
            env=service.environment(),
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
        assert ended.returncode == 3
        for sock in waiting:
            head, _, body = answer(sock).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nretry-after: 60" in head
            error = json.loads(body)["error"]
            assert error["code"] == "bad_config"
            assert error["message"].startswith("the daemon cannot start: ")
            assert error["param"] == param
        assert answer(mute) == b""
    assert manager.statuses()[-1] == error["message"].removeprefix("the daemon ")
    assert error["message"].removeprefix("the daemon cannot start: ") in ended.stderr


def client(path: str, request: bytes = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n") -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10)
    sock.connect(path)
    sock.sendall(request)
    return sock


def answer(sock: socket.socket) -> bytes:
    with sock:
        chunks: list[bytes] = []
        while chunk := sock.recv(8192):
            chunks.append(chunk)
    return b"".join(chunks)
