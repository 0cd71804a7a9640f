"""A day that a daemon might remember: waves, each with the range that a stretch has."""

import math

from ttsd.protocol.health import HealthSample
from ttsd.protocol.history import Band, CardFigures, CardHistory, HealthHistory, MachineHistory


def a_past(sample: HealthSample, from_s: float, step_s: float, points: int) -> HealthHistory:
    """Of the machine and the cards of `sample`; the first third was before the daemon's time."""
    host = sample.host
    machine = MachineHistory(
        cpu=waves(points, 1, 0.35),
        memory_used_bytes=waves(points, host.memory_total_bytes, 0.4, swing=0.05),
        memory_total_bytes=waves(points, host.memory_total_bytes, 1, swing=0),
        daemon_rss_bytes=waves(points, 52e6, 1, swing=0.1),
        worker_rss_bytes=waves(points, 243e6, 1, swing=0.1),
        loop_lag_ms=waves(points, 6, 0.4),
        slots=waves(points, 2, 1, swing=0),
        busy_slots=waves(points, 2, 0.5),
        frame_ms=waves(points, 60, 1, swing=0.2),
        vram_bytes=waves(points, 2**33, 1, swing=0.1),
        queued=waves(points, 12, 0.5),
    )
    cards = tuple(
        CardHistory(
            card.uuid,
            card.name,
            CardFigures(
                memory_used_bytes=waves(points, card.memory_total_bytes or 0, 0.75, swing=0.1),
                memory_total_bytes=waves(points, card.memory_total_bytes or 0, 1, swing=0),
                ours_bytes=waves(points, card.memory_total_bytes or 0, 0.6, swing=0.1),
                utilisation=waves(points, 1, 0.6),
                temperature_c=waves(points, 62, 1, swing=0.1),
                power_w=waves(points, 300, 0.7),
                sm_clock_mhz=waves(points, 2500, 1, swing=0.1),
                memory_clock_mhz=waves(points, 10501, 1, swing=0),
                throttled=waves(points, 1, 0, swing=0),
            ),
        )
        for card in sample.gpus
    )
    return HealthHistory(from_s, step_s, machine, cards)


def waves(points: int, full: float, level: float, *, swing: float = 0.3) -> Band:
    """A figure that goes up and down about `level` of `full`."""
    before = points // 3
    means = [max(0.0, level + swing * math.sin(place / 7) * math.sin(place / 31)) for place in range(points - before)]
    gap: tuple[None, ...] = (None,) * before
    return Band(
        (*gap, *(mean * full * (1 - swing) for mean in means)),
        (*gap, *(mean * full for mean in means)),
        (*gap, *(mean * full * (1 + swing) for mean in means)),
    )
