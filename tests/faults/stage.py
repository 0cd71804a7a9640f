"""Where a fault happens: a daemon with people at it, one who looks whether it is ready, and the verdict at the end."""

import enum
import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from benchmarks.wire import UnixConnection
from tests import verdict
from tests.cards import Card
from tests.conftest import DaemonProcess
from tests.faults.listeners import Heard, Listener, live_of, stream_of
from tests.mishaps import Mix, files
from tests.torture import Storm
from tests.waiting import wait_for

LIVE_TEXT: Final = (
    "Somebody is listening to every word of this. The worker may go, and another one comes. "
    "What was said is not said again, and nothing is left out. This is the end of what is said."
)
TRIGGER: Final = "calamity"
"""Rules of the fake engine's script match it; it stands in what the stream says, behind its first sentence."""
STREAM_TEXT: Final = (
    f"The first sentence is harmless and long enough. In the second sentence there may be a {TRIGGER} for the engine. "
    "The third one comes after it, as if nothing had been. And this is the end."
)
FEW: Final = Mix(kills=0, suffixes=(".txt", ".md", ".csv", ".srt"), formats=("wav", "flac"))
LOOK_EVERY_S: Final = 0.04


class Ready(enum.StrEnum):
    """What comes of readiness."""

    STAYS = "answers, and stays ready"
    WAITS = "stays ready; new connections wait until there is room"
    AGAIN = "answers; ready again by itself"
    RESTARTED = "ready once it is started again"


class Seen(enum.Enum):
    """One look at `/readyz`."""

    READY = 200
    NOT_READY = 503
    NOBODY = 0


class Watch:
    """Owns a thread that looks at `/readyz` all the time, and what it saw when."""

    def __init__(self, daemon: DaemonProcess) -> None:
        self._daemon = daemon
        self._seen: list[tuple[float, Seen]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        self._seen.append((time.monotonic(), self._look()))

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            before = time.monotonic()
            self._seen.append((before, self._look()))

    def _look(self) -> Seen:
        connection = UnixConnection(self._daemon.socket)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return Seen.NOBODY
        finally:
            connection.close()
        assert answer.status == 200 or answer.getheader("Retry-After"), "a 503 without Retry-After"
        return Seen(answer.status)

    @property
    def ready(self) -> Ready:
        """In a word."""
        kinds = {seen for _, seen in self._seen}
        assert self._seen[-1][1] is Seen.READY
        if Seen.NOBODY in kinds:
            return Ready.RESTARTED
        return Ready.AGAIN if Seen.NOT_READY in kinds else Ready.STAYS

    @property
    def not_ready_s(self) -> float:
        """From the first look that found it not ready to the first that found it ready for good."""
        bad = [index for index, (_, seen) in enumerate(self._seen) if seen is not Seen.READY]
        return self._seen[bad[-1] + 1][0] - self._seen[bad[0]][0] if bad else 0.0


class Stage:
    """Owns the daemon, its people, and the memory of what was accepted."""

    def __init__(self, daemon: DaemonProcess, hazards: Path) -> None:
        self.daemon = daemon
        self.storm = Storm(daemon, hazards)
        self.live: Listener | None = None
        self.stream: Listener | None = None
        self.card: Card | None = None
        self.more: list[Callable[[], None]] = []
        """What is let go of at the end."""

    def open(self) -> None:
        """The daemon is ready; a live session and a stream are under way, files and texts wait in the queue."""
        self.daemon.start()
        self.live = Listener(live_of(LIVE_TEXT), self.daemon)
        self.stream = Listener(stream_of(STREAM_TEXT), self.daemon)
        self.drop(1)
        self.storm.submit("text", "A text that came over HTTP. It has two sentences.")
        for listener in (self.live, self.stream):
            assert listener.began.wait(30), "no sound within 30 s"

    def drop(self, seed: int, count: int = 4) -> None:
        """Files come in."""
        for drop in files(seed, count, FEW):
            self.storm.drop(f"{seed}/{drop.name}", drop.data)

    @property
    def pid(self) -> int:
        assert self.daemon.process is not None
        return self.daemon.process.pid

    def lines(self, words: str) -> list[str]:
        """Of the log."""
        return [line for line in self.daemon.stderr.splitlines() if words in line]

    def wait_told(self, words: str) -> None:
        """Until the log says so."""
        wait_for(lambda: self.lines(words), 30, f"{words!r} in the log")

    def verdict(self) -> None:
        """Everything that was accepted was made, once and right; nothing else lies anywhere."""
        jobs = self.storm.settle()
        assert {job["state"] for job in jobs} == {"succeeded"}
        assert self.daemon.stop() == 0
        verdict.check_database(self.daemon)
        verdict.check_spool(self.daemon, self.storm.accepted, jobs)
        verdict.check_stores(self.daemon, jobs)
        assert len(verdict.results(self.daemon, jobs)) == len(self.storm.texts)

    def heard(self) -> tuple[Heard, Heard]:
        """What came of the live session, and of the stream."""
        assert self.live is not None
        assert self.stream is not None
        return self.live.heard(), self.stream.heard()
