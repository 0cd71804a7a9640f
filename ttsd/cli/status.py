"""`ttsd status`: the daemon at a glance."""

import asyncio
from collections.abc import Iterator
from typing import Final

import click

from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.wording import duration, moment, plural, size
from ttsd.client import TtsdClient
from ttsd.protocol.health import Ecc, GpuSample, HealthSample, Phase, QueueStatus, Status, WorkerStatus
from ttsd.protocol.xid import meaning

PHASE_COLOURS: Final[dict[Phase, str]] = {
    Phase.STOPPED: "white",
    Phase.STARTING: "yellow",
    Phase.LOADING: "yellow",
    Phase.READY: "green",
    Phase.BUSY: "green",
    Phase.DRAINING: "yellow",
    Phase.FAILED: "red",
}


@click.command(
    epilog="""\b
Examples:
  ttsd status
  ttsd status --json | jq .worker.phase"""
)
@socket_option
@json_option
def command(socket: str | None, *, as_json: bool) -> None:
    """Show how the daemon and its engine are doing."""
    status = asyncio.run(TtsdClient(socket).status())
    if as_json:
        echo_json(status)
        return
    for name, value in lines(status):
        click.echo(f"{click.style(name.ljust(9), dim=True)} {value}".rstrip())


def lines(status: Status) -> Iterator[tuple[str, str]]:
    """Name and value of each line."""
    yield "ttsd", f"{status.version} · {_phase(status)} · up {duration(status.uptime_s)} · pid {status.pid}"
    if not status.readiness.ready:
        yield "", click.style(status.readiness.reason, fg="yellow")
    elif status.readiness.note:
        yield "", status.readiness.note
    yield from _worker(status.worker)
    yield "queue", _queue(status.queue)
    yield "live", plural(status.live_sessions, "session")
    yield "memory", _memory(status.health)
    yield from _cards(status.health)
    yield "spool", status.spool
    for name, root in status.spools.items():
        if name:
            yield "", f"{root} ({name})"
    yield "socket", status.socket
    yield "config", status.config_file or "none (defaults)"
    if status.config_refused:
        yield "", click.style(f"not taken over: {status.config_refused}", fg="red")
    if status.needs_restart:
        yield "", click.style(f"counts after a restart: {', '.join(status.needs_restart)}", fg="yellow")


def _phase(status: Status) -> str:
    phase = status.worker.phase
    text = "stopping" if status.stopping else phase.value
    if phase is Phase.LOADING:
        text += f" {status.worker.loading_progress:.0%}"
    return click.style(text, fg=PHASE_COLOURS[phase], bold=True)


def _worker(worker: WorkerStatus) -> Iterator[tuple[str, str]]:
    yield "engine", _engine(worker)
    if worker.memory.growth:
        yield "", click.style(f"its memory {worker.memory.growth}", fg="yellow")
    if worker.fewer_slots:
        yield "", click.style(worker.fewer_slots, fg="yellow")
    if worker.restarts:
        yield "", f"{plural(worker.restarts, 'restart')}, last: {worker.last_exit or 'reason unknown'}"


def _engine(worker: WorkerStatus) -> str:
    if worker.engine is None:
        return worker.error.message if worker.error else "unloaded" if worker.unloaded else "none yet"
    engine = worker.engine
    slots = f"{worker.busy_slots} of {plural(engine.slots, 'slot')} busy"
    frame_ms = worker.stats.engine.frame_ms if worker.stats else 0.0
    frame = f" · frame {frame_ms:.1f} ms" if frame_ms else ""
    return f"{engine.name} {engine.revision} on {engine.device} · {', '.join(engine.languages)} · {slots}{frame}"


def _queue(queue: QueueStatus) -> str:
    parts = [f"{queue.queued:,} queued", f"{queue.running:,} running", f"{queue.succeeded:,} done"]
    if queue.failed:
        parts.append(click.style(f"{queue.failed:,} failed", fg="red"))
    if queue.cancelled:
        parts.append(f"{queue.cancelled:,} cancelled")
    if queue.paused:
        parts.append(click.style("paused (`ttsd jobs resume`)", fg="yellow"))
    return " · ".join(parts)


def _memory(health: HealthSample) -> str:
    host = health.host
    machine = f"machine {size(host.memory_used_bytes)} of {size(host.memory_total_bytes)} · CPU {host.cpu:.0%}"
    return f"daemon {size(host.daemon_rss_bytes)} · worker {size(host.worker_rss_bytes)} · {machine}"


def _cards(health: HealthSample) -> Iterator[tuple[str, str]]:
    for gpu in health.gpus:
        yield f"card {gpu.label}", _card(gpu)
        for trouble in _troubles(gpu):
            yield "", click.style(trouble, fg="red")
    for lost in health.lost_gpus:
        told = f"{lost.name} · lost since {moment(lost.at_s)}: {lost.reason}"
        yield f"card {lost.label}", click.style(told, fg="red")
    if health.driver_error:
        yield "cards", click.style(f"the NVIDIA driver does not answer: {health.driver_error}", fg="red")


def _card(gpu: GpuSample) -> str:
    parts = [gpu.name, *(["the worker's"] if gpu.serves else [])]
    if gpu.memory_used_bytes is not None and gpu.memory_total_bytes is not None:
        parts.append(f"{size(gpu.memory_used_bytes)} of {size(gpu.memory_total_bytes)}")
    if gpu.utilisation is not None:
        parts.append(f"{gpu.utilisation:.0%}")
    if gpu.temperature_c is not None:
        parts.append(f"{gpu.temperature_c:.0f} °C")
    if gpu.power_w is not None:
        limit = "" if gpu.power_limit_w is None else f" of {gpu.power_limit_w:.0f}"
        parts.append(f"{gpu.power_w:.0f}{limit} W")
    if gpu.sm_clock_mhz is not None:
        parts.append(f"{gpu.sm_clock_mhz:.0f} MHz")
    if gpu.throttle:
        parts.append(click.style(f"slowed down: {', '.join(gpu.throttle)}", fg="yellow"))
    return " · ".join(parts)


def _troubles(gpu: GpuSample) -> Iterator[str]:
    """What is wrong with the card itself."""
    if gpu.xid is not None:
        yield f"XID {gpu.xid.number} at {moment(gpu.xid.at_s)}: {meaning(gpu.xid.number).sentence}"
    ecc = gpu.ecc or Ecc()
    if ecc.uncorrected:
        yield f"{plural(ecc.uncorrected, 'memory error')} that could not be corrected, since the driver was loaded"
    if ecc.exhausted:
        yield "bad memory cannot be taken out of use any more: have the card replaced"
    elif ecc.pending:
        yield "bad memory is taken out of use by the card's next reset"
