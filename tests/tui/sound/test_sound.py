"""What is heard is what the daemon sent; silence is silence at once; devices come and go."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.waiting import wait_for

DRIVE = Path(__file__).with_name("drive.py")
BLOCK = 480
"""20 ms: short enough to see a click, long enough to be recognised in noise."""
LATENCY_MS = 100
SAFE_MS = 500
"""A buffer for tests of what is played, not of when: a machine under load lets the sound thread wait that long."""
RATE_HZ = 24_000
LONGEST_SILENCE = 30 * RATE_HZ
"""Between two phrases, while a worker is begun anew."""

Signal = NDArray[np.float64]


class App:
    """Owns the driven app; see `drive.py` for what it understands."""

    def __init__(self, socket: Path, environment: dict[str, str], latency_ms: int = LATENCY_MS) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(DRIVE), str(socket), str(latency_ms)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        self._answer()

    def do(self, line: str):
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self):
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the driven app has ended"
        return json.loads(line)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()


@pytest.fixture
def daemon(make_daemon):
    """Its voice is noise: every block of it can be told from every other."""
    return make_daemon(speech={"voice": "noise"}, engine={"name": "fake"}, fake={"rtf": 0.2}).start()


@pytest.fixture
def start_app(daemon, sound_server) -> Iterator[Callable[[], App]]:
    """Apps on that daemon and that sound server."""
    apps: list[App] = []

    def start(latency_ms: int = LATENCY_MS) -> App:
        environment = {**sound_server.environment, "XDG_STATE_HOME": str(sound_server.root / "state")}
        apps.append(App(daemon.socket, environment, latency_ms))
        return apps[-1]

    yield start
    for app in apps:
        app.close()


def correlation(one: Signal, other: Signal) -> float:
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / size if size else 0.0


def find(recorded: Signal, wanted: Signal) -> tuple[int, float]:
    """Where `wanted` stands in `recorded`, and how alike they are there."""
    size = 1 << (len(recorded) + len(wanted)).bit_length()
    product = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(wanted, size)), size)
    at = int(np.argmax(product[: max(1, len(recorded) - len(wanted) + 1)]))
    return at, correlation(recorded[at : at + len(wanted)], wanted)


def lags(recorded: Signal, sent: Signal, near: int) -> tuple[list[int], int]:
    """Of each 20 ms block that is no silence: how far it was moved; and how many were not heard at all.

    `near`: where most of `sent` begins in `recorded`.
    """
    found: list[int] = []
    missing = 0
    for start in range(0, len(sent) - BLOCK + 1, BLOCK):
        block = sent[start : start + BLOCK]
        if np.abs(block).max() < 50:
            continue
        low = max(0, near + start - BLOCK)
        at, likeness = find(recorded[low : near + start + 3 * BLOCK], block)
        if likeness < 0.99:
            low = 0
            at, likeness = find(recorded, block)
        if likeness < 0.99:
            missing += 1
        else:
            near = low + at - start
            found.append(near)
    return found, missing


def as_signal(pcm: bytes) -> Signal:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def phrases(pcm: bytes, starts: list[int]) -> list[Signal]:
    return [
        as_signal(pcm[2 * start : 2 * end]) for start, end in zip(starts, [*starts[1:], len(pcm) // 2], strict=True)
    ]


class Comparison(NamedTuple):
    """What was played, held against what the daemon sent."""

    likeness: float
    """The least of all phrases."""
    missing: int
    """Blocks that were not heard."""
    gaps: int
    """Places inside a phrase where it was not heard in one piece."""
    seconds: float


def compare(app: App, recorder: Any, file: Path) -> Comparison:
    """Once all of it was heard."""
    app.do("heard")
    recorder.wait_for_quiet(SAFE_MS / 1000 + 0.2)  # what left the app is still in the sound server
    app.do(f"save {file}")
    starts = app.do("state")["starts"]
    recorded = recorder.stop().astype(np.float64)
    pcm = file.read_bytes()
    missing = gaps = 0
    likeness = 1.0
    begin = 0
    for phrase in phrases(pcm, starts):
        following = recorded[begin : begin + len(phrase) + LONGEST_SILENCE]
        at, alike = find(following, phrase)
        moved, lost = lags(following, phrase, at)
        missing += lost
        gaps += int(np.count_nonzero(np.diff(moved)))
        likeness = min(likeness, alike)
        begin += at + len(phrase)
    return Comparison(likeness, missing, gaps, len(pcm) / 2 / RATE_HZ)


def same(outcome: Comparison) -> bool:
    return outcome.likeness >= 0.99 and (outcome.missing, outcome.gaps) == (0, 0)


def type_with_deaths(app: App, daemon, phrases_typed: int) -> None:
    """Type on and on, and faster than one hears; the worker is killed within a phrase, replaced in good order as more
    is typed, and killed when it has nothing to do.

    There is sound ahead of the listener each time: he hears the new worker begin at a border of phrases, if at all.
    """
    daemon.script.write_text('[[rule]]\nmatch = "unlucky"\ntimes = 1\nafter_chunks = 2\ncrash = true\n')
    for number in range(phrases_typed):
        word = "unlucky" if number == phrases_typed // 2 else "lucky"
        app.do(f"{'paste' if number else 'type'} {word} number {spelled(number)}. ")
    app.do("made")
    replaced = daemon.worker_pid()
    assert daemon.post("/v1/worker/recycle").status_code == 200
    app.do("paste this is said by whoever is there. ")
    app.do("made")
    wait_for(lambda: daemon.status()["worker"]["pid"] not in (replaced, None), what="another worker")
    os.kill(daemon.worker_pid(), signal.SIGKILL)
    app.do("type and one more after that. ")


def spelled(number: int) -> str:
    return " ".join(("one", "two", "three", "four")[number // 4**place % 4] for place in range(3))


@pytest.mark.parametrize("phrases_typed", [7, pytest.param(42, marks=[pytest.mark.long, pytest.mark.timeout(400)])])
def test_what_is_played_is_what_the_daemon_sent_whatever_becomes_of_the_worker(
    start_app, daemon, recorder, sound_server, tmp_path, phrases_typed
):
    app = start_app(SAFE_MS)
    type_with_deaths(app, daemon, phrases_typed)
    outcome = compare(app, recorder, tmp_path / "sent.pcm")
    if not same(outcome):  # a machine under load: once more
        again = type(recorder)(sound_server)
        daemon.script.with_suffix(".toml.counts").unlink(missing_ok=True)
        app = start_app(SAFE_MS)
        type_with_deaths(app, daemon, phrases_typed)
        outcome = compare(app, again, tmp_path / "again.pcm")

    assert same(outcome), outcome
    assert outcome.seconds > 1.4 * phrases_typed
    assert daemon.status()["worker"]["restarts"] >= 2


def test_a_device_that_is_unplugged_gives_way_to_the_default(start_app, recorder, sound_server, tmp_path):
    headset = type(recorder)(sound_server, "headset")
    app = start_app(SAFE_MS)
    assert {"headset", "default"} <= set(app.do("outputs")["outputs"])

    app.do("choose headset")
    app.do("type a long phrase that goes on and on and on and on and on and on and on. ")
    app.do("loud")
    assert headset.last_sound()
    assert not recorder.last_sound()
    sound_server.unplug("headset")
    app.do("heard")

    headset.stop()
    recorder.wait_for_quiet(SAFE_MS / 1000 + 0.2)
    app.do(f"save {tmp_path / 'sent.pcm'}")
    sent = as_signal((tmp_path / "sent.pcm").read_bytes())
    rest = sent[-RATE_HZ:]
    assert find(recorder.stop().astype(np.float64), rest)[1] >= 0.99
    assert app.do("state")["available"] is True


def test_escape_is_silence_within_a_tenth_of_a_second(start_app, recorder):
    app = start_app()
    silent_after: list[float] = []
    for _ in range(2):  # one retry: a machine under load
        app.do("type a long phrase that goes on and on and on and on and on and on and on. ")
        app.do("loud")
        pressed = app.do("press escape")["at"]
        recorder.wait_for_quiet(0.5)
        silent_after.append(recorder.last_sound() - pressed)
        if silent_after[-1] <= 0.1:
            break
    assert -0.1 < min(silent_after) <= 0.1
    assert app.do("state")["playing"] is False


def test_without_a_server_there_is_a_notice_and_with_one_there_is_sound_again(start_app, sound_server):
    app = start_app()
    app.do("type one. ")
    app.do("heard")

    sound_server.kill()
    app.do("type two. ")
    app.do("device no")
    app.do("heard")

    sound_server.start()
    app.do("device yes")
    app.do("type three. ")
    app.do("heard")
    assert len(app.do("state")["starts"]) == 3


def test_a_frozen_server_does_not_freeze_the_app(start_app, sound_server):
    app = start_app()
    app.do("type a long phrase that goes on and on and on and on and on and on and on. ")
    app.do("loud")
    sound_server.freeze()
    try:
        began = time.monotonic()
        app.do("press escape")
        app.do("type more. ")
        app.do("state")
        assert time.monotonic() - began < 3
    finally:
        sound_server.thaw()


def test_without_portaudio_the_app_says_what_to_install(make_daemon, tmp_path):
    """A directory before the real one in which the module cannot be imported, as without the library."""
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    daemon = make_daemon().start()
    app = App(daemon.socket, {**daemon.environment(), "PYTHONPATH": str(tmp_path)})
    try:
        state = app.do("state")
        assert state["available"] is False
        assert "libportaudio2" in state["note"]
        app.do("type one. ")
        app.do("heard")
    finally:
        app.close()
