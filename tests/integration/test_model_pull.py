"""`ttsd model pull` as a user runs it, against a hub on this machine that speaks as the real one does."""

import fcntl
import json
import os
import pty
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checkpoints import write_tiny
from tests.hub import Hub, read_folder, sha256
from ttsd.models import check, local_models, locate

ID = "Qwen/Qwen3-TTS-12Hz-Tiny"
WEIGHTS = "model.safetensors"
MB = 1_000_000
LONG = bytes(40 * MB)
"""Of weights: the hub's client writes ten megabytes at a time, and several are in the pipes of the kernel."""

Ran = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    checkpoint = read_folder(write_tiny(tmp_path_factory.mktemp("hub") / "tiny"))
    return {**checkpoint, "README.md": b"# Prose", "pictures/logo.png": b"PNG"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub().serving() as serving:
        yield serving


@pytest.fixture
def env(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Nothing of this machine's user, and no hub but ours."""
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TTSD", "XDG", "HF_"))}
    return kept | {"HOME": str(tmp_path), "HF_ENDPOINT": hub.url, "PYTHONWARNINGS": "error"}


@pytest.fixture
def model(env: dict[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """`model("pull", ID)` runs the command to its end."""

    def run(*arguments: str, **more: str) -> Ran:
        return subprocess.run(
            program(*arguments), env=env | more, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ttsd.cli", "model", *arguments]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models" / ID.replace("/", "--")


def failed(ran: Ran) -> str:
    """What a pull that failed says: one line, and nothing on standard output."""
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("ttsd: ")
    assert ran.stderr.count("\n") == 1
    return ran.stderr


# --- all is well ------------------------------------------------------------------------------------


def test_a_checkpoint_is_fetched_pinned_and_found(hub: Hub, model: Any, files: Any, folder: Path) -> None:
    commit = hub.commit(ID, files)
    ran = model("pull", ID)
    assert (ran.returncode, ran.stderr) == (0, ""), "no bar where there is no terminal"
    assert ran.stdout == f"{ID} is in {folder}, revision {commit[:12]}\nTo speak with it: ttsd model use {ID}\n"
    here = read_folder(folder)
    assert here.pop(".ttsd-revision") == f"{commit}\n".encode()
    assert here == {name: data for name, data in files.items() if name not in ("README.md", "pictures/logo.png")}
    (listed,) = json.loads(model("list", "--json").stdout)["local"]
    assert listed | {"bytes": 0} == {
        "id": ID, "path": str(folder), "bytes": 0, "revision": commit, "complete": True,
    }  # fmt: skip
    assert locate(ID) == folder
    assert check(folder) == "base"
    assert all(f"/{commit}/" in request.path for request in hub.fetched())


def test_a_branch_that_moves_meanwhile_is_not_followed(hub: Hub, model: Any, files: Any, folder: Path) -> None:
    first = hub.commit(ID, files)
    changed = {**files, WEIGHTS: files[WEIGHTS][::-1]}
    hub.on_file = lambda _: hub.commit(ID, changed)
    assert model("pull", ID, "--json").returncode == 0
    assert read_folder(folder)[WEIGHTS] == files[WEIGHTS]

    hub.requests.clear()
    moved = json.loads(model("pull", ID, "--json").stdout)
    assert moved["revision"] == hub.branches[ID, "main"] != first
    assert read_folder(folder)[WEIGHTS] == changed[WEIGHTS]
    assert [request.path.rpartition("/")[2] for request in hub.fetched()] == [WEIGHTS], "only what has changed"

    pinned = json.loads(model("pull", ID, "--revision", first, "--json").stdout)
    assert pinned["revision"] == first
    assert read_folder(folder)[WEIGHTS] == files[WEIGHTS]


def test_the_hub_of_the_tests_speaks_as_its_client_expects(hub: Hub, env: Any, files: Any, tmp_path: Path) -> None:
    hub.commit(ID, files, "v1")
    fetch = f"import huggingface_hub; huggingface_hub.snapshot_download({ID!r}, revision='v1', local_dir='there')"
    subprocess.run([sys.executable, "-c", fetch], env=env, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    there = read_folder(tmp_path / "there")
    assert {name: data for name, data in there.items() if not name.startswith(".cache")} == files


# --- the line ---------------------------------------------------------------------------------------


def test_a_broken_line_is_told_and_the_next_pull_goes_on(hub: Hub, model: Any, files: Any, folder: Path) -> None:
    files = {**files, WEIGHTS: LONG}
    hub.commit(ID, files)
    hub.resets[WEIGHTS] = 30 * MB
    message = failed(model("pull", ID))
    assert f"{WEIGHTS}: the download from {hub.url} broke off" in message
    assert "try again: what is here already is kept" in message
    (here,) = local_models()
    assert (here.complete, here.revision) == (False, "")
    assert here.bytes > 10 * MB
    assert f"incomplete: ttsd model pull {ID}" in model("list").stdout

    hub.requests.clear()
    assert model("pull", ID).returncode == 0
    (request,) = hub.fetched()
    assert request.path.endswith(f"/{WEIGHTS}"), "nothing else"
    first = int(request.range.removeprefix("bytes=").removesuffix("-"))
    assert 10 * MB < first < 30 * MB
    assert request.status == 206
    assert read_folder(folder)[WEIGHTS] == LONG


def test_a_line_that_breaks_once_is_taken_up_again_within_one_pull(
    hub: Hub, model: Any, files: Any, folder: Path
) -> None:
    commit = hub.commit(ID, {**files, WEIGHTS: LONG})
    hub.closes[WEIGHTS] = 30 * MB
    ran = model("pull", ID)
    assert (ran.returncode, ran.stderr) == (0, "")
    ranges = [request.range for request in hub.fetched() if request.path == f"/cdn/{commit}/{WEIGHTS}"]
    assert [bool(asked) for asked in ranges] == [False, True]
    assert read_folder(folder)[WEIGHTS] == LONG


def test_damage_on_the_way_is_noticed(hub: Hub, model: Any, files: Any, folder: Path) -> None:
    hub.commit(ID, files)
    hub.damaged = {WEIGHTS}
    assert f"{WEIGHTS} came damaged" in failed(model("pull", ID))
    assert not (folder / WEIGHTS).exists()
    assert not local_models()[0].complete
    hub.damaged = set()
    assert model("pull", ID).returncode == 0
    assert check(folder) == "base"


def test_two_pulls_do_not_mix(hub: Hub, env: Any, model: Any, files: Any, tmp_path: Path) -> None:
    hub.commit(ID, files)
    reached, go_on = threading.Event(), threading.Event()
    hub.on_file = lambda _: (reached.set(), go_on.wait(30))
    with subprocess.Popen(program("pull", ID), env=env, cwd=tmp_path, stdout=subprocess.DEVNULL) as first:
        assert reached.wait(30)
        assert "another ttsd model pull is fetching into" in failed(model("pull", ID))
        go_on.set()
        assert first.wait(30) == 0


# --- what the hub refuses, and what refuses the hub -------------------------------------------------


def test_each_refusal_says_what_to_do(hub: Hub, model: Any, files: Any) -> None:
    hub.commit(ID, files)
    hub.commit("Qwen/Gated", {**files, "vocab.json": b"{}"})
    assert f"{hub.url} has no model 'Qwen/None' that it would show us" in failed(model("pull", "Qwen/None"))
    assert "has no revision 'v9'; leave --revision out" in failed(model("pull", ID, "--revision", "v9"))
    for status, token in ((401, ""), (403, "hf_nobody")):
        hub.gated["Qwen/Gated"] = status
        message = failed(model("pull", "Qwen/Gated", HF_TOKEN=token))
        assert "Qwen/Gated is given only to those who have accepted its terms" in message
        assert "hf auth login, or set HF_TOKEN" in message


def test_without_a_way_to_the_hub_it_says_what_to_do(model: Any) -> None:
    assert "HF_HUB_OFFLINE is set: unset it, or copy" in failed(model("pull", ID, HF_HUB_OFFLINE="1"))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    message = failed(model("pull", ID, HF_ENDPOINT=nowhere))
    assert f"{nowhere} cannot be reached" in message
    for way_out in ("try again", "HTTPS_PROXY", "HF_ENDPOINT", "ttsd model use FOLDER"):
        assert way_out in message


def test_what_has_no_room_says_so(hub: Hub, model: Any, files: Any, folder: Path) -> None:
    hub.commit(ID, files)
    hub.claimed_size[WEIGHTS] = 10**18
    assert "1,000,000,000.0 GB are to be fetched, and" in failed(model("pull", ID))
    assert hub.fetched() == [], "it is not even begun"

    hub.claimed_size.clear()
    part = folder / ".parts" / f"{sha256(files[WEIGHTS])}.{WEIGHTS}"
    part.parent.mkdir()
    part.symlink_to("/dev/full")
    assert "no room is left for" in failed(model("pull", ID))
    part.unlink()
    assert model("pull", ID).returncode == 0


# --- the bar ----------------------------------------------------------------------------------------


def test_a_terminal_sees_a_bar_that_goes_away(hub: Hub, env: Any, files: Any, tmp_path: Path) -> None:
    hub.commit(ID, {**files, WEIGHTS: LONG})
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        program("pull", ID), env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as process:
        os.close(theirs)
        shown = seen_on(ours)
        assert process.stdout is not None
        out = process.stdout.read()
    assert process.returncode == 0
    assert f"fetching {WEIGHTS}: 100%" in shown
    assert f"checking {WEIGHTS}:" in shown
    assert "40.0M/40.0M" in shown
    assert "\n" not in shown, "one line, overwritten"
    assert shown.rpartition("\r")[2].strip() == "", "and clean at the end"
    assert out.startswith(f"{ID} is in ")
    assert "\r" not in out


def seen_on(terminal: int) -> str:
    """Everything until the other side closes it."""
    seen = b""
    try:
        while block := os.read(terminal, 65_536):
            seen += block
    except OSError:  # how a terminal ends
        pass
    finally:
        os.close(terminal)
    return seen.decode()
