"""`python -m ttsd.worker` as the daemon sees it: a process at the other end of a socket."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from tests.checkpoints import write_tiny
from ttsd.ipc import FD_VARIABLE, Peer
from ttsd.protocol.engine import (
    ENGINE_VARIABLE,
    AppendText,
    CancelSynthesis,
    CannotStart,
    Chunk,
    EngineConfig,
    Failed,
    FakeSettings,
    Finished,
    FromWorker,
    Loading,
    Ping,
    Pong,
    Qwen3Settings,
    Ready,
    Shutdown,
    Synthesize,
    WorkerLog,
)
from ttsd.protocol.speech import Span
from ttsd.worker.fake import CHARACTER_SAMPLES, render

Until = Callable[..., Awaitable[None]]
Message = TypeVar("Message")
BUILTIN = EngineConfig("builtin", slots=2, languages=("en",))
LONG = "This is a sentence which goes on, and on, and never wants to end, because its author could not stop. " * 20


class Worker:
    """One worker process and everything it has sent."""

    def __init__(self, process: asyncio.subprocess.Process, until: Until) -> None:
        self.process = process
        self.messages: list[Any] = []
        self.lost = False
        self.peer: Peer
        self._until = until

    @property
    def pid(self) -> int:
        return self.process.pid

    def on_lost(self, error: Exception | None) -> None:
        self.lost = True

    def send(self, message: msgspec.Struct) -> None:
        self.peer.send(message)

    def ask(self, number: int, text: str, voice: str = "tone") -> None:
        self.send(Synthesize(number, (Span("en", text),), voice))

    def all(self, kind: type[Message], number: int | None = None) -> list[Message]:
        return [m for m in self.messages if isinstance(m, kind) and (number is None or m.id == number)]

    async def first(self, kind: type[Message], number: int | None = None) -> Message:
        await self._until(lambda: self.all(kind, number) or self.lost)
        assert self.all(kind, number), f"the worker has gone, its last words: {self.messages[-3:]}"
        return self.all(kind, number)[0]

    async def sound(self, number: int) -> bytes:
        await self.first(Finished, number)
        return b"".join(chunk.pcm for chunk in self.all(Chunk, number))

    async def exit_code(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 10)

    def state(self) -> str:
        """The process's state as the kernel tells it, `T` for stopped."""
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


Start = Callable[..., Awaitable[Worker]]


@pytest.fixture
async def start(until: Until) -> AsyncIterator[Start]:
    """Starts workers; ends them whatever state they are in."""
    started: list[Worker] = []

    async def begin(config: EngineConfig | str, *, ready: bool = True) -> Worker:
        ours, theirs = socket.socketpair()
        text = config if isinstance(config, str) else msgspec.json.encode(config).decode()
        env = {**os.environ, FD_VARIABLE: str(theirs.fileno()), ENGINE_VARIABLE: text}
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ttsd.worker", env=env, pass_fds=(theirs.fileno(),)
            )
        worker = Worker(process, until)
        started.append(worker)
        worker.peer = await Peer.connect(ours, FromWorker, worker.messages.append, worker.on_lost)
        if ready:
            await worker.first(Ready)
        return worker

    yield begin
    for worker in started:
        worker.peer.close()
        if worker.process.returncode is None:
            worker.process.kill()
        await worker.process.wait()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "faults.toml"


def fake(script: Path | None = None, **settings: Any) -> EngineConfig:
    return EngineConfig("fake", fake=FakeSettings(script=str(script or ""), **settings))


# --- speaking --------------------------------------------------------------------------------------


async def test_it_loads_speaks_and_answers_pings(start: Start):
    worker = await start(fake(slots=3, load_s=0.1))
    ready = await worker.first(Ready)
    assert (ready.engine.name, ready.engine.slots) == ("fake", 3)
    assert ready.load_s >= 0.1
    progress = [message.progress for message in worker.all(Loading)]
    assert progress == sorted(progress)
    assert len(progress) > 5
    worker.ask(1, "hello")
    assert await worker.sound(1) == render("hello", "tone", 0, 1.0)
    worker.send(Ping(42))
    pong = await worker.first(Pong)
    assert pong.token == 42
    assert pong.stats.spoken_samples == 5 * CHARACTER_SAMPLES
    assert pong.stats.rss_bytes > 2**20


