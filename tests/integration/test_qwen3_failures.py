"""Engine `qwen3` where it cannot go on: a checkpoint that is broken, or no memory; in the real worker and daemon."""

import hashlib
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.checkpoints import write_tiny
from tests.oracle.cases import TRANSCRIPT, write_clip
from ttsd.ipc import FD_VARIABLE, Channel
from ttsd.protocol.engine import (
    ENGINE_VARIABLE,
    EXIT_CANNOT_START,
    EXIT_OUT_OF_MEMORY,
    CannotStart,
    EngineConfig,
    FromWorker,
    Qwen3Settings,
    Ready,
    ReferenceClip,
    Synthesize,
    WorkerLog,
)
from ttsd.protocol.speech import Span

ENDLESS_FRAMES = 10**10
"""So long a segment has no room in any memory."""
ROOM_BYTES = 4 * 2**30
MANY_FRAMES = 150_000
"""Of 64 slots their memory is more than that room, of one slot it is a fiftieth of it."""


class Worker:
    """One worker process with engine `qwen3`, and what it has said."""

    def __init__(self, settings: Qwen3Settings) -> None:
        ours, theirs = socket.socketpair()
        config = msgspec.json.encode(EngineConfig("qwen3", qwen3=settings)).decode()
        env = {**os.environ, FD_VARIABLE: str(theirs.fileno()), ENGINE_VARIABLE: config}
        with theirs:
            self.process = subprocess.Popen([sys.executable, "-m", "ttsd.worker"], env=env, pass_fds=(theirs.fileno(),))
        self.messages: list[Any] = []
        self._socket = ours
        self._channel = Channel(ours, FromWorker)
        ours.settimeout(60)

    def hear(self, kind: type[Any]) -> Any:
        """The next message of a kind; those before it are kept in `messages`."""
        while not isinstance(message := self._channel.receive(), kind):
            assert message is not None, f"it went without a {kind.__name__}; it said {self.messages[-3:]}"
            self.messages.append(message)
        return message

    def ask(self, clip: Path) -> None:
        """Have something said in the voice of a clip."""
        reference = ReferenceClip(str(clip), hashlib.sha256(clip.read_bytes()).hexdigest(), TRANSCRIPT)
        self._channel.send(Synthesize(1, (Span("en", "Hello."),), "default", reference=reference))

    def exit_code(self) -> int:
        return self.process.wait(30)

    def close(self) -> None:
        self._socket.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def begin(model: Path, **settings: Any) -> Worker:
        own = Qwen3Settings(model=str(model), **{"allow_cpu": True, "slots": 2, "max_frames": 40, **settings})
        started.append(Worker(own))
        return started[-1]

    yield begin
    for worker in started:
        worker.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture
def checkpoint(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "tiny")


SPARE_BYTES = 32 * 2**20
"""Enough to go on living; not for the clip."""

# --- broken checkpoints ----------------------------------------------------------------------------


def cut(folder: Path) -> str:
    path = folder / "speech_tokenizer" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    return f"{path}: this is no whole safetensors file"


def forget(folder: Path) -> str:
    path = folder / "config.json"
    content = json.loads(path.read_text())
    del content["talker_config"]["hidden_size"]
    path.write_text(json.dumps(content))
    return f"{path}: Object missing required field `hidden_size`"


def poison(folder: Path) -> str:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["talker.model.norm.weight"][3] = torch.nan
    save_file(tensors, path)
    return f"{path}: tensor talker.model.norm.weight holds NaN or infinity"


def lose(folder: Path) -> str:
    (folder / "vocab.json").unlink()
    return f"{folder / 'vocab.json'}: "


@pytest.mark.parametrize("damage", [cut, forget, poison, lose])
def test_a_broken_checkpoint_ends_the_worker_with_3_and_the_reason(
    start: Callable[..., Worker], checkpoint: Path, damage: Callable[[Path], str]
) -> None:
    reason = damage(checkpoint)
    worker = start(checkpoint)
    refusal = worker.hear(CannotStart).error
    assert refusal.message.startswith(reason)
    assert (refusal.code, refusal.param, refusal.retryable) == ("bad_config", "qwen3.model", False)
    assert worker.exit_code() == EXIT_CANNOT_START


def test_of_poisoned_weights_the_daemon_tells_and_does_not_try_them_again(
    make_daemon: Any, wait_for: Any, checkpoint: Path
) -> None:
    reason = poison(checkpoint)
    daemon = make_daemon(engine={"name": "qwen3", "allow_cpu": True}, qwen3={"model": str(checkpoint)})
    daemon.start(ready=False)
    wait_for(daemon.listens)
    wait_for(lambda: reason in daemon.get("/readyz").text, 60)
    # Its end shows in the phase at once, and is counted a moment later.
    worker = wait_for(lambda: (found := daemon.status()["worker"])["pid"] is None and found["restarts"] and found)
    assert (worker["phase"], worker["restarts"]) == ("failed", 1)
    assert daemon.get("/healthz").status_code == 200


# --- out of memory ---------------------------------------------------------------------------------


def test_no_memory_for_the_slots_ends_the_worker_with_4(start: Callable[..., Worker], checkpoint: Path) -> None:
    worker = start(checkpoint, max_frames=ENDLESS_FRAMES)
    record = worker.hear(WorkerLog)
    assert record.event == "out_of_memory"
    assert "allocate" in record.fields["error"]
    assert worker.exit_code() == EXIT_OUT_OF_MEMORY


def test_no_memory_for_a_request_ends_the_worker_with_4(
    start: Callable[..., Worker], checkpoint: Path, tmp_path: Path
) -> None:
    """A long clip wants more than there is left, in the thread of its slot."""
    write_clip(tmp_path / "long.wav", 55.0)
    worker = start(checkpoint)
    worker.hear(Ready)
    room = psutil.Process(worker.process.pid).memory_info().vms + SPARE_BYTES
    resource.prlimit(worker.process.pid, resource.RLIMIT_AS, (room, room))
    worker.ask(tmp_path / "long.wav")
    assert worker.hear(WorkerLog).event == "out_of_memory"
    assert worker.exit_code() == EXIT_OUT_OF_MEMORY


def test_the_daemon_tries_again_with_fewer_slots(make_daemon: Any, wait_for: Any, checkpoint: Path) -> None:
    daemon = make_daemon(
        engine={"name": "qwen3", "allow_cpu": True},
        qwen3={"model": str(checkpoint), "slots": 64, "max_frames": MANY_FRAMES},
    )
    daemon.prefix = ["prlimit", f"--as={ROOM_BYTES}"]
    daemon.start(ready=False)
    wait_for(daemon.listens)
    worker = wait_for(lambda: (found := daemon.status()["worker"])["phase"] == "ready" and found, 60)
    assert worker["last_exit"] == "the worker ran out of memory"
    assert worker["restarts"] == 1
    assert worker["engine"]["slots"] < 64
