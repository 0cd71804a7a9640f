"""The composition root: builds every object, runs them in one TaskGroup, stops them in a written order."""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Final

from ttsd import __version__, places, systemd
from ttsd.api.app import Services, build_app
from ttsd.api.server import Server, bind_tcp, bind_unix
from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.condition import Condition
from ttsd.config import Config, Loaded
from ttsd.ingest.watcher import Watcher
from ttsd.jobs.dispatcher import Dispatcher
from ttsd.jobs.enrolment import Enrolment
from ttsd.jobs.history import History
from ttsd.jobs.intake import Intake
from ttsd.jobs.planning import Planner
from ttsd.jobs.production import Production
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.recovery import recover
from ttsd.jobs.speaker import Speaker
from ttsd.jobs.writer import Writer
from ttsd.log import LogHandle, get_logger
from ttsd.log import configure as configure_logs
from ttsd.metrics import Metrics
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import Conflict
from ttsd.protocol.events import StoppingEvent
from ttsd.protocol.jobs import Job
from ttsd.reload import Reloader
from ttsd.storage.clips import Clips
from ttsd.storage.database import Database
from ttsd.storage.lexicons import Lexicons
from ttsd.storage.results import Results
from ttsd.storage.spool import Spool
from ttsd.storage.stores import Stores
from ttsd.storage.upkeep import planned
from ttsd.storage.voices import Voices
from ttsd.supervisor.prep import Prep
from ttsd.supervisor.sampler import HealthSampler
from ttsd.supervisor.supervisor import Supervisor
from ttsd.text.pronunciation import is_reading
from ttsd.timekeeping import keep_time

SWITCH_INTERVAL_S: Final = 0.0005
"""The database's and the writers' threads need short turns often; Python's 5 ms would make each of them wait."""
FEW_CLIPS: Final = 64
STATUS_LINE_S: Final = 5.0

log = get_logger(__name__)


