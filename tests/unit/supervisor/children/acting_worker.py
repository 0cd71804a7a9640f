"""A worker for tests of the supervisor: the script (JSON, in place of the fake engine's) and the texts say what to act.

The real worker does not do most of this on command: speak silence, refuse to start, ignore a request.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ttsd.ipc import Channel
from ttsd.protocol.engine import (
    ENGINE_VARIABLE,
    EXIT_CANNOT_START,
    EXIT_OUT_OF_MEMORY,
    CancelSynthesis,
    CannotStart,
    Chunk,
    EngineConfig,
    EngineInfo,
    EngineVoice,
    Failed,
    Finished,
    Loading,
    Ping,
    Pong,
    Ready,
    Shutdown,
    Synthesize,
    ToWorker,
    WorkerLog,
    WorkerStats,
)
from ttsd.protocol.errors import ErrorBody

TONE = b"\x00\x40\x00\xc0" * 480
STEPS = 10

config = msgspec.json.decode(os.environ[ENGINE_VARIABLE], type=EngineConfig)
script: dict[str, Any] = json.loads(Path(config.fake.script).read_text()) if config.fake.script else {}
channel = Channel.inherited(ToWorker)
info = EngineInfo("acting", "1", config.fake.slots, ("en",), (EngineVoice("one", ("en",)),), "one")


def refuse(message: str, *, retryable: bool) -> None:
    channel.send(CannotStart(ErrorBody("engine_not_ready", message, None, retryable)))
    sys.exit(EXIT_CANNOT_START)


def load() -> None:
    channel.send(Loading(0.5, "half way"))
    match script.get("start"):
        case "refuse":
            refuse("the weights are bad", retryable=False)
        case "no device":
            refuse("no CUDA device", retryable=True)
        case "exit 3":
            sys.exit(EXIT_CANNOT_START)
        case "crash":
            sys.exit(9)
        case "slow":
            time.sleep(600)
        case "too big" if config.fake.slots > script["fits"]:
            sys.exit(EXIT_OUT_OF_MEMORY)
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            finish_start()
            time.sleep(600)
    finish_start()


def finish_start() -> None:
    channel.send(WorkerLog("info", "engine.loaded", {"event": "no clash", "slots": config.fake.slots}))
    channel.send(Ready(info, 0.01))


def finish(number: int, samples: int, reason: str = "stop") -> None:
    channel.send(Finished(number, samples, reason, 1.0, 2.0))


def say(number: int) -> None:
    channel.send(Chunk(number, TONE))
    finish(number, len(TONE) // 2)


def canary(number: int) -> None:
    match script.get("canary"):
        case "silence":
            channel.send(Chunk(number, bytes(4800)))
            finish(number, 2400)
        case "failure":
            fail(number)
        case _:
            say(number)


def steps(number: int) -> None:
    for index in range(STEPS):
        time.sleep(0.03)
        channel.send(Chunk(number, bytes([index, 0])))
    finish(number, STEPS)


def fail(number: int, code: str = "engine_failed") -> None:
    channel.send(Failed(number, ErrorBody(code, f"{code}, as asked")))


def many(number: int) -> None:
    for _ in range(2000):
        channel.send(Chunk(number, TONE))
    finish(number, 2000 * len(TONE) // 2)


ACTS: dict[str, Callable[[int], object]] = {
    info.canary_text: canary,
    "crash": lambda number: (channel.send(Chunk(number, TONE)), os._exit(1)),
    "out of memory": lambda _: os._exit(EXIT_OUT_OF_MEMORY),
    "freeze": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "mute": lambda _: None,
    "hold": lambda number: channel.send(Chunk(number, TONE)),
    "steps": lambda number: threading.Thread(target=steps, args=(number,)).start(),
    "fail": fail,
    "bad": lambda number: fail(number, "unknown_voice"),
    "break": lambda number: (script.update(canary="failure"), fail(number)),
    "many": many,
    "garbage": lambda _: channel._sock.sendall(b"\x00\x00\x00\x01\xc1"),
    "sleep": lambda number: (time.sleep(0.7), say(number)),
}

load()
while (message := channel.receive()) is not None:
    match message:
        case Synthesize():
            ACTS.get(message.spans[0].text, say)(message.id)
        case CancelSynthesis():
            finish(message.id, 0, "cancelled")
        case Ping() if not script.get("ignore pings"):
            channel.send(Pong(message.token, WorkerStats(0, 1, 2, 3.0)))
        case Shutdown():
            break