async def test_many_at_once(start: Start, until: Until):
    worker = await start(fake(slots=8))
    for number in range(8):
        worker.ask(number, f"number {number}")
    for number in range(8):
        assert await worker.sound(number) == render(f"number {number}", "tone", 0, 1.0)


async def test_a_text_may_go_on_while_it_is_spoken(start: Start, until: Until, tmp_path: Path):
    settings = Qwen3Settings(str(write_tiny(tmp_path / "tiny")), "cpu", slots=2, max_frames=60)
    worker = await start(EngineConfig("qwen3", qwen3=settings))
    assert (await worker.first(Ready)).engine.can_append
    worker.ask(1, "One, two, three, four.", "default")
    whole = await worker.sound(1)
    worker.send(Synthesize(2, (Span("en", "One, two, "),), "default", more=True))
    await until(lambda: worker.all(Chunk, 2))
    worker.send(AppendText(2, "three, fo"))
    worker.send(AppendText(2, "ur.", last=True))
    assert await worker.sound(2) == whole
    worker.send(Synthesize(3, (Span("en", "One, two, "),), "default", more=True))
    await until(lambda: worker.all(Chunk, 3))
    worker.send(CancelSynthesis(3))
    assert (await worker.first(Finished, 3)).reason == "cancelled"
    worker.send(AppendText(3, "to nobody", last=True))
    worker.ask(4, "One, two, three, four.", "default")
    assert await worker.sound(4) == whole


async def test_an_engine_that_takes_whole_texts_only_says_so(start: Start):
    worker = await start(fake())
    assert not (await worker.first(Ready)).engine.can_append
    worker.send(Synthesize(1, (Span("en", "One, "),), "tone", more=True))
    assert "still being written" in (await worker.first(Failed, 1)).error.message


async def test_the_builtin_voice_gives_the_same_bytes_in_every_process(start: Start):
    first, second = await start(BUILTIN), await start(BUILTIN)
    text = "The same sentence, twice."
    first.ask(1, text, "heart")
    second.ask(1, LONG, "heart")
    second.ask(2, text, "heart")
    sound = await first.sound(1)
    assert len(sound) > 48_000
    assert await second.sound(2) == sound
    second.send(CancelSynthesis(1))


async def test_the_builtin_voice_refuses_other_languages_and_goes_on(start: Start):
    worker = await start(BUILTIN)
    worker.send(Synthesize(1, (Span("de", "Guten Tag."),), "heart"))
    failed = await worker.first(Failed, 1)
    assert failed.error.code == "unsupported_language"
    assert "German" in failed.error.message
    worker.ask(2, "Good day.", "heart")
    assert await worker.sound(2)


# --- cancelling ------------------------------------------------------------------------------------


async def test_a_cancel_is_answered_within_100_ms(start: Start):
    worker = await start(BUILTIN)
    took_ms: list[float] = []
    for number in range(5):
        worker.ask(number, LONG, "heart")
        await worker.first(Chunk, number)
        asked = time.perf_counter()
        worker.send(CancelSynthesis(number))
        finished = await worker.first(Finished, number)
        took_ms.append((time.perf_counter() - asked) * 1000)
        assert finished.reason == "cancelled"
    assert sorted(took_ms)[2] < 100, took_ms


async def test_cancelled_while_the_engine_works_without_a_sound(start: Start):
    worker = await start(fake(first_chunk_ms=600_000))
    worker.ask(1, "long in coming")
    worker.send(Ping(1))
    await worker.first(Pong)
    worker.send(CancelSynthesis(1))
    finished = await worker.first(Finished, 1)
    assert (finished.samples, finished.reason) == (0, "cancelled")


