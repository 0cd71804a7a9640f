"""The worker's slots: threads that speak one segment each."""

import queue
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from typing import Final

import msgspec

from ttsd.protocol.engine import AppendText, Chunk, Failed, Finished, Reason, Synthesize, WorkerLog, WorkerStats
from ttsd.protocol.errors import BadRequest, Busy, EngineFailed, ErrorBody, TtsdError
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from ttsd.worker.engine import AppendingEngine, Engine, Piece
from ttsd.worker.lost_device import is_device_lost
from ttsd.worker.out_of_memory import as_memory_error

CHUNK_BYTES: Final = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE * 160 // 1000
"""Longest chunk sent: a client that is behind is cancelled, and one that listens is paced, in steps of 160 ms."""

Send = Callable[[msgspec.Struct], None]


class DaemonGone(Exception):
    """Nobody reads what we send: the worker is about to end."""


class _Request(msgspec.Struct, frozen=True):
    synthesize: Synthesize
    cancelled: threading.Event
    more: queue.SimpleQueue[Piece]


class Slots:
    """Owns one thread for each slot of a loaded engine and the books on what they do.

    `take` and `cancel` never block. Each request taken is answered by chunks and one `Finished` or `Failed`,
    which is sent when its slot is free again: the next request may follow at once.
    """

    def __init__(
        self,
        engine: Engine,
        send: Send,
        on_memory_error: Callable[[], None],
        on_device_lost: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._send = send
        self._on_memory_error = on_memory_error
        self._on_device_lost = on_device_lost
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: dict[int, _Request] = {}
        self._samples = 0
        self._work_s = 0.0
        self._threads = [
            threading.Thread(target=self._run, name=f"slot-{number}", daemon=True)
            for number in range(engine.info.slots)
        ]
        for thread in self._threads:
            thread.start()

    def take(self, synthesize: Synthesize) -> None:
        """Have it spoken; refused with `busy` when all slots are taken."""
        request = _Request(synthesize, threading.Event(), queue.SimpleQueue())
        with self._lock:
            free = len(self._open) < len(self._threads)
            if free:
                self._open[synthesize.id] = request
        if free:
            self._requests.put(request)
        else:
            message = f"all {len(self._threads)} slots of the worker are taken"
            self._send(Failed(synthesize.id, Busy(message).body()))

    def cancel(self, number: int) -> None:
        """Stop a request; one that has ended already is left alone."""
        with self._lock:
            if request := self._open.get(number):
                request.cancelled.set()

    def append(self, message: AppendText) -> None:
        """More text of a request; one that has ended already takes none."""
        with self._lock:
            if request := self._open.get(message.id):
                request.more.put(Piece(message.text, message.last))

    def stats(self, rss_bytes: int) -> WorkerStats:
        with self._lock:
            return WorkerStats(len(self._open), rss_bytes, self._samples, self._work_s, self._engine.gauges())

    def stop(self, patience_s: float) -> bool:
        """Cancel everything; whether all threads have ended in time."""
        with self._lock:
            for request in self._open.values():
                request.cancelled.set()
        for _ in self._threads:
            self._requests.put(None)
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        try:
            while request := self._requests.get():
                self._serve(request)
        except DaemonGone:
            return

    def _serve(self, request: _Request) -> None:
        number = request.synthesize.id
        try:
            with as_memory_error():
                self._speak(request)
        except DaemonGone:
            raise
        except MemoryError:
            self._on_memory_error()
        except TtsdError as error:
            self._close(Failed(number, error.body()))
        except Exception as error:  # noqa: BLE001 — the border: one request fails, the worker goes on
            self._send(_record(error, number))
            if is_device_lost(error):
                self._on_device_lost(str(error))
                return
            self._close(Failed(number, _failure(error)))

    def _speak(self, request: _Request) -> None:
        watch = _Stopwatch()
        samples = 0
        sound = _Sound(self._begin(request))
        for pcm in sound:
            for piece in _pieces(pcm):
                if request.cancelled.is_set():
                    break
                watch.first()
                samples += len(piece) // BYTES_PER_SAMPLE
                self._send(Chunk(request.synthesize.id, piece))
        cancelled = request.cancelled.is_set()
        if not samples and not cancelled:
            raise EngineFailed("the engine made no sound of this text")
        self._count(samples, watch.work_ms())
        reason = "cancelled" if cancelled else sound.reason
        self._close(Finished(request.synthesize.id, samples, reason, watch.first_ms, watch.work_ms()))

    def _begin(self, request: _Request) -> Generator[bytes, None, Reason | None]:
        if not request.synthesize.more:
            return self._engine.speak(request.synthesize, request.cancelled)
        if not isinstance(self._engine, AppendingEngine) or not self._engine.info.can_append:
            raise BadRequest(f"engine {self._engine.info.name} speaks no text that is still being written")
        return self._engine.speak_live(request.synthesize, request.more, request.cancelled)

    def _count(self, samples: int, work_ms: float) -> None:
        with self._lock:
            self._samples += samples
            self._work_s += work_ms / 1000

    def _close(self, answer: Finished | Failed) -> None:
        with self._lock:
            del self._open[answer.id]
        self._send(answer)


class _Sound:
    """Iterates over what an engine makes, and keeps what it returns."""

    def __init__(self, made: Generator[bytes, None, Reason | None]) -> None:
        self.reason: Reason = "stop"
        self._made = made

    def __iter__(self) -> Generator[bytes]:
        self.reason = (yield from self._made) or "stop"


class _Stopwatch:
    """Times one request."""

    def __init__(self) -> None:
        self.first_ms = 0.0
        self._started = time.perf_counter()

    def first(self) -> None:
        """The first chunk is there; later calls change nothing."""
        self.first_ms = self.first_ms or self.work_ms()

    def work_ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000


def _pieces(pcm: bytes) -> Iterator[bytes]:
    if len(pcm) <= CHUNK_BYTES:
        return iter((pcm,) if pcm else ())
    return (pcm[start : start + CHUNK_BYTES] for start in range(0, len(pcm), CHUNK_BYTES))


def _failure(error: Exception) -> ErrorBody:
    return EngineFailed(f"the engine failed: {type(error).__name__}: {error}").body()


def _record(error: Exception, number: int) -> WorkerLog:
    trace = "".join(traceback.format_exception(error))
    fields: dict[str, str | int | float | bool | None] = {
        "error": f"{type(error).__name__}: {error}",
        "traceback": trace,
    }
    return WorkerLog("error", "engine_failed", fields, number)
