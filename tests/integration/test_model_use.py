"""`ttsd model use` beside a running daemon: what it says is needed is what is needed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.checkpoints import write_tiny
from tests.conftest import DaemonProcess


def use(daemon: DaemonProcess, *arguments: str) -> Any:
    line = [sys.executable, "-m", "ttsd.cli", "model", "use", *arguments, f"--socket={daemon.socket}", "--json"]
    ran = subprocess.run(line, env=daemon.environment(), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(ran.stdout)


def test_the_command_that_it_names_brings_the_engine(make_daemon: Any, wait_for: Any, tmp_path: Path) -> None:
    daemon = make_daemon(engine={"name": "fake", "allow_cpu": True}, qwen3={"slots": 2}).start()
    checkpoint, file = write_tiny(tmp_path / "tiny"), daemon.root / "config.toml"
    before, pid = file.read_text(), daemon.status()["pid"]
    used = use(daemon, str(checkpoint), f"--config={file}")
    assert "at a reload, without a restart" in used["effect"]
    assert used["command"] == f"kill -HUP {pid}"
    assert used["warnings"] == []
    assert daemon.status()["worker"]["engine"]["name"] == "fake", "nothing has happened yet"

    subprocess.run(used["command"], shell=True, check=True)
    wait_for(lambda: daemon.status()["worker"]["engine"]["name"] == "qwen3", 60)
    assert daemon.status()["pid"] == pid

    back = use(daemon, "builtin", f"--config={file}")
    assert back["settings"] == {"engine": {"name": "builtin"}}
    changed = {'name = "builtin"', f'model = "{checkpoint}"'}
    assert set(file.read_text().splitlines()) - set(before.splitlines()) == changed


def test_a_daemon_that_reads_another_file_is_not_thought_to_change(daemon: Any, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("# mine\n")
    used = use(daemon, "builtin", f"--config={mine}")
    theirs = daemon.root / "config.toml"
    assert used["effect"] == f"the daemon that answers reads {theirs}, not this file"
    assert used["command"].endswith(f"model use builtin --config {theirs}")
    assert mine.read_text() == '# mine\n\n[engine]\nname = "builtin"\n'
    subprocess.run(used["command"], shell=True, check=True, env=daemon.environment(), stdout=subprocess.DEVNULL)
    assert 'name = "builtin"' in theirs.read_text()