# --- not starting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "code", "says"),
    [
        (EngineConfig("remote"), "bad_config", 'set [engine] name = "builtin"'),
        ("", "bad_config", "cannot read its configuration"),
        ("{}", "bad_config", "cannot read its configuration"),
    ],
)
async def test_what_it_cannot_be_it_says_and_exits_3(start: Start, config: EngineConfig | str, code: str, says: str):
    worker = await start(config, ready=False)
    refusal = await worker.first(CannotStart)
    assert refusal.error.code == code
    assert says in refusal.error.message
    assert await worker.exit_code() == 3


async def test_a_failure_to_load_is_told_and_exits_3(start: Start, script: Path):
    script.write_text('[[rule]]\non = "load"\nfail = "bad weights"\n')
    worker = await start(fake(script), ready=False)
    assert (await worker.first(CannotStart)).error.message == "bad weights"
    assert await worker.exit_code() == 3


async def test_a_bug_while_loading_is_logged_with_its_traceback_and_exits_3(start: Start, script: Path):
    script.write_text('[[rule]]\non = "load"\nbug = "oops"\n')
    worker = await start(fake(script), ready=False)
    assert "RuntimeError: oops" in (await worker.first(CannotStart)).error.message
    assert "Traceback" in str(worker.all(WorkerLog)[0].fields["traceback"])
    assert await worker.exit_code() == 3


async def test_while_loading_it_answers_and_refuses(start: Start):
    worker = await start(fake(load_s=600), ready=False)
    worker.send(Ping(1))
    worker.ask(1, "too early")
    await worker.first(Pong)
    assert (await worker.first(Failed, 1)).error.code == "engine_not_ready"


