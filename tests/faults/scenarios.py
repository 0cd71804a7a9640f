"""Every fault that is acted out, how it is brought about, and what must come of it."""

import contextlib
import os
import resource
import signal
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from tests import verdict
from tests.cards import Card
from tests.cgroups import limited
from tests.conftest import DaemonProcess
from tests.faults.listeners import Heard, Listener, stream_of
from tests.faults.stage import STREAM_TEXT, TRIGGER, Ready, Stage
from tests.mounts import fill, small_disk
from tests.nvml import compiled
from tests.waiting import wait_for

MB: Final = 2**20
Settings = dict[str, dict[str, Any]]


def by_script(_stage: Stage) -> None:
    """The engine's script does it."""


def rule(**keys: Any) -> str:
    """A rule of the fake engine's script for the stream's second sentence, two chunks into it."""
    values = {"match": TRIGGER, "times": 1, "after_chunks": 2, **keys}
    return "[[rule]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


@dataclass(frozen=True)
class Scenario:
    """One fault. The words of `live`, `stream` and `ready` are what the run must show, and what the table says."""

    name: str
    how: str
    """Brought about by; in the table."""
    act: Callable[[Stage], None] = by_script
    """Lets it happen, and returns when it is over or has been told."""
    live: Heard = Heard.WHOLE
    stream: Heard = Heard.WHOLE
    ready: Ready = Ready.STAYS
    told: str = ""
    """An event that must be in the log."""
    script: str = ""
    settings: Settings = field(default_factory=dict)
    around: Callable[[Stage], contextlib.AbstractContextManager[None]] | None = None
    """What has to be there before the daemon starts."""
    once: bool = False
    """The log tells of it once, however long it lasts."""
    root: bool = False
    """It takes root to bring it about."""


# --- the worker ------------------------------------------------------------------------------------


def kill_worker(stage: Stage) -> None:
    os.kill(stage.daemon.worker_pid(), signal.SIGKILL)


def kill_before_a_hang(stage: Stage) -> None:
    stage.daemon.script.write_text('[[rule]]\non = "load"\ntimes = 1\nhang = true\n')
    kill_worker(stage)


def stop_worker(stage: Stage) -> None:
    os.kill(stage.daemon.worker_pid(), signal.SIGSTOP)


def limit_memory(stage: Stage) -> None:
    """Of the daemon and all its processes: what they may take beyond what they have."""
    family = [stage.pid, *(child.pid for child in stage.storm.children())]
    with limited(family, 150 * MB):
        stage.daemon.script.write_text(rule(match="", times=1, after_chunks=0, grow_mb=400))
        stage.drop(2)  # what was there from the start may have been spoken by now
        stage.wait_told("worker.lost")
        wait_for(lambda: "SIGKILL" in (stage.daemon.status()["worker"]["last_exit"] or ""), what="the kernel's kill")
        stage.daemon.wait_ready()


QUICK: Final = {"sample_s": 0.05, "sustained_s": 0.1, "recycle_pause_s": 0, "recycles_per_hour": 1000}


def with_card_of(total_mb: int) -> Callable[[Stage], contextlib.AbstractContextManager[None]]:
    @contextlib.contextmanager
    def around(stage: Stage) -> Generator[None]:
        library = stage.daemon.root / "driver"
        library.mkdir()
        stage.card = Card(stage.daemon.root, compiled(library), total_mb)
        stage.card.others_mb = 40
        stage.daemon.env |= stage.card.env
        yield

    return around


def leak(stage: Stage) -> None:
    """The card sees what the worker takes; until another one has taken its place."""
    assert stage.card is not None
    stage.daemon.script.write_text("[[rule]]\ngrow_mb = 15\n")
    watching = contextlib.ExitStack()
    watching.enter_context(stage.card.under(stage.pid))
    stage.more.append(watching.close)
    stage.drop(2)


def leaking(name: str, total_mb: int, restart: float, how: str, **outcome: Any) -> Scenario:
    gpu = {**QUICK, "vram_restart": restart, "vram_hysteresis": 0.01}
    settings = {"gpu": gpu, "fake": {"device": "cuda"}}
    return Scenario(name, how, leak, settings=settings, around=with_card_of(total_mb), **outcome)


