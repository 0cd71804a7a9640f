"""Errors of cards that their driver reports (XID), collected as they come."""

from collections.abc import Collection
from typing import Any, Final

from ttsd.clock import Clock
from ttsd.protocol.health import XidEvent

MOST_AT_ONCE: Final = 64
"""A card that reports without end must not hold up its figures."""
WAIT_MS: Final = 1


class XidWatch:
    """Owns the driver's set of events for one session, and the last event of each card."""

    def __init__(self, clock: Clock) -> None:
        self.last: dict[int, XidEvent] = {}
        """By the card's index; kept when the session is opened anew."""
        self._clock = clock
        self._set: Any = None

    def open(self, nvml: Any, cards: dict[int, Any]) -> None:
        """Listen to `cards`, handles of whole cards by index. A driver or card that reports nothing is well."""
        self._set = None
        try:
            events = nvml.nvmlEventSetCreate()
        except nvml.NVMLError:
            return
        for handle in cards.values():
            try:
                nvml.nvmlDeviceRegisterEvents(handle, nvml.nvmlEventTypeXidCriticalError, events)
                self._set = events
            except nvml.NVMLError:
                continue

    def close(self, nvml: Any) -> None:
        events, self._set = self._set, None
        if events is None:
            return
        try:
            nvml.nvmlEventSetFree(events)
        except nvml.NVMLError:
            return

    def collect(self, nvml: Any) -> Collection[tuple[int, XidEvent]]:
        """What came since the last call, with the card's index. Never raises, hardly waits."""
        came: list[tuple[int, XidEvent]] = []
        while self._set is not None and len(came) < MOST_AT_ONCE:
            try:
                event = nvml.nvmlEventSetWait_v2(self._set, WAIT_MS)
                index: int = nvml.nvmlDeviceGetIndex(event.device)
            except nvml.NVMLError:
                break
            if event.eventType == nvml.nvmlEventTypeXidCriticalError:
                self.last[index] = XidEvent(event.eventData, self._clock())
                came.append((index, self.last[index]))
        return came