class Daemon:
    """Owns every object of the process and their order of start and stop."""

    def __init__(self, loaded: Loaded, log_handle: LogHandle, bus: Bus) -> None:
        config = loaded.config
        self._config = config
        self._log_handle = log_handle
        self._bus = bus
        self._stop = asyncio.Event()
        self._deadline: asyncio.Timeout | None = None
        self._sockets: list[socket.socket] = []
        self._metrics = Metrics()
        self._database = Database(places.state_dir() / "ttsd.db")
        self._metrics.watch("ttsd_database_commits", "Commits that changed something.", lambda: self._database.commits)
        self._metrics.watch(
            "ttsd_database_rows_changed", "Rows added, changed or removed.", lambda: self._database.rows_changed
        )
        self._spools = {
            name: Spool(Path(settings.root), name=name, file_mode=settings.mode, gid=settings.gid)
            for name, settings in config.all_spools.items()
        }
        self._stores = Stores(
            results=Results(places.state_dir() / "results"),
            clips=Clips(places.cache_dir() / "clips", int(config.clips.max_gb * 2**30)),
            voices=Voices(places.state_dir() / "voices", config.limits),
        )
        self._lexicons = Lexicons(places.state_dir() / "lexicons", places.cache_dir() / "lexicons", is_reading)
        self._queue = JobQueue(self._database, self._spools, bus, self._metrics, config.limits, wall)
        self._history = History(self._database, self._stores.results, config, wall)
        self._supervisor = Supervisor(config, bus, wall)
        self._prep_text = Prep("text", config.limits.prep_timeout_s)
        self._prep_documents = Prep("documents", config.limits.prep_timeout_s)
        self._encoder = Prep.encoder("encoder", config.limits.prep_timeout_s)
        self._listener = Prep.listener("listener", config.limits.prep_timeout_s)
        self._health = HealthSampler(
            bus, wall, sample_s=config.gpu.sample_s, worker_pid=lambda: self._supervisor.status.pid
        )
        self._condition = Condition(loaded, self._supervisor, self._queue, self._health, wall)
        self._speaker = Speaker(self._supervisor, self._stores, config, self._metrics, asyncio.get_running_loop().time)
        self._queue.when_ended = self._unpin
        self._queue.when_paused = lambda on: self._speaker.slots.hold(on=on)
        writer = Writer(self._stores, wall)
        self._dispatcher = Dispatcher(
            self._queue,
            self._speaker,
            Planner(self._queue, self._speaker, self._prep_documents, self._lexicons, config),
            Production(self._queue, self._speaker, self._encoder, self._stores, writer, config),
            writer,
            config,
        )
        self._intakes = {name: Intake(self._queue, spool, wall) for name, spool in self._spools.items()}
        self._watchers = [
            Watcher(spool.inbox, config.all_spools[name], self._intakes[name].accept)
            for name, spool in self._spools.items()
        ]
        self._enrolment = Enrolment(self._stores.voices, self._listener, self._engine, config, wall)
        self._services = Services(
            config=config,
            queue=self._queue,
            speaker=self._speaker,
            prep=self._prep_text,
            lexicons=self._lexicons,
            bus=bus,
            metrics=self._metrics,
            condition=self._condition,
            voices=self._stores.voices,
            enrolment=self._enrolment,
            engine=self._engine,
        )
        self._server = Server(build_app(self._services))
        self._reloader = Reloader(
            loaded,
            [
                self._supervisor,
                self._speaker,
                self._queue,
                self._history,
                self._stores.voices,
                self._enrolment,
                self._dispatcher,
                self._services,
                log_handle,
            ],
        )

    async def run(self) -> None:
        """Serve until asked to stop. Raises TtsdError when it cannot start."""
        with single_instance(places.state_dir()):
            await self._open()
            try:
                await self._run_all()
            finally:
                await self._database.close()
                for listener in self._sockets:
                    listener.close()

    async def _open(self) -> None:
        self._sockets = listening_sockets(self._config)
        for spool in self._spools.values():
            await asyncio.to_thread(spool.prepare)
        await asyncio.to_thread(self._stores.results.prepare)
        await asyncio.to_thread(self._stores.clips.open)
        await asyncio.to_thread(self._lexicons.open)
        await asyncio.to_thread(self._stores.voices.prepare)
        await self._database.open()
        await recover(self._database, self._spools, wall)
        await self._queue.load()
        for job, keys in (await self._database.run(planned)).items():
            self._stores.clips.pin(job, keys)

    async def _run_all(self) -> None:
        self._listen_to_signals()
        async with asyncio.TaskGroup() as group:
            serving: list[asyncio.Task[None]] = [
                group.create_task(work)
                for work in (
                    self._supervisor.run(),
                    self._prep_text.run(),
                    self._prep_documents.run(),
                    self._encoder.run(),
                    self._listener.run(),
                    self._server.serve(self._sockets),
                    self._dispatcher.run(),
                )
            ]
            side: list[asyncio.Task[None]] = [
                group.create_task(work)
                for work in (
                    *(watcher.run() for watcher in self._watchers),
                    *(intake.run() for intake in self._intakes.values()),
                    self._history.run(),
                    self._lexicons.run(),
                    self._health.run(),
                    self._speaker.run(),
                    self._report(),
                    self._feed_watchdog(),
                    keep_time(wall, asyncio.get_running_loop().time),
                )
            ]
            await self._server.started()
            log.info("daemon.started", version=__version__, pid=os.getpid(), socket=str(self._config.socket_path))
            systemd.notify(READY="1", MAINPID=str(os.getpid()))
            await self._stop.wait()
            await self._shut_down(side)
            await asyncio.gather(*serving)

    async def _shut_down(self, side: list[asyncio.Task[None]]) -> None:
        """Refuse, tell, drain, cancel, close, terminate: each step with its deadline."""
        log.info("daemon.stopping", drain_s=self._config.daemon.drain_s)
        self._condition.stopping = True
        systemd.notify(STOPPING="1", STATUS="stopping: finishing what is being spoken")
        self._bus.publish(StoppingEvent(seq=0))
        for task in side:
            task.cancel()
        await self._drain()
        await self._server.stop()
        await self._supervisor.stop()
        await self._prep_text.stop()
        await self._prep_documents.stop()
        await self._encoder.stop()
        await self._listener.stop()

    async def _drain(self) -> None:
        """Let what is under way end; at the deadline, or at a second signal, put jobs back and cut streams."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._config.daemon.drain_s) as self._deadline, asyncio.TaskGroup() as group:
                group.create_task(self._server.drain())
                group.create_task(self._dispatcher.stop(self._config.daemon.drain_s))
        await self._dispatcher.stop(0.0)

    def _engine(self) -> EngineInfo | None:
        return self._supervisor.status.engine

    def _unpin(self, job: Job) -> None:
        """A book's clips are let go of beside the loop: it may mean to delete many."""
        unpin = self._stores.clips.unpin
        if job.segments_total > FEW_CLIPS:
            asyncio.get_running_loop().run_in_executor(None, unpin, job.id)
        else:
            unpin(job.id)

    # --- side tasks ---

    async def _report(self) -> None:
        """Keep the status line of systemd and the gauges of /metrics true."""
        while True:
            status = await self._condition.status()
            self._metrics.observe(status)
            systemd.notify(STATUS=self._condition.line(status.queue))
            await asyncio.sleep(STATUS_LINE_S)

    async def _feed_watchdog(self) -> None:
        """As long as the loop turns: a hung worker is the supervisor's business."""
        interval_s = systemd.watchdog_interval_s()
        while interval_s is not None:
            systemd.notify(WATCHDOG="1")
            await asyncio.sleep(interval_s / 2)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reloader.reload)
        loop.add_signal_handler(signal.SIGUSR1, self._log_handle.rotate)

    def _asked_to_stop(self) -> None:
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())
        self._stop.set()


def run(loaded: Loaded) -> None:
    """Run the daemon until it is asked to stop. Raises TtsdError when it cannot start."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    asyncio.run(_run(loaded))


async def _run(loaded: Loaded) -> None:
    bus = Bus(first_seq=int(wall() * 1000))
    with configure_logs(loaded.config.log, places.logs_dir(), bus.publish) as log_handle:
        await Daemon(loaded, log_handle, bus).run()
        log.info("daemon.stopped")


@contextlib.contextmanager
def single_instance(folder: Path) -> Generator[None]:
    """Hold the lock of a state directory. Raises Conflict when another daemon has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "ttsd.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Conflict(
                f"another ttsd (pid {lock.read().strip() or 'unknown'}) owns {folder}; stop it first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def listening_sockets(config: Config) -> list[socket.socket]:
    """The sockets systemd passed, or the Unix socket that config names; and the TCP one, if any."""
    sockets = systemd.inherited_sockets() or [bind_unix(config.socket_path)]
    return [*sockets, *bind_tcp(config.http.listen)]
