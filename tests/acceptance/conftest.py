"""A machine with a real systemd on which ttsd is installed as README says."""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.needs import require

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "var" / "acceptance"
TOOLS = ("systemd-nspawn", "dbus-daemon", "nsenter", "setfacl", "make", "curl")


def missing() -> str:
    """Why no container can be booted here; empty when one can."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"{', '.join(absent)} missing: apt install systemd-container systemd-sysv dbus acl make curl"
    if os.geteuid() != 0:
        return "only root can boot a container"
    if not Path("/usr/bin/python3").exists():
        return "the service runs on the system's /usr/bin/python3, which is missing"
    return ""


UNTIL_TOLD = ("sh", "-c", "touch /ci/up; read -r _ </ci/stop")


class Machine:
    """Owns a container with a real systemd from boot to power-off; commands run in it as root or as another user."""

    def __init__(self, folder: Path, binds: list[str]) -> None:
        folder.mkdir()
        self._stop = folder / "stop"
        os.mkfifo(self._stop)
        arguments = [argument for bind in binds for argument in ("-b", bind)]
        self._console = (folder / "log").open("wb")
        self._script = subprocess.Popen(
            # The network is the host's: `make install` fetches what it needs.
            [ROOT / "tests/acceptance/run_under_systemd.sh", "-n", "-o", folder, *arguments, "--", *UNTIL_TOLD],
            cwd=ROOT,
            stdout=self._console,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CI_TIMEOUT": "500"},
        )
        self.wait_for((folder / "up").exists, 60)
        self._pid = next(
            process.pid
            for process in psutil.Process(self._script.pid).children(recursive=True)
            if process.name() == "systemd" and process.parent().name() == "systemd-nspawn"
        )
        self.run("test -e /ci/up")  # inside, and nowhere else

    def run(self, command: str, *, user: str = "root", check: bool = True, timeout_s: float = 60) -> str:
        """What `command`, a line of shell, printed; its failure fails the test unless `check` is off."""
        done = self.start(command, user=user, timeout_s=timeout_s)
        if check and done.returncode != 0:
            shown = f"$ {command}\n{done.stdout}{done.stderr}\n[exit status {done.returncode}]"
            pytest.fail(f"{shown}\n\n{self.journal()}", pytrace=False)
        return done.stdout

    def start(self, command: str, *, user: str = "root", timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run `command` to its end, whatever that is."""
        enter = ["nsenter", "-t", str(self._pid), "-m", "-u", "-i", "-p", "-n", "-r", "env", "-i"]
        environment = [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            "HOME=/root",
        ]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else []
        return subprocess.run(
            [*enter, *environment, *become, "sh", "-c", command],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def wait_for(self, condition: Callable[[], Any], timeout_s: float = 30) -> Any:
        """What `condition` returns as soon as that is true."""
        deadline = time.monotonic() + timeout_s
        while not (result := condition()):
            if time.monotonic() > deadline or self._script.poll() is not None:
                pytest.fail(f"not within {timeout_s} s\n{self.journal()}", pytrace=True)
            time.sleep(0.05)
        return result

    def journal(self) -> str:
        """The last of what the service said."""
        with suppress(AttributeError):  # not booted yet
            return self.start("journalctl --no-pager -o cat -n 60 -u 'ttsd*' 2>&1").stdout
        return ""

    def show(self, unit: str, field: str) -> str:
        """One property of a unit."""
        return self.run(f"systemctl show -P {field} {unit}").strip()

    def write(self, path: str, text: str) -> None:
        """Make a file, as root."""
        self.run(f"mkdir -p {shlex.quote(str(Path(path).parent))}; printf %s {shlex.quote(text)} >{shlex.quote(path)}")

    def close(self) -> None:
        """Power off, and wait for it."""
        with suppress(OSError):  # nobody reads: it is down already
            os.close(os.open(self._stop, os.O_WRONLY | os.O_NONBLOCK))
        try:
            self._script.wait(30)
        except subprocess.TimeoutExpired:
            self._script.terminate()
            self._script.wait(30)
        self._console.close()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A booted machine with the source tree, users `anna` (in group ttsd once installed) and `boris`, and no ttsd."""
    reason = missing()
    require(not reason, reason)
    CACHE.mkdir(parents=True, exist_ok=True)
    machine = Machine(tmp_path_factory.mktemp("systemd") / "machine", [f"{ROOT}:/source", f"{CACHE}:/cache"])
    try:
        yield machine
    finally:
        machine.close()


@pytest.fixture(scope="session")
def seed() -> Path:
    """An archive of a virtual environment for /opt/ttsd with today's dependencies; made once, kept between runs."""
    wanted = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    kept = CACHE / f"venv-{hashlib.sha256(b''.join(wanted)).hexdigest()[:16]}.tar"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of this run want it too
        if not kept.exists():
            for old in CACHE.glob("venv-*.tar*"):
                old.unlink()
            subprocess.run(["make", "-s", "install-package", f"DESTDIR={folder}"], cwd=ROOT, check=True)
            half = kept.with_suffix(".half")
            subprocess.run(["tar", "-cf", half, "-C", f"{folder}/opt/ttsd", "."], check=True)
            half.rename(kept)
    return kept


@pytest.fixture(scope="module")
def make(machine: Machine) -> Callable[[str], str]:
    """`make("install")`, as root in the source tree, with this machine's settings for pip."""
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name == "HOME"}
    environment = " ".join(f"{name}={shlex.quote(value)}" for name, value in pip.items())
    return lambda goal: machine.run(f"env {environment} make -s -C /source {goal}", timeout_s=300)


@pytest.fixture(scope="module")
def installed(machine: Machine, make: Callable[[str], str], seed: Path) -> Machine:
    """The machine after `make install`, with a member of the group and a stranger."""
    machine.run(f"mkdir /opt/ttsd && tar -xf /cache/{seed.name} -C /opt/ttsd")
    make("install")
    machine.run("useradd -m anna && usermod -aG ttsd anna && useradd -m boris")
    return machine
