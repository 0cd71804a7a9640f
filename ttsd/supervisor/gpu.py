"""The cards of this machine, through NVML; a machine without any is a machine without any."""

import time
from collections.abc import Collection
from typing import Any, Final

import msgspec

from ttsd.clock import Clock
from ttsd.log import get_logger
from ttsd.protocol.health import GpuSample, LostCard
from ttsd.protocol.xid import meaning
from ttsd.supervisor import card
from ttsd.supervisor.aside import Aside
from ttsd.supervisor.card import driver_words
from ttsd.supervisor.gpu_news import ecc_news
from ttsd.supervisor.xids import XidWatch

RETRY_S: Final = 10.0
"""A driver that was not there, or a card that was lost, is looked for again so often."""
PATIENCE_S: Final = 1.0
"""A driver may block for long (a card that fell off the bus): then the last sample stands in."""

log = get_logger(__name__)


class Cards(msgspec.Struct, frozen=True):
    """All that the driver tells at one moment; fields as in `HealthSample`."""

    gpus: tuple[GpuSample, ...] = ()
    lost: tuple[LostCard, ...] = ()
    driver_error: str = ""


class Gpus:
    """Owns the NVML session. Calls into the driver run in a thread of their own, one at a time."""

    def __init__(self, clock: Clock, *, retry_s: float = RETRY_S, patience_s: float = PATIENCE_S) -> None:
        self._clock = clock
        self._retry_s = retry_s
        self._aside = Aside("nvml", Cards(), patience_s=patience_s)
        self._nvml: Any = None
        self._cards: list[card.Card] = []
        self._xids = XidWatch(clock)
        self._seen: dict[str, GpuSample] = {}
        """The last of each card, by uuid."""
        self._lost: dict[str, LostCard] = {}
        self._driver_error = ""
        self._retry_at = float("-inf")

    async def sample(self, ours: Collection[int] = ()) -> Cards:
        """Every card now; `ours` are the pids of our workers. Never raises, and returns within its patience."""
        if self._nvml is None and time.monotonic() < self._retry_at:
            return self._aside.last
        return await self._aside.ask(lambda: self._read(ours))

    # --- in the driver's thread ---------------------------------------------------------------------

    def _read(self, ours: Collection[int]) -> Cards:
        import pynvml

        nvml: Any = pynvml
        try:
            if self._lost and time.monotonic() >= self._retry_at:
                self._close()
            if self._nvml is None:
                self._open(nvml)
            self._tell_xids()
            gpus = tuple(sample for each in self._cards if (sample := self._sample(each, ours)) is not None)
        except nvml.NVMLError as error:
            self._give_up(error)
            return Cards((), tuple(self._lost.values()), self._driver_error)
        self._driver_error = ""
        if not self._cards:
            self._close()
        return Cards(gpus, tuple(self._lost.values()))

    def _open(self, nvml: Any) -> None:
        self._retry_at = time.monotonic() + self._retry_s
        nvml.nvmlInit()
        self._nvml = nvml
        self._cards = [each for index in range(nvml.nvmlDeviceGetCount()) for each in self._found(index)]
        self._xids.open(nvml, {each.index: each.whole for each in self._cards})
        fresh = [each for each in self._cards if each.uuid not in self._seen]
        if fresh:
            log.info("gpu.found", count=len(fresh), names=", ".join(each.name for each in fresh))
        here = {each.uuid for each in self._cards}
        for sample in self._seen.values():
            if sample.uuid not in here:
                self._lose(sample, "the driver does not list it any more")

    def _found(self, index: int) -> list[card.Card]:
        """The devices at `index`; none when the card there is gone or not for us, which concerns no other."""
        nvml = self._nvml
        try:
            return list(card.found(nvml, index))
        except (nvml.NVMLError_Uninitialized, nvml.NVMLError_DriverNotLoaded, nvml.NVMLError_LibRmVersionMismatch):
            raise
        except nvml.NVMLError as error:
            log.debug("gpu.passed_over", card=index, reason=str(error))
            return []

    def _sample(self, each: card.Card, ours: Collection[int]) -> GpuSample | None:
        """`None`: the card is gone."""
        try:
            told = card.read(self._nvml, each, ours)
        except _gone(self._nvml) as error:
            self._lose(each, str(error))
            return None
        sample = msgspec.structs.replace(told, xid=self._xids.last.get(each.index))
        if self._lost.pop(each.uuid, None) is not None:
            log.info("gpu.found_again", card=sample.label, name=sample.name)
        for event, fields in ecc_news(self._seen.get(each.uuid), sample):
            log.error(event, card=sample.label, name=sample.name, **fields)
        self._seen[each.uuid] = sample
        return sample

    def _lose(self, each: card.Card | GpuSample, reason: str) -> None:
        if each.uuid in self._lost:
            return
        self._lost[each.uuid] = LostCard(each.label, each.name, each.uuid, reason, self._clock())
        self._retry_at = time.monotonic() + self._retry_s
        log.error("gpu.lost", card=each.label, name=each.name, reason=reason)

    def _tell_xids(self) -> None:
        for index, event in self._xids.collect(self._nvml):
            log.error("gpu.xid", card=index, xid=event.number, meaning=meaning(event.number).sentence)

    def _give_up(self, error: Exception) -> None:
        """The driver answers no more, or never did: look for it again later."""
        self._retry_at = time.monotonic() + self._retry_s
        if self._nvml is None:
            return
        if self._seen and not self._driver_error:
            log.error("gpu.driver_lost", reason=driver_words(error))
        if self._seen:
            self._driver_error = driver_words(error)
        self._close()

    def _close(self) -> None:
        """Forget the session: handles of before are of no use in the next one."""
        nvml, self._nvml = self._nvml, None
        if nvml is None:
            return
        self._xids.close(nvml)
        self._cards = []
        try:
            nvml.nvmlShutdown()
        except nvml.NVMLError:
            return


def _gone(nvml: Any) -> tuple[type[Exception], ...]:
    """What the driver says of a card that it cannot reach any more."""
    return (nvml.NVMLError_GpuIsLost, nvml.NVMLError_ResetRequired, nvml.NVMLError_GpuNotFound)
