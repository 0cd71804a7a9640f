"""Speaking, once the daemon is back, what it was gone before it spoke."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from tui.live import Launch

AGAIN_S: Final = 1.0
"""The connection may have told of the daemon's return before the session noticed that it was gone."""
LOOK_S: Final = 0.05
"""How often it is looked whether the listener has heard all that came."""


class Amends:
    """Owns whether something is owed, and when it is made good: after what `sounds`, and by `speak`."""

    def __init__(self, launch: Launch, *, sounds: Callable[[], bool], speak: Callable[[], None]) -> None:
        self.away = False
        """Nothing can be spoken until the daemon answers again."""
        self.owing = False
        """The daemon is gone before it has spoken the script."""
        self.made = False
        """What is spoken now was owed."""
        self._launch = launch
        self._sounds = sounds
        self._speak = speak
        self._coming = False

    @property
    def due(self) -> bool:
        """It could be spoken now, and nothing waits to do so."""
        return self.owing and not self.away and not self._coming

    def spoken(self) -> None:
        """It is being said, or something else is: nothing is owed any more."""
        self.drop()
        self.made = False

    def drop(self) -> None:
        """Nobody wants it any more."""
        self.owing = self._coming = False

    def connected(self) -> None:
        """The daemon answers again."""
        self.away = False
        if self.owing:
            self._make_good_after(0.0)

    def disconnected(self) -> None:
        """Nothing can be spoken from now on."""
        self.away, self._coming = True, False

    def broke_off(self) -> None:
        """A session is over, and may have left something to say; once is enough for one that was to make good."""
        if self.owing and not self.away and not self.made:
            self._make_good_after(AGAIN_S)

    def _make_good_after(self, after_s: float) -> None:
        self._coming = True
        self._launch(partial(self._make_good, after_s))

    async def _make_good(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while self._sounds():  # noqa: ASYNC110 — the player's thread tells nobody of every block that it plays
            await asyncio.sleep(LOOK_S)
        self._coming = False
        if self.owing and not self.away:
            self._speak()
            self.made = True
