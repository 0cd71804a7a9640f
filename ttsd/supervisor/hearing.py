"""Processes for one use, sandboxed as the daemon's own: an examination without a daemon; a recogniser for one check."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ttsd.protocol.ears import Recognised
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.hearing import Examined
from ttsd.supervisor.prep import EARS_MODULE, Prep

TIMEOUT_S: Final = 60.0
LISTENING_S: Final = 90.0
"""For a clip; one of a minute takes some 10 s on two cores."""
Made = TypeVar("Made")


class Clip(NamedTuple):
    """What a recogniser listens to, and what is to be said in it."""

    source: Path
    transcript: str
    language: str
    """A code, or empty: to be found out."""


async def examine_file(
    source: Path, transcript: str = "", language: str = "auto", *, target: Path | None = None, denoise: bool = False
) -> Examined:
    """Examine the clip at `source`; the mended one goes to `target` (FLAC), or nowhere.

    Raises BadRequest, TooLarge, StorageFull, as `Prep.examine` does.
    """
    listener = Prep.listener("listener", TIMEOUT_S)
    with tempfile.TemporaryDirectory(prefix="ttsd-") as folder:
        where = target or Path(folder) / "clip.flac"
        return await _once(listener, lambda: listener.examine(source, where, transcript, language, denoise=denoise))


async def recognise_clips(clips: Sequence[Clip]) -> list[Recognised]:
    """What is heard in each clip; the recogniser's memory is free again afterwards.

    Raises CannotListen when its packages are missing, and what else `Prep.recognise` does.
    """
    ears = Prep.listener("ears", LISTENING_S, module=EARS_MODULE)

    async def hear() -> list[Recognised]:
        return [await ears.recognise(*clip) for clip in clips]

    return await _once(ears, hear)


async def _once(prep: Prep, ask: Callable[[], Awaitable[Made]]) -> Made:
    found: Made | TtsdError
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        try:
            found = await ask()
        except TtsdError as error:
            found = error  # out of the group first, which would wrap it
        finally:
            await prep.stop()
    if isinstance(found, TtsdError):
        raise found
    return found
