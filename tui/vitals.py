"""The engine, the daemon and their places, as rows of facts. Pure."""

from collections.abc import Sequence
from typing import Final

from ttsd.protocol.health import HealthSample, Phase, Readiness, Status, WorkerStatus
from tui import words
from tui.language import t
from tui.phrasebook import told
from tui.widgets.facts import Fact
from tui.widgets.topbar import phase

MOST_DOTS: Final = 8
"""Slots up to which each is shown by a dot."""
EXITS_SHOWN: Final = 3
UNLOADED: Final = "the worker was unloaded"


def engine_rows(worker: WorkerStatus, now_s: float) -> list[Fact]:
    """The worker: what it runs, how it is, what happened to those before; what matters most first."""
    text, colour = phase(worker)
    rows: list[Fact] = [(t("phase"), f"{t(text)}, {words.age(now_s - worker.since_s)}", colour)]
    if worker.error:
        rows.append((t("error"), words.plain(told(worker.error.message)), "$error"))
    if worker.unloaded:
        rows.append((t("unloaded"), _unloaded(worker), "$foreground" if worker.on_demand else "$warning"))
    rows += _memory(worker)
    if worker.replacing:
        rows.append((t("replacing"), words.plain(told(worker.replacing)), "$warning"))
    if worker.phase is Phase.LOADING:
        loading = f"{worker.loading_progress:.0%} {words.plain(worker.loading_note)}".strip()
        rows.append((t("loading"), loading, "$warning"))
    if engine := worker.engine:
        rows += [
            (t("engine"), f"{engine.name} {engine.revision}", "$foreground"),
            (t("device"), f"{engine.device}, {engine.dtype}", "$foreground"),
            (t("slots"), _slots(worker.busy_slots, engine.slots), "$accent" if worker.busy_slots else "$foreground"),
        ]
    stats = worker.stats
    if stats and stats.engine.frame_ms:
        rows.append((t("frame"), t("{time} of 80 ms", time=f"{stats.engine.frame_ms:.1f} ms"), "$foreground"))
    rows += _exits(worker, now_s)
    if stats and stats.work_s:
        spoken, took = words.duration(stats.spoken_samples / 24_000), words.duration(stats.work_s)
        rows.append((t("spoken"), t("{spoken} in {took}", spoken=spoken, took=took), "$foreground"))
    return rows


def _unloaded(worker: WorkerStatus) -> str:
    """Why, and what loads it."""
    why = words.plain(told(worker.unloaded))
    return t("{why}; the next request loads it", why=why) if worker.on_demand else why


def _memory(worker: WorkerStatus) -> list[Fact]:
    """What is wrong with its memory, if anything is."""
    memory = worker.memory
    rows: list[Fact] = []
    if memory.pressure:
        what = t("no new speech") if memory.refuses else t("memory is short")
        rows.append(
            (t("pressure"), f"{what}: {words.plain(told(memory.reason))}", "$error" if memory.refuses else "$warning")
        )
    if memory.growth_bytes_per_s:
        more = t(
            "{more} more a minute: {now} now, {start} at its start",
            more=words.size(memory.growth_bytes_per_s * 60),
            now=words.size(memory.own_bytes),
            start=words.size(memory.canary_bytes),
        )
        rows.append((t("grows"), more, "$warning"))
    if worker.fewer_slots:
        rows.append((t("fewer slots"), words.plain(told(worker.fewer_slots)), "$warning"))
    return rows


def _exits(worker: WorkerStatus, now_s: float) -> list[Fact]:
    """How often one ended, and why the last ones did, newest first."""
    ends = [
        (f"{words.age(now_s - exit_.at_s)}: {_reason(exit_.reason)}", "$quiet" if exit_.planned else "$warning")
        for exit_ in worker.exits[: -EXITS_SHOWN - 1 : -1]
    ]
    if worker.last_exit and not ends:
        ends = [(_reason(worker.last_exit), "$warning")]
    count = str(worker.restarts)
    if worker.exits and worker.exits[-1].reason.startswith(UNLOADED):  # which is no restart
        return [(t("restarts"), count, "$foreground"), *_named(t("ended"), ends)]
    if not ends:
        return [(t("restarts"), count, "$foreground")]
    (last, colour), *others = ends
    return [(t("restarts"), f"{count} · {last}", colour), *_named("", others)]


def _named(name: str, ends: Sequence[tuple[str, str]]) -> list[Fact]:
    return [(name if place == 0 else "", text, colour) for place, (text, colour) in enumerate(ends)]


def _reason(text: str) -> str:
    return words.plain(told(text))


def _slots(busy: int, slots: int) -> str:
    told = t("{busy} of {slots} busy", busy=busy, slots=slots)
    return f"{'●' * busy}{'○' * (slots - busy)}  {told}" if slots <= MOST_DOTS else told


def daemon_rows(status: Status) -> list[Fact]:
    """The process that never sleeps, and what waits for it."""
    queue, host = status.queue, status.health.host
    ready = status.readiness
    up = t("{version}, up {time}", version=status.version, time=words.duration(status.uptime_s))
    counts = t("{running} running, {waiting} waiting", running=queue.running, waiting=queue.queued)
    memory = t(
        "{daemon} + worker {worker}",
        daemon=words.size(host.daemon_rss_bytes),
        worker=words.size(host.worker_rss_bytes),
    )
    return [
        ("ttsd", up, "$foreground"),
        (
            t("ready"),
            _ready(ready) if ready.ready else words.plain(told(ready.reason)),
            "$success" if ready.ready else "$warning",
        ),
        (t("queue"), counts, "$foreground"),
        (t("failed"), str(queue.failed), "$error" if queue.failed else "$foreground"),
        (t("talking"), words.counted(status.live_sessions, "session"), "$foreground"),
        (t("memory"), memory, "$foreground"),
        *_lost(status.health),
    ]


def _lost(health: HealthSample) -> list[Fact]:
    """Cards that were here, in one row."""
    if health.driver_error:
        told = t("the driver does not answer: {reason}", reason=words.plain(health.driver_error))
        return [(t("cards"), told, "$error")]
    names = ", ".join(words.plain(f"GPU {card.label} ({card.name})") for card in health.lost_gpus)
    return [(t("lost"), names, "$error")] if names else []


def _ready(ready: Readiness) -> str:
    return " · ".join(filter(None, (t("yes"), words.plain(told(ready.note)))))


def places(status: Status) -> list[Fact]:
    """Where things are."""
    return [
        (t("socket"), words.plain(status.socket), "$primary"),
        (t("spool"), words.plain(status.spool), "$primary"),
        (t("config"), words.plain(status.config_file) if status.config_file else t("defaults"), "$primary"),
    ]
