"""A pretended card, on which a daemon's workers hold as much as they hold of the machine's memory."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

MB = 2**20
LOOK_EVERY_S = 0.01


class Card:
    """Owns the values that the scripted driver reads; `others_mb` is what other processes hold."""

    def __init__(self, folder: Path, driver: Path, total_mb: int) -> None:
        """`driver` is the folder with the scripted `libnvidia-ml.so.1`."""
        self._values = folder / "card.txt"
        self._driver = driver
        self._total_mb = total_mb
        self.others_mb = 0
        self.names_processes = True
        self._write({})

    @property
    def env(self) -> dict[str, str]:
        """For the daemon."""
        return {"LD_LIBRARY_PATH": str(self._driver), "FAKE_NVML": str(self._values)}

    @contextmanager
    def under(self, daemon_pid: int) -> Iterator["Card"]:
        """Follow the workers of this daemon for as long as the block runs; afterwards the card is empty."""
        over = threading.Event()
        thread = threading.Thread(target=self._follow, args=(psutil.Process(daemon_pid), over))
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join()
            self._write({})  # what was on it last would look like other processes' to the next workers

    def _follow(self, daemon: psutil.Process, over: threading.Event) -> None:
        while not over.wait(LOOK_EVERY_S):
            with suppress(psutil.NoSuchProcess):
                self._write(_workers(daemon))

    def _write(self, held: dict[int, int]) -> None:
        others = self.others_mb * MB
        lines = ["count=1", f"total={self._total_mb * MB}", f"used={others + sum(held.values())}"]
        if self.names_processes:
            lines += [f"proc={pid}:{bytes_}" for pid, bytes_ in held.items()] + [f"proc=4000000000:{others}"]
        new = self._values.with_suffix(".new")
        new.write_text("".join(line + "\n" for line in lines))
        shutil.move(new, self._values)


def _workers(daemon: psutil.Process) -> dict[int, int]:
    """Pid and resident bytes of each worker."""
    held: dict[int, int] = {}
    for child in daemon.children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "ttsd.worker" in child.cmdline():
                held[child.pid] = child.memory_info().rss
    return held