def test_started_by_hand_it_says_what_to_start():
    done = subprocess.run(
        [sys.executable, "-m", "ttsd.worker"], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "ttsd serve" in done.stderr


# --- ending ----------------------------------------------------------------------------------------


async def end_by_shutdown(worker: Worker) -> None:
    worker.send(Shutdown())


async def end_by_closing(worker: Worker) -> None:
    worker.peer.close()


async def end_by_sigterm(worker: Worker) -> None:
    worker.process.send_signal(signal.SIGTERM)


ENDS = pytest.mark.parametrize("end", [end_by_shutdown, end_by_closing, end_by_sigterm])


@ENDS
@pytest.mark.parametrize("doing", ["idle", "loading", "speaking", "hanging"])
async def test_it_ends_promptly_with_0_whatever_it_does(start: Start, script: Path, doing: str, end: Any):
    script.write_text('[[rule]]\nmatch = "stuck"\nhang = true\n')
    settings = {"load_s": 600} if doing == "loading" else {"rtf": 1000.0}
    worker = await start(fake(script, **settings), ready=doing != "loading")
    if doing in ("speaking", "hanging"):
        worker.ask(1, "stuck" if doing == "hanging" else "slow")
    worker.send(Ping(1))
    await worker.first(Pong)
    asked = time.monotonic()
    await end(worker)
    assert await worker.exit_code() == 0
    assert time.monotonic() - asked < 3


async def test_shut_down_it_still_says_that_it_cancelled(start: Start):
    worker = await start(fake(rtf=1000))
    worker.ask(1, "slow")
    worker.send(Shutdown())
    assert (await worker.first(Finished, 1)).reason == "cancelled"


async def test_ctrl_c_in_the_terminal_is_the_daemons_business(start: Start):
    worker = await start(fake())
    worker.process.send_signal(signal.SIGINT)
    worker.ask(1, "still here")
    assert await worker.sound(1)


# --- faults ----------------------------------------------------------------------------------------


async def test_killed_in_the_middle_the_next_worker_says_the_same(start: Start, script: Path, until: Until):
    script.write_text('[[rule]]\nmatch = "boom"\ntimes = 1\nafter_chunks = 2\ncrash = true\n')
    first = await start(fake(script))
    first.ask(1, "boom goes the worker")
    assert await first.exit_code() == -signal.SIGKILL
    await until(lambda: first.lost)
    begun = b"".join(chunk.pcm for chunk in first.all(Chunk, 1))
    second = await start(fake(script))
    second.ask(1, "boom goes the worker")
    whole = await second.sound(1)
    assert 0 < len(begun) < len(whole)
    assert whole.startswith(begun)


@pytest.mark.parametrize(("fault", "code"), [("exit = 7", 7), ("oom = true", 4)])
async def test_exit_codes(start: Start, script: Path, fault: str, code: int):
    script.write_text(f"[[rule]]\n{fault}\n")
    worker = await start(fake(script))
    worker.ask(1, "text")
    assert await worker.exit_code() == code


async def test_out_of_memory_while_loading_exits_4(start: Start, script: Path):
    script.write_text('[[rule]]\non = "load"\noom = true\n')
    worker = await start(fake(script), ready=False)
    assert await worker.exit_code() == 4


async def test_a_hung_slot_leaves_pings_and_the_other_slots_alone(start: Start, script: Path):
    script.write_text('[[rule]]\nmatch = "stuck"\nafter_chunks = 1\nhang = true\n')
    worker = await start(fake(script, slots=2))
    worker.ask(1, "stuck in the middle")
    await worker.first(Chunk, 1)
    worker.send(CancelSynthesis(1))
    worker.ask(2, "free")
    assert await worker.sound(2)
    worker.send(Ping(1))
    assert (await worker.first(Pong)).stats.busy_slots == 1
    assert worker.all(Finished, 1) == []


async def test_a_frozen_process_answers_nothing(start: Start, script: Path, until: Until):
    script.write_text("[[rule]]\nfreeze = true\n")
    worker = await start(fake(script))
    worker.ask(1, "text")
    await until(lambda: worker.state() == "T")
    worker.send(Ping(1))
    worker.process.send_signal(signal.SIGCONT)
    await worker.first(Pong)
    assert await worker.sound(1)


async def test_failures_come_with_their_class(start: Start, script: Path):
    script.write_text('[[rule]]\nmatch = "now"\nfail = "no luck"\n[[rule]]\nfail = "later"\nretryable = true\n')
    worker = await start(fake(script))
    worker.ask(1, "not now")
    assert (await worker.first(Failed, 1)).error.retryable is False
    worker.ask(2, "text")
    assert (await worker.first(Failed, 2)).error.retryable is True


async def test_memory_grows_and_stays(start: Start, script: Path):
    worker = await start(fake(script))
    worker.send(Ping(1))
    before = (await worker.first(Pong)).stats.rss_bytes
    script.write_text("[[rule]]\ntimes = 1\ngrow_mb = 64\n")
    worker.ask(1, "text")
    await worker.sound(1)
    worker.messages.clear()
    worker.send(Ping(2))
    assert (await worker.first(Pong)).stats.rss_bytes - before > 60 * 2**20


async def test_what_is_no_message_ends_the_worker(start: Start):
    worker = await start(fake())
    worker.send(Ready(worker.all(Ready)[0].engine, 0.0))
    assert await worker.exit_code() not in (0, 3, 4)


# --- what is imported ------------------------------------------------------------------------------

PROGRAM = """
import sys, threading
from ttsd.protocol.engine import EngineConfig, Synthesize
from ttsd.protocol.speech import Span
import ttsd.worker.__main__
from ttsd.worker.engine import build_engine

engine = build_engine(EngineConfig({name!r}))
engine.load(lambda progress, note: None)
for _ in engine.speak(Synthesize(1, (Span("en", "Ready."),), engine.info.default_voice), threading.Event()):
    pass
print(*sorted(sys.modules))
"""


@pytest.mark.parametrize(
    ("name", "never"), [("builtin", set[str]()), ("fake", {"numpy", "hibari", "onnxruntime"})], ids=["builtin", "fake"]
)
def test_it_imports_no_more_than_it_needs(name: str, never: set[str]):
    program = PROGRAM.format(name=name)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    imported = set(done.stdout.split())
    never |= {"torch", "transformers", "scipy", "sqlite3", "starlette", "uvicorn", "watchdog", "structlog"}
    never |= {"ttsd.config", "ttsd.daemon", "ttsd.api", "ttsd.storage", "ttsd.jobs", "ttsd.supervisor"}
    assert not imported & never