WORKER: Final = (
    Scenario(
        "worker killed",
        "`kill -9` of the worker",
        kill_worker,
        ready=Ready.AGAIN,
        told="worker.lost",
    ),
    Scenario(
        "worker stands still",
        "`SIGSTOP` of the worker; `[engine] ping_timeout_s = 1`",
        stop_worker,
        ready=Ready.AGAIN,
        told="no answer to a ping",
        settings={"engine": {"ping_timeout_s": 1}},
    ),
    Scenario(
        "engine hangs in a segment",
        "a slot that makes no sound and ignores a cancel; `[engine] chunk_timeout_s = 1`",
        ready=Ready.AGAIN,
        told="a segment without new audio",
        script=rule(hang=True),
        settings={"engine": {"chunk_timeout_s": 1, "ping_timeout_s": 1}},
    ),
    Scenario(
        "engine hangs in loading",
        "`kill -9` of the worker; the next one does not finish loading; `[engine] start_timeout_s = 2`",
        kill_before_a_hang,
        ready=Ready.AGAIN,
        told="was not ready after 2 s",
        settings={"engine": {"start_timeout_s": 2}},
    ),
    Scenario(
        "out of memory in the worker",
        "an allocation fails: exit status 4",
        ready=Ready.AGAIN,
        told="ran out of memory",
        script=rule(oom=True),
    ),
    leaking(
        "slow leak on the card",
        4000,
        0.05,
        "every segment keeps 15 MB of the card, over `[gpu] vram_restart`; there is room for a second worker",
        told="worker.replaced",
    ),
    leaking(
        "slow leak on a small card",
        150,
        0.95,
        "the same, without room for a second worker",
        ready=Ready.AGAIN,
        told="worker.leaving",
    ),
    Scenario(
        "memory limit of the control group",
        "a worker that takes 400 MB in a group that has 150 MB left: the kernel kills it",
        limit_memory,
        ready=Ready.AGAIN,
        told="worker.lost",
        root=True,
    ),
    Scenario(
        "numbers that are none (NaN)",
        "the model's numbers for one segment are NaN",
        stream=Heard.FAILED,
        told="speech.broken_off",
        script=rule(times=9, fail="the model made numbers that are none (NaN or infinity); try another seed"),
    ),
    Scenario(
        "CUDA error",
        "an illegal access to the card's memory, after which its process can do nothing more on it",
        ready=Ready.AGAIN,
        told="worker.lost",
        script=rule(bug="CUDA error: an illegal memory access was encountered"),
    ),
    Scenario(
        "torn message from the worker",
        "half a message, then the end of the process",
        ready=Ready.AGAIN,
        told="worker.lost",
        script=rule(torn=True, exit=1),
    ),
    Scenario(
        "garbage from the worker",
        "bytes that are no message",
        ready=Ready.AGAIN,
        told="sent what is no message",
        script=rule(garbage=True),
    ),
)


# --- the daemon ------------------------------------------------------------------------------------


def kill_daemon(stage: Stage) -> None:
    stage.daemon.kill()
    stage.daemon.start()


def terminate(stage: Stage) -> None:
    assert stage.daemon.stop() == 0
    stage.daemon.start()


def hang_up(stage: Stage) -> None:
    os.kill(stage.pid, signal.SIGHUP)


def stand_still(stage: Stage) -> None:
    """Longer than the worker has for an answer."""
    process = psutil.Process(stage.pid)
    process.suspend()
    stage.drop(2)
    with contextlib.suppress(Exception):
        stage.daemon.process.wait(3.5)  # type: ignore[union-attr]
    process.resume()


def kill_prep(stage: Stage) -> None:
    for process in stage.storm.children("ttsd.prep"):
        process.kill()
    stage.drop(2)


def jump(stage: Stage) -> None:
    """A day ahead, then to a day before."""
    clock = stage.daemon.root / "clock"
    clock.write_text("86400")
    stage.wait_told("clock.jumped")
    stage.drop(2)
    clock.write_text("-86400")
    wait_for(lambda: len(stage.lines("clock.jumped")) == 2, 30, "a second line")


@contextlib.contextmanager
def _wrong_clock(stage: Stage) -> Generator[None]:
    stage.daemon.env["HAZARD_CLOCK"] = str(stage.daemon.root / "clock")
    yield


