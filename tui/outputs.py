"""Choosing the sound device."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.screen import Screen

from tui import words
from tui.device import DEFAULT
from tui.language import t
from tui.memory import Memory
from tui.playback import Player
from tui.widgets.picker import Picker


async def choose_output(player: Player, memory: Memory, ask: Callable[[Screen[Any]], Awaitable[str | None]]) -> None:
    """Ask for one of those that there are; it is remembered."""
    devices = await asyncio.to_thread(player.outputs)
    choices = [(t("The system's default"), DEFAULT), *((words.plain(device), device) for device in devices)]
    choice = await ask(Picker(t("Sound device"), choices, player.device))
    if choice is not None and choice != player.device:
        player.choose(choice)
        memory.remember(output=choice)
