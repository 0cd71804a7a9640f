"""The composition root: builds every object, runs them in one TaskGroup, stops them in a written order."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ttsd import __version__, places, systemd
from ttsd.api.app import Services, build_app
from ttsd.api.rates import midnight
from ttsd.api.server import Server
from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.condition import Condition
from ttsd.config import Loaded
from ttsd.ingest.watcher import Watcher
from ttsd.jobs.billing import Billing
from ttsd.jobs.dispatcher import Dispatcher
from ttsd.jobs.enrolment import Enrolment
from ttsd.jobs.history import History
from ttsd.jobs.intake import Intake
from ttsd.jobs.ledger import Ledger
from ttsd.jobs.planning import Planner
from ttsd.jobs.production import Production
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.recovery import recover
from ttsd.jobs.references import References
from ttsd.jobs.shares import drawn_w
from ttsd.jobs.speaker import Speaker
from ttsd.jobs.writer import Writer
from ttsd.listening import open_many_files
from ttsd.log import LogHandle, get_logger
from ttsd.log import configure as configure_logs
from ttsd.log.search import LogSearch
from ttsd.metrics import Metrics
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.events import StoppingEvent
from ttsd.protocol.health import HealthSample
from ttsd.protocol.jobs import Job
from ttsd.reload import Reloader
from ttsd.status_line import status_line
from ttsd.storage.chronicle import Chronicle
from ttsd.storage.clips import Clips
from ttsd.storage.database import Database
from ttsd.storage.lexicons import Lexicons
from ttsd.storage.results import Results
from ttsd.storage.spool import Spool
from ttsd.storage.stores import Stores
from ttsd.storage.upkeep import planned
from ttsd.storage.voice_watch import VoiceWatch
from ttsd.storage.voices import Voices
from ttsd.supervisor.device_watch import DeviceWatch
from ttsd.supervisor.keeper import Keeper
from ttsd.supervisor.policy import fits_beside
from ttsd.supervisor.prep import Prep
from ttsd.supervisor.sampler import HealthSampler, Sources
from ttsd.supervisor.supervisor import Supervisor
from ttsd.text.pronunciation import is_reading
from ttsd.timekeeping import keep_time

SWITCH_INTERVAL_S: Final = 0.0005
"""The database's and the writers' threads need short turns often; Python's 5 ms would make each of them wait."""
FEW_CLIPS: Final = 64
STATUS_LINE_S: Final = 5.0
"""At most so often systemd is told: `systemctl status` is read by people, and each word wakes PID 1."""

log = get_logger(__name__)


