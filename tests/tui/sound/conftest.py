"""A private PulseAudio whose only output is recorded: what was really played can be compared with what was sent."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.needs import require
from tests.waiting import wait_for

RATE_HZ = 24_000
"""Set in CI: what cannot run is a failure there."""

ALSA = """\
defaults.pcm.card 0
pcm.!default { type pulse hint.description "private" }
ctl.!default { type pulse }
pcm.pulse { type pulse }
pcm.headset { type pulse device "headset" }
"""


class SoundServer:
    """Owns a PulseAudio with one null sink, reached through ALSA as PortAudio does; `environment` leads there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o700)
        (root / "asound.conf").write_text(ALSA)
        self.environment = {
            **{
                name: value for name, value in os.environ.items() if name not in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
            },
            "HOME": str(root),
            "XDG_RUNTIME_DIR": str(root),
            "PULSE_RUNTIME_PATH": str(root),
            "PULSE_SERVER": f"unix:{root}/native",
            "PULSE_COOKIE": str(root / "cookie"),
            "ALSA_CONFIG_PATH": str(root / "asound.conf"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no"),
                *("--realtime=no", "--high-priority=no", f"--log-target=file:{self.root}/log"),
                *("-L", f"module-native-protocol-unix socket={self.root}/native auth-anonymous=1"),
                *("-L", f"module-null-sink sink_name=loudspeaker rate={RATE_HZ} channels=1"),
                *("-L", f"module-null-sink sink_name=headset rate={RATE_HZ} channels=1"),
                *("-L", "module-always-sink"),
            ],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers, 10, f"PulseAudio answering (its log: {self.root}/log)")

    def _answers(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            pytest.fail("PulseAudio did not start: " + (self.root / "log").read_text())
        asked = subprocess.run(["pactl", "info"], env=self.environment, capture_output=True, check=False)
        return asked.returncode == 0

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()
        (self.root / "native").unlink(missing_ok=True)

    def unplug(self, sink: str) -> None:
        """The device is gone, and what played on it with it."""
        listed = subprocess.run(
            ["pactl", "list", "short", "modules"], env=self.environment, capture_output=True, check=True, text=True
        )
        module = next(line.split()[0] for line in listed.stdout.splitlines() if f"sink_name={sink} " in line)
        subprocess.run(["pactl", "unload-module", module], env=self.environment, check=True)

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self.thaw()
            self.kill()


class Recorder:
    """Owns `parec` on what a sink plays; keeps when each piece arrived."""

    def __init__(self, server: SoundServer, sink: str = "loudspeaker") -> None:
        self._pieces: list[tuple[float, bytes]] = []
        self._process = subprocess.Popen(
            [
                *("parec", "-d", f"{sink}.monitor", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1"),
                *("--latency-msec=10", "--raw"),
            ],
            env=server.environment,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout
        while piece := self._process.stdout.read(65536):
            self._pieces.append((time.monotonic(), piece))

    @property
    def running(self) -> bool:
        return bool(self._pieces)

    def last_sound(self) -> float:
        """When the last sound was recorded (monotonic); 0 when there was none yet."""
        loud = [arrived for arrived, piece in list(self._pieces) if np.abs(_samples(piece)).max(initial=0) > 200]
        return max(loud, default=0.0)

    def wait_for_quiet(self, quiet_s: float) -> None:
        """Until so much silence was recorded after the last sound: what had left the app was heard."""
        wait_for(lambda: self._pieces[-1][0] - self.last_sound() >= quiet_s, what=f"{quiet_s:g} s of silence")

    def stop(self) -> NDArray[np.int16]:
        """Everything that was recorded."""
        self._process.terminate()
        self._process.wait()
        self._thread.join(5)
        assert self._process.stdout
        self._process.stdout.close()
        return _samples(b"".join(piece for _, piece in self._pieces))


def _samples(pcm: bytes) -> NDArray[np.int16]:
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2")


def _why_not() -> str:
    absent = [tool for tool in ("pulseaudio", "parec", "pactl") if shutil.which(tool) is None]
    if absent:
        return f"{', '.join(absent)} missing: apt install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
    return ""


@pytest.fixture
def sound_server(tmp_path: Path) -> Iterator[SoundServer]:
    why = _why_not()
    require(not why, why)
    server = SoundServer(tmp_path / "pulse")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def recorder(sound_server: SoundServer) -> Iterator[Recorder]:
    recorder = Recorder(sound_server)
    wait_for(lambda: recorder.running, 10, "recording")
    yield recorder
    recorder.stop()
