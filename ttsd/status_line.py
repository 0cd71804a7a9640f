"""The line that `systemctl status` shows: whether requests are served, what waits, how full the card is."""

from collections.abc import Sequence
from typing import Final

from ttsd.protocol.health import GpuSample, QueueStatus, Readiness, Status

GB: Final = 2**30


def status_line(status: Status, refused: str = "") -> str:
    """As `ready · qwen3 · 3 queued, 2 running · VRAM 12.1 of 24.0 GB`.

    `refused` is why the configuration file as it is now was not taken over; empty when it was.
    """
    engine = status.worker.engine
    parts = (
        _state(status.readiness),
        engine.name if engine is not None else "",
        _queue(status.queue),
        _vram(_own(status.health.gpus)),
        f"config refused: {refused}" if refused else "",
    )
    return " · ".join(part for part in parts if part)


def _state(readiness: Readiness) -> str:
    if not readiness.ready:
        return f"not ready: {readiness.reason}"
    return f"ready ({readiness.note})" if readiness.note else "ready"


def _queue(queue: QueueStatus) -> str:
    failed = f", {queue.failed} failed" if queue.failed else ""
    paused = " (paused)" if queue.paused else ""
    return f"{queue.queued} queued{paused}, {queue.running} running{failed}"


def _own(cards: Sequence[GpuSample]) -> Sequence[GpuSample]:
    """The cards that our workers use; all of them where the driver does not tell, or none is in use."""
    return [card for card in cards if any(process.ours for process in card.processes or ())] or cards


def _vram(cards: Sequence[GpuSample]) -> str:
    figures = [
        (card.label, f"{card.memory_used_bytes / GB:.1f} of {card.memory_total_bytes / GB:.1f} GB")
        for card in cards
        if card.memory_used_bytes is not None and card.memory_total_bytes is not None
    ]
    if len(figures) == 1:
        return f"VRAM {figures[0][1]}"
    return ", ".join(f"VRAM {index}: {figure}" for index, figure in figures)
