"""The worker's main thread: reads what the daemon asks, loads the engine, hands requests to the slots."""

import gc
import threading
import time
import traceback
from typing import Final, assert_never

import msgspec
import psutil

from ttsd.ipc import Channel
from ttsd.protocol.engine import (
    EXIT_ASKED,
    EXIT_CANNOT_START,
    EXIT_DEVICE_FAILED,
    EXIT_OUT_OF_MEMORY,
    AppendText,
    CancelSynthesis,
    CannotStart,
    EngineConfig,
    Failed,
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
from ttsd.protocol.errors import ConfigError, EngineFailed, EngineNotReady, ErrorBody, TtsdError
from ttsd.worker.engine import Engine, build_engine
from ttsd.worker.lost_device import is_device_lost
from ttsd.worker.out_of_memory import as_memory_error
from ttsd.worker.slots import DaemonGone, Slots

PATIENCE_S: Final = 0.5
"""How long slots get to notice that they are cancelled; a thread that hangs ends with the process."""


class Worker:
    """Owns the channel and the process's way out.

    The main thread does nothing but read and answer, so a ping is answered while the engine loads or speaks.
    """

    def __init__(self, channel: Channel, config: str) -> None:
        self._channel = channel
        self._config = config
        self._process = psutil.Process()
        self._engine: Engine | None = None
        self._slots: Slots | None = None
        self._exit_code: int | None = None
        self.idle = False
        """After `run`: no thread is left that could hold up the interpreter's end."""

    def run(self) -> int:
        """Serve until told to end; the exit status."""
        loader = threading.Thread(target=self._start, name="loader", daemon=True)
        loader.start()
        try:
            while (message := self._receive()) and not isinstance(message, Shutdown):
                self._handle(message)
        except DaemonGone:
            pass
        stopped = self._slots is None or self._slots.stop(PATIENCE_S)
        self.idle = stopped and not loader.is_alive()
        if self.idle and self._engine is not None:
            self._engine.close()
        return EXIT_ASKED if self._exit_code is None else self._exit_code

    def _receive(self) -> ToWorker | None:
        try:
            return self._channel.receive()
        except ConnectionResetError:
            return None

    def _handle(self, message: Synthesize | AppendText | CancelSynthesis | Ping) -> None:
        match message:
            case Synthesize():
                self._take(message)
            case AppendText():
                if self._slots is not None:
                    self._slots.append(message)
            case CancelSynthesis():
                if self._slots is not None:
                    self._slots.cancel(message.id)
            case Ping():
                self._send(Pong(message.token, self._stats()))
            case _:
                assert_never(message)

    def _take(self, message: Synthesize) -> None:
        if self._slots is None:
            self._send(Failed(message.id, EngineNotReady("the worker is still loading its engine").body()))
        else:
            self._slots.take(message)

    def _stats(self) -> WorkerStats:
        rss_bytes = self._process.memory_info().rss
        return WorkerStats(0, rss_bytes, 0, 0.0) if self._slots is None else self._slots.stats(rss_bytes)

    def _send(self, message: msgspec.Struct) -> None:
        """Raises DaemonGone."""
        try:
            self._channel.send(message)
        except OSError as error:
            raise DaemonGone from error

    # --- the loader's thread ------------------------------------------------------------------------

    def _start(self) -> None:
        try:
            with as_memory_error():
                self._load()
        except DaemonGone:
            return
        except TtsdError as error:
            self._cannot_start(error.body())
        except MemoryError as error:
            self._out_of_memory(str(error))
        except Exception as error:  # noqa: BLE001 — the border: whatever an engine raises is told to the daemon
            self._log_failure(error)
            if is_device_lost(error):
                self._device_lost(str(error))
                return
            self._cannot_start(EngineFailed(f"the engine did not load: {type(error).__name__}: {error}").body())

    def _load(self) -> None:
        started = time.monotonic()
        self._report(0.0, "")
        engine = build_engine(self._parse())
        engine.load(self._report)
        # What a model is made of stays: to look through it for garbage would stop all slots in the middle of speech.
        gc.collect()
        gc.freeze()
        self._engine = engine
        self._slots = Slots(engine, self._send, self._out_of_memory, self._device_lost)
        self._send(Ready(engine.info, time.monotonic() - started))

    def _parse(self) -> EngineConfig:
        try:
            return msgspec.json.decode(self._config, type=EngineConfig)
        except msgspec.DecodeError as error:
            raise ConfigError(f"the worker cannot read its configuration: {error}") from error

    def _report(self, progress: float, note: str) -> None:
        self._send(Loading(progress, note))

    def _log_failure(self, error: Exception) -> None:
        trace = "".join(traceback.format_exception(error))
        self._tell(WorkerLog("error", "engine_did_not_load", {"error": str(error), "traceback": trace}))

    def _cannot_start(self, body: ErrorBody) -> None:
        self._tell(CannotStart(body))
        self._leave(EXIT_CANNOT_START)

    def _out_of_memory(self, said: str = "") -> None:
        """Called by the loader and by slots; there may be no memory left for anything but leaving."""
        self._tell(WorkerLog("error", "out_of_memory", {"error": said}))
        self._leave(EXIT_OUT_OF_MEMORY)

    def _device_lost(self, said: str) -> None:
        """Called by slots: what they speak now is spoken by the next worker."""
        self._tell(WorkerLog("error", "device_lost", {"error": said}))
        self._leave(EXIT_DEVICE_FAILED)

    def _tell(self, message: msgspec.Struct) -> None:
        """Last words: sent when somebody still listens."""
        try:
            self._send(message)
        except DaemonGone:
            return

    def _leave(self, code: int) -> None:
        """End the main thread's reading; the first reason counts."""
        if self._exit_code is None:
            self._exit_code = code
        self._channel.hang_up()
