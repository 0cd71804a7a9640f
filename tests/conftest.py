"""Fixtures shared by all tests: a way to wait, and a real daemon with folders of its own."""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import psutil
import pytest

from tests.nvml import compiled
from tests.waiting import wait_ended, wait_for

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    # Here and in every process that tests start: small products take longer on several threads, which wait for each
    # other in loops, and the other cores have other tests to run.
    os.environ.setdefault(threads, "1")

# No test is timed: what takes 0.1 s here may take a second on a machine that does something else meanwhile.
hypothesis.settings.register_profile("untimed", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("untimed")

Condition = Callable[[], object]
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used on a Unix socket; a client without it reads the machine's authorities first, 20 ms of work."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TTSD_REQUIRE_ALL, as in CI, what cannot run has failed; only a card may be missing."""
    report = yield
    excused = item.get_closest_marker("gpu") or hasattr(report, "wasxfail")
    if report.skipped and os.environ.get("TTSD_REQUIRE_ALL") and not excused:
        report.outcome = "failed"
        report.longrepr = f"cannot run here: {report.longrepr[2] if isinstance(report.longrepr, tuple) else ''}"
    return report


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """`await until(condition, timeout_s=10)`: returns as soon as the condition holds, fails at the deadline."""

    async def wait(condition: Condition, timeout_s: float = 10.0, *, every_s: float = 0.01) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"the condition did not hold within {timeout_s} s")
            await asyncio.sleep(every_s)

    return wait


class DaemonProcess:
    """A real `ttsd serve` with config, spool, state and socket below one folder; restartable."""

    def __init__(self, root: Path, **settings: dict[str, Any]) -> None:
        self.root = root
        self.spool = root / "spool"
        self.socket = root / "ttsd.sock"
        self.script = root / "faults.toml"
        self.settings: dict[str, dict[str, Any]] = {
            "daemon": {"socket": str(self.socket), "drain_s": 5},
            "engine": {"name": "fake"},
            "fake": {"script": str(self.script)},
            "spool": {"root": str(self.spool), "settle_s": 0.05},
        }
        for section, keys in settings.items():
            self.settings.setdefault(section, {}).update(keys)
        self.env: dict[str, str] = {}
        self.prefix: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    # --- life ---

    def start(self, *, ready: bool = True) -> "DaemonProcess":
        self.write_config()
        with (self.root / "stderr").open("ab") as stderr:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "ttsd.cli", "serve", "--config", str(self.root / "config.toml")],
                env=self.environment(),
                stdout=stderr,
                stderr=stderr,
                cwd=self.root,
            )
        if ready:
            self.wait_ready()
        return self

    def environment(self) -> dict[str, str]:
        dirs = {f"{name}_DIRECTORY": str(self.root / name.lower()) for name in ("RUNTIME", "STATE", "CACHE", "LOGS")}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TTSD") and k != "NOTIFY_SOCKET"}
        return {**inherited, **dirs, **self.env}

    def write_config(self) -> None:
        lines: list[str] = []
        for section, keys in self.settings.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {toml(value)}" for key, value in keys.items()]
        (self.root / "config.toml").write_text("\n".join(lines) + "\n")

    def wait_ready(self, timeout_s: float = 30.0) -> None:
        def ready() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                pytest.fail(f"the daemon ended with {self.process.returncode}:\n{self.stderr}")
            with contextlib.suppress(httpx2.TransportError):
                return self.listens() and self.get("/readyz").status_code == 200
            return False

        wait_for(ready, timeout_s, "readiness")

    def listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self, timeout_s: float = 20.0) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    @property
    def stderr(self) -> str:
        return (self.root / "stderr").read_text(errors="replace")

    # --- talking to it ---

    def client(self, **options: Any) -> httpx2.Client:
        transport = httpx2.HTTPTransport(uds=str(self.socket), verify=NO_TLS)
        return httpx2.Client(transport=transport, base_url="http://ttsd", timeout=30, **options)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        with self.client() as client:
            return client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx2.Response:
        with self.client() as client:
            return client.post(path, **options)

    def delete(self, path: str) -> httpx2.Response:
        with self.client() as client:
            return client.delete(path)

    def status(self) -> Any:
        return self.get("/v1/status").json()

    def worker_pid(self) -> int:
        """Of a worker that is ready."""
        return wait_for(lambda: (w := self.status()["worker"])["phase"] in ("ready", "busy") and w["pid"])

    # --- its folders ---

    def drop(self, name: str, content: str | bytes) -> None:
        """Move a complete file into the inbox."""
        data = content.encode() if isinstance(content, str) else content
        hidden = self.spool / "inbox" / ".dropping.part"
        hidden.write_bytes(data)
        target = self.spool / "inbox" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        hidden.rename(target)

    def path(self, relative: str) -> Path:
        return self.spool / relative

    def wait_path(self, relative: str, timeout_s: float = 20.0) -> Path:
        path = self.spool / relative
        wait_for(lambda: os.path.lexists(path), timeout_s, f"{relative} exists")
        return path

    def outbox(self) -> list[str]:
        return sorted(
            str(p.relative_to(self.spool / "outbox")) for p in (self.spool / "outbox").rglob("*") if p.is_file()
        )


def toml(value: Any) -> str:
    """A TOML literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


@pytest.fixture
def make_daemon(tmp_path: Path) -> Iterator[Callable[..., DaemonProcess]]:
    """`make_daemon(section={…})` builds a daemon (engine fake unless told otherwise); it is not started yet."""
    made: list[DaemonProcess] = []

    def make(root: Path = tmp_path, **settings: dict[str, Any]) -> DaemonProcess:
        made.append(DaemonProcess(root, **settings))
        return made[-1]

    yield make
    for daemon in made:
        if daemon.process is not None and daemon.process.poll() is None:
            children = psutil.Process(daemon.process.pid).children(recursive=True)
            daemon.kill()
            wait_ended(children)


@pytest.fixture
def daemon(make_daemon: Callable[..., DaemonProcess]) -> DaemonProcess:
    """A ready daemon with the fake engine."""
    return make_daemon().start()


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., Any]:
    """`wait_for(condition, timeout_s, what)` for tests without a loop."""
    return wait_for


@pytest.fixture(scope="session")
def hazards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of what can befall a daemon; see tests/hazard.c."""
    from tests.torture import compiled  # it needs what stands above

    return compiled(tmp_path_factory.mktemp("hazards"))


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the scripted `libnvidia-ml.so.1`."""
    return compiled(tmp_path_factory.mktemp("nvml"))