class Daemon:
    """Owns every object of the process and their order of start and stop."""

    def __init__(self, loaded: Loaded, sockets: Sequence[socket.socket], log_handle: LogHandle, bus: Bus) -> None:
        config = loaded.config
        self._config = config
        self._log_handle = log_handle
        self._bus = bus
        self._stop = asyncio.Event()
        self._deadline: asyncio.Timeout | None = None
        self._sockets = sockets
        self._metrics = Metrics()
        self._database = Database(places.state_dir() / "ttsd.db")
        self._ledger = Ledger(self._database, self._metrics.usage, config, wall)
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
        self._voice_watch = VoiceWatch(self._stores.voices, bus)
        self._queue = JobQueue(self._database, self._spools, bus, self._metrics, config.limits, wall)
        self._history = History(self._database, self._stores.results, config, wall)
        self._supervisor = Supervisor(config, bus, wall)
        self._prep_text = Prep("text", config.limits.prep_timeout_s)
        self._prep_documents = Prep("documents", config.limits.prep_timeout_s)
        self._encoder = Prep.encoder("encoder", config.limits.prep_timeout_s)
        self._listener = Prep.listener("listener", config.limits.prep_timeout_s)
        self._chronicle = Chronicle(places.state_dir() / "health", wall)
        self._health = HealthSampler(
            bus,
            wall,
            Sources(
                workers=lambda: self._supervisor.pids,
                work=lambda: self._supervisor.work(self._queue.waiting),
                folders={
                    "spool": config.spool_root,
                    "state": places.state_dir(),
                    "cache": places.cache_dir(),
                    "logs": places.logs_dir(),
                    **{f"spool {name}": Path(spool.root) for name, spool in config.all_spools.items() if name},
                },
                needs_card=lambda: self._supervisor.needs_card,
            ),
            sample_s=config.gpu.sample_s,
            tell=self._sampled,
        )
        self._condition = Condition(
            loaded, self._supervisor, self._queue, self._health, DeviceWatch(self._supervisor), wall
        )
        self._speaker = Speaker(
            self._supervisor, self._stores, config, self._metrics, self._ledger, asyncio.get_running_loop().time
        )
        self._keeper = Keeper(
            config,
            self._supervisor,
            wall,
            in_use=self._in_use,
            hold=lambda on: self._speaker.slots.hold("memory", on=on),
        )
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
        self._enrolment = Enrolment(self._stores.voices, self._lexicons, self._listener, self._engine, config, wall)
        self._references = References(places.cache_dir() / "references", self._listener)
        self._billing = Billing(self._database, self._ledger, config, wall)
        self._services = Services(
            config=config,
            queue=self._queue,
            speaker=self._speaker,
            prep=self._prep_text,
            encoder=self._encoder,
            lexicons=self._lexicons,
            bus=bus,
            metrics=self._metrics,
            condition=self._condition,
            supervisor=self._supervisor,
            chronicle=self._chronicle,
            log_search=LogSearch(places.logs_dir(), places.cache_dir(), asyncio.get_running_loop().time),
            voices=self._stores.voices,
            enrolment=self._enrolment,
            references=self._references,
            billing=self._billing,
            engine=self._engine,
        )
        app = build_app(self._services)
        self._server = Server(app)
        self._hand_on()
        self._watch_figures()
        self._reloader = Reloader(
            loaded,
            [
                self._supervisor,
                self._keeper,
                self._condition,
                self._speaker,
                self._queue,
                self._history,
                self._ledger,
                self._billing,
                self._stores.voices,
                self._enrolment,
                self._dispatcher,
                self._services,
                app.state.guard,
                log_handle,
            ],
            self._condition.reloaded,
        )

    async def run(self) -> None:
        """Serve until asked to stop. Raises TtsdError when it cannot start."""
        await self._open()
        try:
            await self._run_all()
        finally:
            await self._ledger.close()
            await self._database.close()
            self._chronicle.close()

    async def _open(self) -> None:
        for spool in self._spools.values():
            await asyncio.to_thread(spool.prepare)
        await asyncio.to_thread(self._stores.results.prepare)
        await asyncio.to_thread(self._stores.clips.open)
        await asyncio.to_thread(self._lexicons.open)
        await asyncio.to_thread(self._stores.voices.prepare)
        await asyncio.to_thread(self._references.prepare)
        await self._database.open()
        await recover(self._database, self._spools, wall)
        await self._queue.load()
        await self._ledger.load()
        now_s = wall()
        self._services.allowance.recall(await self._ledger.characters(midnight(now_s)), now_s)
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
                    self._ledger.run(),
                    self._lexicons.run(),
                    self._voice_watch.run(),
                    self._health.run(),
                    self._keeper.run(),
                    self._chronicle.run(),
                    self._speaker.run(),
                    self._report(),
                    self._feed_watchdog(),
                    keep_time(wall, asyncio.get_running_loop().time),
                )
            ]
            await self._server.started()
            # What was imported and built stays: to look through it for garbage stopped the loop for 60 ms each time. So
            # does what little of it is garbage: to look for that now would hold up the first to ask.
            gc.freeze()
            gc.enable()
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

    def _sampled(self, sample: HealthSample) -> None:
        self._chronicle.note(sample)
        self._keeper.note(sample)
        self._condition.device.note(sample)
        engine = self._engine()
        self._ledger.shares.power(drawn_w(sample, engine.device if engine else ""))

    def _hand_on(self) -> None:
        """What happens in one part and concerns another."""
        self._queue.settle = self._ledger.settle
        self._queue.when_ended = self._unpin
        self._queue.when_paused = lambda on: self._speaker.slots.hold(on=on)
        self._supervisor.has_room = self._room_for_another
        self._health.when_late = self._metrics.lag.observe

    def _watch_figures(self) -> None:
        """What others keep, and `/metrics` shows."""
        metrics, clips, server = self._metrics, self._stores.clips, self._server
        metrics.watch("ttsd_connections", "Connections that are open.", lambda: server.connections, rises=False)
        metrics.watch("ttsd_connections_refused", "Connections that were one too many.", lambda: server.turned_away)
        metrics.watch("ttsd_database_commits", "Commits that changed something.", lambda: self._database.commits)
        metrics.watch(
            "ttsd_database_rows_changed", "Rows added, changed or removed.", lambda: self._database.rows_changed
        )
        metrics.watch(
            "ttsd_streams", "HTTP speech requests under way.", lambda: self._services.streams.taken, rises=False
        )
        metrics.watch("ttsd_clip_store_bytes", "Size of the clip store.", lambda: clips.total_bytes, rises=False)
        metrics.watch("ttsd_clip_store_limit_bytes", "What it may have.", lambda: clips.max_bytes, rises=False)
        metrics.watch_recycles(lambda: self._supervisor.ends)

    def _room_for_another(self) -> bool:
        """Whether a second worker fits beside the one that serves."""
        engine, memory = self._engine(), self._supervisor.memory
        if engine is None:
            return True
        fresh_bytes = 0 if memory.limit == "host" and engine.device != "cpu" else memory.canary_bytes
        return fits_beside(self._health.latest, engine.device, fresh_bytes, self._keeper.budget_bytes)

    def _in_use(self) -> bool:
        """Whether anybody wants speech: a live session, a request, or a job that is under way."""
        in_doors = self._condition.live_sessions or self._services.streams.taken
        return bool(in_doors) or self._speaker.slots.in_use or self._dispatcher.busy

    def _engine(self) -> EngineInfo | None:
        return self._supervisor.known_engine

    def _unpin(self, job: Job) -> None:
        """A book's clips are let go of beside the loop: it may mean to delete many."""
        unpin = self._stores.clips.unpin
        if job.segments_total > FEW_CLIPS:
            asyncio.get_running_loop().run_in_executor(None, unpin, job.id)
        else:
            unpin(job.id)

    # --- side tasks ---

    async def _report(self) -> None:
        """Keep the status line of systemd true."""
        told = ""
        while True:
            status = await self._condition.status()
            line = status_line(status, self._reloader.refused)
            if line != told:
                systemd.notify(STATUS=line)
            told = line
            await asyncio.sleep(STATUS_LINE_S)

    async def _feed_watchdog(self) -> None:
        """As long as the loop turns and the supervisor works: a hung worker is its business."""
        interval_s = systemd.watchdog_interval_s()
        while interval_s is not None:
            if stuck := self._supervisor.overdue(time.monotonic()):
                log.error("supervisor.stuck", reason=stuck)
            else:
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
            with contextlib.suppress(RuntimeError):  # it is over already
                self._deadline.reschedule(asyncio.get_running_loop().time())
        self._stop.set()


def run(loaded: Loaded, sockets: Sequence[socket.socket]) -> None:
    """Run the daemon on listening sockets until it is asked to stop. Raises TtsdError when it cannot start."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    open_many_files()
    asyncio.run(_run(loaded, sockets))


async def _run(loaded: Loaded, sockets: Sequence[socket.socket]) -> None:
    bus = Bus(first_seq=int(wall() * 1000))
    with configure_logs(loaded.config.log, places.logs_dir(), bus.publish) as log_handle:
        for sentence in loaded.advice:
            log.warning("config.outdated", advice=sentence)
        await Daemon(loaded, sockets, log_handle, bus).run()
        log.info("daemon.stopped")
