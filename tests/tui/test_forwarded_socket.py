"""A daemon on another machine: its socket forwarded by a real sshd, as the documentation has it."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs_ssh
from tests.waiting import wait_for
from ttsd.client import TtsdClient
from tui.widgets.composer import Composer

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SETTINGS = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
AllowStreamLocalForwarding yes
"""

pytestmark = needs_ssh


@pytest.fixture
def sshd(tmp_path) -> Iterator[list[str]]:
    """A server of the test's own on a port of loopback; the options by which `ssh` reaches it."""
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "sshd_config").write_text(SETTINGS.format(port=port, folder=tmp_path))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # root's sshd starts with no rights in there
    assert SSHD
    log = tmp_path / "sshd.log"
    with log.open("wb") as said:  # no pipe: whom it serves would hold it open, too
        server = subprocess.Popen([SSHD, "-D", "-e", "-f", tmp_path / "sshd_config"], stderr=said)
    options = f"-F none -p {port} -i {tmp_path}/user_key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    try:
        wait_for(lambda: "listening" in log.read_text() or server.poll() is not None, what="sshd")
        assert server.poll() is None, log.read_text()
        yield options.split()
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def there(sshd, make_daemon, tmp_path) -> Iterator[Path]:
    """The socket of a daemon, as it is at the near end of the connection."""
    daemon = make_daemon().start()
    near = tmp_path / "near.sock"
    there = f"{getpass.getuser()}@127.0.0.1"
    ssh = ["ssh", "-nNT", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", *sshd]
    tunnel = subprocess.Popen([*ssh, "-L", f"{near}:{daemon.socket}", there], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: near.exists() or tunnel.poll() is not None)
        assert tunnel.poll() is None, "ssh has given up"
        yield near
    finally:
        tunnel.kill()  # asked to end as it wakes up, it may sleep on
        tunnel.wait()


def test_say_writes_a_file_through_it(there, tmp_path):
    out = tmp_path / "out.wav"
    text = "This comes from far away."
    command = [sys.executable, "-m", "ttsd.cli", "say", "--socket", there, text, "-o", out]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    with wave.open(str(out)) as sound:
        assert sound.getframerate() == 24_000
        assert sound.getnframes() > 12_000


async def test_the_app_speaks_through_it(there, running, until):
    async with running(TtsdClient(there)) as (app, _, _):
        await until(lambda: app.state.worker and app.state.worker.engine and isinstance(app.focused, Composer), 20)
        app.focused.insert("And this is typed. ")
        await until(lambda: app.narrator.take.phrases and app.narrator.take.samples > 12_000, 20)