DAEMON: Final = (
    Scenario(
        "daemon killed",
        "`kill -9` of the daemon; systemd starts it again",
        kill_daemon,
        live=Heard.BROKEN_OFF,
        stream=Heard.BROKEN_OFF,
        ready=Ready.RESTARTED,
    ),
    Scenario(
        "daemon stopped",
        "`SIGTERM`, as by `systemctl restart`",
        terminate,
        live=Heard.TOLD,
        ready=Ready.RESTARTED,
        told="daemon.stopping",
    ),
    Scenario("daemon reloaded", "`SIGHUP`, as by `systemctl reload`", hang_up, told="config.reloaded", once=True),
    Scenario(
        "daemon stands still",
        "`SIGSTOP` for 3.5 s, as a machine that sleeps; `[engine] ping_timeout_s = 1`",
        stand_still,
        told="daemon.overslept",
        settings={"engine": {"ping_timeout_s": 1}},
        once=True,
    ),
    Scenario("text processes killed", "`kill -9` of every `ttsd.prep`", kill_prep, told="prep.lost"),
    Scenario(
        "clock jumps",
        "the wall clock goes a day ahead, then two days back",
        jump,
        told="clock.jumped",
        around=_wrong_clock,
    ),
)


# --- the machine -----------------------------------------------------------------------------------


