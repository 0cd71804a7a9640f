"""CPU and memory of this machine and of our processes."""

from collections.abc import Iterable

import psutil

from ttsd.protocol.health import HostSample


class Host:
    """Owns what has to be remembered from one look to the next."""

    def __init__(self) -> None:
        self._daemon = psutil.Process()
        psutil.cpu_percent(interval=None)  # the first answer means nothing: it has no look before it

    def sample(self, workers: Iterable[int], loop_lag_ms: float) -> HostSample:
        """The machine now, with the pids of our workers; CPU since the last look."""
        memory = psutil.virtual_memory()
        return HostSample(
            cpu=psutil.cpu_percent(interval=None) / 100,
            memory_used_bytes=memory.total - memory.available,
            memory_total_bytes=memory.total,
            daemon_rss_bytes=self._daemon.memory_info().rss,
            worker_rss_bytes=sum(map(_rss, workers)),
            loop_lag_ms=loop_lag_ms,
        )


def _rss(pid: int) -> int:
    """Resident bytes of `pid`; 0 when it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0
