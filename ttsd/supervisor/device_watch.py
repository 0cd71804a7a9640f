"""What a card's condition means for the worker on it: lost, doubtful, or there again."""

from collections.abc import Iterator
from typing import Final, Literal, Protocol

import msgspec

from ttsd.protocol.health import GpuSample, HealthSample, HostSample, LostCard
from ttsd.protocol.xid import meaning

RETRY_AFTER_S: Final = 10


class Order(msgspec.Struct, frozen=True):
    """What the supervisor is to do, and why."""

    act: Literal["lose", "wait", "doubt", "retry"]
    """End the workers, and start one on another card (`lose`) or when there is a card again (`wait`); have the engine
    prove itself again; try a failed one now."""
    reason: str


class Worker(Protocol):
    """What is told."""

    @property
    def needs_card(self) -> bool: ...

    def lose_card(self, reason: str, *, others: bool) -> None: ...

    def doubt(self, reason: str) -> None: ...

    def retry(self) -> None: ...


class DeviceWatch:
    """Owns the last sample, and which card served last."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._before = HealthSample(0.0, HostSample(0.0, 0, 0, 0))
        self._served = ""

    def note(self, now: HealthSample) -> None:
        """The newest sample: the worker is told what follows from it."""
        before, self._before = self._before, now
        if not self._worker.needs_card:
            return
        for order in orders(before, now, self._served):
            self._tell(order)
        serving = next((card.uuid for card in now.gpus if card.serves), None)
        if serving is not None:
            self._served = serving

    def _tell(self, order: Order) -> None:
        match order.act:
            case "lose" | "wait":
                self._worker.lose_card(order.reason, others=order.act == "lose")
            case "doubt":
                self._worker.doubt(order.reason)
            case "retry":
                self._worker.retry()

    @property
    def absence(self) -> str:
        """Why no card is there for a worker that needs one; empty when one is, and when nobody knows."""
        return absence(self._before, self._served) if self._worker.needs_card else ""


def absence(sample: HealthSample, served: str = "") -> str:
    """Why there is no card, in one sentence; empty when there is one, or never was. `served`: uuid of the worker's."""
    if sample.gpus or not sample.lost_gpus:
        return ""
    return lost_sentence(next((card for card in sample.lost_gpus if card.uuid == served), sample.lost_gpus[0]))


def lost_sentence(card: LostCard) -> str:
    """For people."""
    return (
        f"GPU {card.label} ({card.name}) is lost: {card.reason}; it is looked for every {RETRY_AFTER_S} s, "
        "and most often comes back only when the machine is restarted"
    )


def orders(before: HealthSample, now: HealthSample, served: str) -> Iterator[Order]:
    """What follows for the worker on the card `served` (its uuid; empty: none yet)."""
    missed = {card.uuid for card in before.lost_gpus}
    gone = next((card for card in now.lost_gpus if card.uuid == served and card.uuid not in missed), None)
    if gone is not None:
        yield Order("lose" if now.gpus else "wait", lost_sentence(gone))
    elif now.driver_error and not before.driver_error:
        yield Order("doubt", f"the NVIDIA driver does not answer any more: {now.driver_error}")
    elif reason := _faults(before, now):
        yield Order("doubt", reason)
    if {card.uuid for card in now.gpus} - {card.uuid for card in before.gpus}:
        yield Order("retry", "a card is there")


def _faults(before: HealthSample, now: HealthSample) -> str:
    """What was reported of the worker's card since the sample before."""
    known = {card.uuid: card for card in before.gpus}
    for card in now.gpus:
        old = known.get(card.uuid)
        if card.serves and card.xid is not None and card.xid != (old and old.xid):
            return f"GPU {card.label} reported XID {card.xid.number}: {meaning(card.xid.number).sentence}"
        if card.serves and _uncorrected(card) > _uncorrected(old or card):
            return f"the memory of GPU {card.label} had an error that could not be corrected"
    return ""


def _uncorrected(card: GpuSample) -> int:
    return (card.ecc and card.ecc.uncorrected) or 0