def no_more_files(stage: Stage) -> None:
    """The daemon may open nothing any more until all is heard; files come in meanwhile."""
    before = resource.prlimit(stage.pid, resource.RLIMIT_NOFILE)
    crowd = Idle(stage, 0)
    try:
        resource.prlimit(stage.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        crowd.join(3)
        stage.drop(2)
        stage.wait_told("server.no_descriptors")
        stage.wait_told("health.blind")
        stage.heard()
        assert not crowd.answered()
    finally:
        resource.prlimit(stage.pid, resource.RLIMIT_NOFILE, before)
    wait_for(crowd.answered, 30, "an answer to who had waited")
    crowd.leave()


def rooms(daemon: DaemonProcess) -> list[int]:
    """Bytes free on each disk, as the daemon saw them last."""
    return [disk["free_bytes"] for disk in daemon.get("/v1/status").json()["health"]["disks"]]


def full(where: str, told: str, *, ready: bool) -> Callable[[Stage], None]:
    """The disk of a folder has no byte left, until the log and, unless speech can be had, `/readyz` have told it."""

    def act(stage: Stage) -> None:
        http = stage.storm.http
        http.post("/v1/queue/pause")
        stage.drop(2)
        wait_for(lambda: not verdict.files_in(stage.daemon.path("inbox")), 30, "files taken")
        ballast = fill(stage.daemon.root / where)
        if where == "state":
            stage.drop(4)
        else:
            http.post("/v1/queue/resume")
        stage.wait_told(told)
        assert stage.daemon.get("/healthz").status_code == 200
        wait_for(lambda: 0 in rooms(stage.daemon), what="a sample that shows it")
        assert stage.daemon.get("/readyz").status_code == (200 if ready else 503)
        ballast.unlink()
        wait_for(lambda: http.post("/v1/queue/resume").status_code == 200, what="room for a switch")
        stage.drop(3)

    return act


def on_small_disk(where: str) -> Callable[[Stage], contextlib.AbstractContextManager[None]]:
    @contextlib.contextmanager
    def around(stage: Stage) -> Generator[None]:
        with small_disk(stage.daemon.root / where):
            yield

    return around


@contextlib.contextmanager
def with_card(stage: Stage) -> Generator[None]:
    """A driver by a script; see tests/integration/fake_nvml.c."""
    library = stage.daemon.root / "driver"
    library.mkdir()
    values = _values(stage)
    values.write_text("count=1\n")
    stage.daemon.env |= {"LD_LIBRARY_PATH": str(compiled(library)), "FAKE_NVML": str(values)}
    stage.daemon.env["CUDA_VISIBLE_DEVICES"] = "0"
    yield


def _values(stage: Stage) -> Path:
    return stage.daemon.root / "values.txt"


def _cards(stage: Stage) -> int:
    return len(stage.daemon.status()["health"]["gpus"])


def lose_card(stage: Stage) -> None:
    wait_for(lambda: _cards(stage) == 1, what="a card")
    _values(stage).write_text("count=1\nrc.nvmlDeviceGetMemoryInfo=15\n")
    wait_for(lambda: _cards(stage) == 0, what="no card")


def lose_own_card(stage: Stage) -> None:
    """And have it back."""
    lose_card(stage)
    wait_for(lambda: stage.daemon.get("/readyz").status_code == 503, what="no readiness")
    stage.drop(2)
    _values(stage).write_text("count=1\n")


OFTEN: Final[Settings] = {"gpu": {"sample_s": 0.2}}


def full_disk(name: str, where: str, kept: str, *, told: str, ready: bool = False) -> Scenario:
    """The disk that `where` is on has no room, for a while; with `ready` that keeps no speech from being had."""
    return Scenario(
        name,
        f"not a byte left on the disk of the {kept}, then room again",
        full(where, told, ready=ready),
        ready=Ready.STAYS if ready else Ready.AGAIN,
        told=told,
        around=on_small_disk(where),
        settings=OFTEN,
        once=True,
        root=True,
    )


MACHINE: Final = (
    Scenario(
        "no file descriptors left",
        "`prlimit --nofile=3`: nothing more can be opened; connections and files come",
        no_more_files,
        ready=Ready.WAITS,
        told="server.no_descriptors",
        once=True,
        root=True,
        settings=OFTEN,
    ),
    Scenario(
        "card disappears",
        "NVML says `GPU is lost`, of a card that the engine does not use",
        lose_card,
        told="gpu.lost",
        around=with_card,
        settings=OFTEN,
        once=True,
    ),
    Scenario(
        "the engine's card disappears",
        "NVML says `GPU is lost` of the card that the engine is on, and soon it is back",
        lose_own_card,
        live=Heard.MISSING,
        stream=Heard.BROKEN_OFF,
        ready=Ready.AGAIN,
        told="gpu.lost",
        around=with_card,
        settings={**OFTEN, "fake": {"device": "cuda"}},
        once=True,
    ),
    full_disk("spool's disk full", "spool", "hot folder", told="storage.refuses"),
    full_disk("database's disk full", "state", "state directory", told="intake.postponed"),
    full_disk("cache's disk full", "cache", "clip store", told="clips.not_kept", ready=True),
)


# --- clients ---------------------------------------------------------------------------------------


class Idle:
    """Connections that ask nothing, or ask once and are patient."""

    def __init__(self, stage: Stage, count: int) -> None:
        self._path = str(stage.daemon.socket)
        self._sockets: list[socket.socket] = []
        self.join(count)

    def join(self, count: int) -> None:
        for _ in range(count):
            each = socket.socket(socket.AF_UNIX)
            self._sockets.append(each)
            each.settimeout(30)
            each.connect(self._path)
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            each.setblocking(False)

    def answered(self) -> bool:
        """Whether all have been."""
        try:
            return all(each.recv(15, socket.MSG_PEEK) == b"HTTP/1.1 200 OK" for each in self._sockets)
        except BlockingIOError:
            return False

    def leave(self) -> None:
        for each in self._sockets:
            each.close()


def many_idle(stage: Stage) -> None:
    crowd = Idle(stage, 500)
    stage.more.append(crowd.leave)
    wait_for(crowd.answered, 30, "500 answers")
    assert Listener(stream_of("One more is heard.", seed=5), stage.daemon).heard() is Heard.WHOLE


def reads_nothing(stage: Stage) -> None:
    """A second stream, whose client takes its head and no more."""
    body = b'{"text": "%s", "language": "en", "seed": 9}' % (STREAM_TEXT.replace(TRIGGER, "problem") * 2).encode()
    lazy = socket.socket(socket.AF_UNIX)
    lazy.connect(str(stage.daemon.socket))
    lazy.sendall(b"POST /api/tts_stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert lazy.recv(12) == b"HTTP/1.1 200"
    stage.more.append(lazy.close)
    stage.wait_told("client.too_slow")
    assert "ttsd_slow_readers_dropped_total 1.0" in stage.daemon.get("/metrics").text


CLIENTS: Final = (
    Scenario("500 idle clients", "500 connections that ask once and stay", many_idle),
    Scenario(
        "slow client",
        "another client takes no byte of its stream; `[limits] slow_reader_s = 1`; it is dropped and counted",
        reads_nothing,
        told="client.too_slow",
        settings={"limits": {"slow_reader_s": 1}},
        once=True,
    ),
)

ALL: Final = (*WORKER, *DAEMON, *MACHINE, *CLIENTS)
