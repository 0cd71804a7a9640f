"""The longest silence that a client hears while the worker is replaced, where two fit at once and where not."""

import itertools
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from benchmarks.daemon import Daemon, daemon
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, spread
from benchmarks.texts import sentences
from benchmarks.wire import UnixConnection

GAP_MS: Final = Target(100.0)
RTF: Final = 0.1
CHUNK_MS: Final = 160 * RTF
"""The pace at which the engine hands sound out."""
LOAD_S: Final = 0.5
AFTER_S: Final = 0.6
"""Longer than a segment takes: by then the next one has begun on the new worker."""
MOST_CHARS: Final = 19_000


class Listener:
    """A client of one long stream, and when each piece of sound reached it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._texts = sentences(seed=6)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self.times_s: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        while len(self.times_s) < 3:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        """One stream after the other: a text has an end."""
        while not self._over.is_set():
            text = ""
            while len(text) < MOST_CHARS:
                text += next(self._texts) + " "
            connection = UnixConnection(self._socket)
            connection.request("POST", "/api/tts_stream", json.dumps({"text": text, "language": "en"}))
            answer = connection.getresponse()
            while answer.read1(65_536) and not self._over.is_set():
                self.times_s.append(time.perf_counter())
            connection.close()

    def longest_ms(self, since_s: float) -> float:
        """The longest wait since then, less the pace of the sound."""
        first = next(place for place, at_s in enumerate(self.times_s) if at_s >= since_s)
        heard = self.times_s[max(0, first - 1) :]
        waits = [after - before for before, after in itertools.pairwise([*heard, time.perf_counter()])]
        return max(0.0, max(waits) * 1000 - CHUNK_MS)


def run(options: Options) -> Iterator[Table]:
    from tests.nvml import compiled

    rounds = options.count(30)
    with tempfile.TemporaryDirectory(prefix="ttsd-bench-") as folder:
        base = Path(folder)
        values, script = base / "card.txt", base / "script.toml"
        script.write_text('[[rule]]\non = "load"\ngrow_mb = 1\n')
        settings = {"engine.name": "fake", "fake.rtf": RTF, "fake.load_s": LOAD_S, "fake.device": "cuda"}
        settings |= {"fake.script": str(script), "gpu.vram_restart": 1.0, "gpu.sample_s": 0.5}
        env = {"LD_LIBRARY_PATH": str(compiled(base)), "FAKE_NVML": str(values)}
        rows: list[Row] = []
        values.write_text("count=1\ntotal=1000000000\nused=0\n")
        with daemon(settings, env=env) as ttsd:
            rows += _rows(ttsd, rounds, "both at once", GAP_MS)
        values.write_text("count=1\ntotal=1000000000\nused=1000000000\n")
        with daemon(settings, env=env) as ttsd:
            rows += _rows(ttsd, rounds // 2, "one after the other", None)
    notes = (
        f"one stream; a chunk of 160 ms every {CHUNK_MS:g} ms, which is taken off; loading takes {LOAD_S:g} s",
        "whatever else held up the client at the time is in it: see the first row",
    )
    yield Table("Replacing the worker, engine fake: a client's longest silence", tuple(rows), notes)


def _rows(ttsd: Daemon, rounds: int, how: str, target: Target | None) -> list[Row]:
    quiet_ms: list[float] = []
    gaps_ms: list[float] = []
    took_ms: list[float] = []
    with Listener(ttsd.socket) as listener:
        for _ in range(rounds):
            since_s = time.perf_counter()
            time.sleep(AFTER_S)
            quiet_ms.append(listener.longest_ms(since_s))
            since_s = time.perf_counter()
            _recycle(ttsd)
            took_ms.append((time.perf_counter() - since_s) * 1000)
            time.sleep(AFTER_S)
            gaps_ms.append(listener.longest_ms(since_s))
    return [
        spread(f"{how}: nothing replaced", quiet_ms),
        spread(f"{how}: while it is replaced", gaps_ms, target=target),
        spread(f"{how}: from the order to its answer", took_ms),
    ]


def _recycle(ttsd: Daemon) -> None:
    connection = UnixConnection(ttsd.socket)
    connection.request("POST", "/v1/worker/recycle")
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(answer.read().decode())
    answer.read()
    connection.close()
