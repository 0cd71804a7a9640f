"""`ttsd status`: the daemon at a glance."""

import asyncio
from collections.abc import Iterator
from typing import Final

import click

from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.wording import duration, plural, size
from ttsd.client import TtsdClient
from ttsd.protocol.health import GpuSample, HealthSample, Phase, QueueStatus, Status, WorkerStatus

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
    yield "engine", _engine(status.worker)
    if status.worker.restarts:
        yield "", f"{plural(status.worker.restarts, 'restart')}, last: {status.worker.last_exit or 'reason unknown'}"
    yield "queue", _queue(status.queue)
    yield "live", plural(status.live_sessions, "session")
    yield "memory", _memory(status.health)
    for gpu in status.health.gpus:
        yield f"card {gpu.index}", _card(gpu)
    yield "spool", status.spool
    for name, root in status.spools.items():
        if name:
            yield "", f"{root} ({name})"
    yield "socket", status.socket
    yield "config", status.config_file or "none (defaults)"


def _phase(status: Status) -> str:
    phase = status.worker.phase
    text = "stopping" if status.stopping else phase.value
    if phase is Phase.LOADING:
        text += f" {status.worker.loading_progress:.0%}"
    return click.style(text, fg=PHASE_COLOURS[phase], bold=True)


def _engine(worker: WorkerStatus) -> str:
    if worker.engine is None:
        return worker.error.message if worker.error else "none yet"
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


def _card(gpu: GpuSample) -> str:
    parts = [gpu.name, f"{size(gpu.memory_used_bytes)} of {size(gpu.memory_total_bytes)}"]
    if gpu.utilisation is not None:
        parts.append(f"{gpu.utilisation:.0%}")
    if gpu.temperature_c is not None:
        parts.append(f"{gpu.temperature_c:.0f} °C")
    if gpu.power_w is not None:
        parts.append(f"{gpu.power_w:.0f} W")
    return " · ".join(parts)
