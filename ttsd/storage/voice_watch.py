"""Says that a voice profile has changed, whoever changed it: a client, or a hand in the folder."""

import asyncio
from typing import Final

from ttsd.bus import Bus
from ttsd.protocol.events import VoicesChanged
from ttsd.protocol.voices import Voice
from ttsd.storage.voice_shelf import VoiceShelf

LOOK_S: Final = 1.0
"""Between two looks, a few calls of stat(2) for each voice; none while nobody listens."""


class VoiceWatch:
    """Owns what was last seen."""

    def __init__(self, shelf: VoiceShelf, bus: Bus) -> None:
        self._shelf = shelf
        self._bus = bus
        self._seen: list[Voice] = []

    async def run(self) -> None:
        """Until cancelled."""
        self._seen = await asyncio.to_thread(self._voices)
        while True:
            await asyncio.sleep(LOOK_S)
            if self._bus.listened:
                await self._look()

    async def _look(self) -> None:
        found = await asyncio.to_thread(self._voices)
        if found != self._seen:
            self._seen = found
            self._bus.publish(VoicesChanged(seq=0))

    def _voices(self) -> list[Voice]:
        return [profile.voice for profile in self._shelf.all()]
