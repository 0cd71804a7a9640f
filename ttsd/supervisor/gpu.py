"""The cards of this machine, through NVML; a machine without any is a machine without any."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from ttsd.log import get_logger
from ttsd.protocol.health import GpuSample

RETRY_S: Final = 30.0
"""A driver that was not there, or a card that was lost, is looked for again so often."""
PATIENCE_S: Final = 1.0
"""A driver may block for long (a card that fell off the bus): then the last sample stands in."""

log = get_logger(__name__)


class Gpus:
    """Owns the NVML session. Calls into the driver run in a thread of their own, one at a time."""

    def __init__(self) -> None:
        self.lost = ""
        """Why there are no samples although there were; empty when all is well or there never was a card."""
        self._nvml: Any = None
        self._handles: list[Any] = []
        self._names: list[str] = []
        self._retry_at = float("-inf")
        self._last: tuple[GpuSample, ...] = ()
        self._asking = False

    async def sample(self) -> tuple[GpuSample, ...]:
        """Every card now. Never raises, and returns within `PATIENCE_S`."""
        if self._asking or time.monotonic() < self._retry_at:
            return self._last
        self._asking = True
        answer: asyncio.Future[tuple[GpuSample, ...]] = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()

        def tell(samples: tuple[GpuSample, ...]) -> None:
            self._asking = False
            self._last = samples
            if not answer.done():
                answer.set_result(samples)

        # Not an executor: leaving the interpreter would wait for a driver that never answers.
        threading.Thread(target=self._ask, args=(loop, tell), name="nvml", daemon=True).start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        except TimeoutError:
            return self._last

    def _ask(self, loop: asyncio.AbstractEventLoop, tell: Callable[[tuple[GpuSample, ...]], None]) -> None:
        samples = self._read()
        try:
            loop.call_soon_threadsafe(tell, samples)
        except RuntimeError:
            return  # the loop was closed while the driver kept us waiting

    def _read(self) -> tuple[GpuSample, ...]:
        import pynvml

        try:
            if self._nvml is None:
                self._open(pynvml)
            samples = tuple(self._card(index) for index in range(len(self._handles)))
        except pynvml.NVMLError as error:
            self._close(error)
            return ()
        self.lost = ""
        return samples

    def _open(self, nvml: Any) -> None:
        nvml.nvmlInit()
        self._nvml = nvml
        self._handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
        self._names = [nvml.nvmlDeviceGetName(handle) for handle in self._handles]
        log.info("gpu.found", count=len(self._names), names=", ".join(self._names))

    def _close(self, error: Exception) -> None:
        """Forget the session, and look again later: handles of before are of no use then."""
        self._retry_at = time.monotonic() + RETRY_S
        if self._nvml is None:
            return
        self.lost = str(error)
        log.error("gpu.lost", reason=self.lost)
        nvml, self._nvml = self._nvml, None
        try:
            nvml.nvmlShutdown()
        except nvml.NVMLError:
            return

    def _card(self, index: int) -> GpuSample:
        nvml, handle = self._nvml, self._handles[index]
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        utilisation = self._optional(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100)
        return GpuSample(
            index=index,
            name=self._names[index],
            memory_used_bytes=memory.used,
            memory_total_bytes=memory.total,
            utilisation=utilisation,
            temperature_c=self._optional(
                lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
            ),
            power_w=self._optional(lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000),
        )

    def _optional(self, read: Callable[[], float]) -> float | None:
        """What this card or driver may not tell."""
        try:
            return read()
        except self._nvml.NVMLError_NotSupported:
            return None
