"""A private PulseAudio whose only output swallows what is played, and tells when it sounds."""

import contextlib
import shutil
import threading
import time
from array import array
from collections.abc import Generator
from io import BufferedReader
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Final, cast

from benchmarks.programs import environment, running, wait_for

RATE_HZ: Final = 24_000
LOUD: Final = 200
"""Of 32768; below it is silence."""
ALSA: Final = (
    "defaults.pcm.card 0\npcm.!default { type pulse }\nctl.!default { type pulse }\npcm.pulse { type pulse }\n"
)


class Loudspeaker:
    """Knows when the last sound was played. `environment` leads programs there."""

    def __init__(self, env: dict[str, str]) -> None:
        self.environment = env
        self._onsets: list[float] = []
        self.last_s = 0.0

    def listen(self, source: BufferedReader) -> None:
        """Until it ends."""
        while piece := source.read1(65_536):
            came_s = time.perf_counter()
            samples = array("h", piece[: len(piece) // 2 * 2])
            loud = next((place for place, sample in enumerate(samples) if abs(sample) > LOUD), None)
            if loud is not None:
                began_s = came_s - (len(samples) - loud) / RATE_HZ
                if began_s - self.last_s > 0.2:
                    self._onsets.append(began_s)
                self.last_s = came_s

    def began_s(self, since_s: float) -> float:
        """When it began to sound after `since_s`. Raises TimedOut."""
        return wait_for("a sound", lambda: next((at for at in self._onsets if at > since_s), 0.0), timeout_s=20.0)

    def hush(self) -> None:
        """Wait for half a second of silence."""
        wait_for("silence", lambda: time.perf_counter() - self.last_s > 0.5, timeout_s=60.0)


def missing() -> list[str]:
    return [tool for tool in ("pulseaudio", "parec", "pactl") if shutil.which(tool) is None]


@contextlib.contextmanager
def loudspeaker(folder: Path) -> Generator[Loudspeaker]:
    (folder / "asound.conf").write_text(ALSA)
    env = {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_RUNTIME_PATH": str(folder),
        "PULSE_SERVER": f"unix:{folder}/native",
        "PULSE_COOKIE": str(folder / "cookie"),
        "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
    }
    server = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no"]
    server += ["-L", f"module-native-protocol-unix socket={folder}/native auth-anonymous=1"]
    server += ["-L", f"module-null-sink sink_name=loudspeaker rate={RATE_HZ} channels=1", "-L", "module-always-sink"]
    record = ["parec", "-d", "loudspeaker.monitor", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1"]
    found, whole = Loudspeaker(env), environment(**env)
    with running(server, env=whole, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL):
        wait_for("a sound server", (folder / "native").exists, timeout_s=10.0)
        with running([*record, "--latency-msec=10", "--raw"], env=whole, stdout=PIPE) as recorder:
            thread = threading.Thread(target=found.listen, args=(cast("BufferedReader", recorder.stdout),), daemon=True)
            thread.start()
            yield found
        thread.join()
