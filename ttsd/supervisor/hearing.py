"""One examination without a daemon: a process of its own for one clip, sandboxed as the daemon's is."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from ttsd.protocol.errors import TtsdError
from ttsd.protocol.hearing import Examined
from ttsd.supervisor.prep import Prep

TIMEOUT_S: Final = 60.0


async def examine_file(
    source: Path, transcript: str = "", language: str = "auto", *, target: Path | None = None, denoise: bool = False
) -> Examined:
    """Examine the clip at `source`; the mended one goes to `target` (FLAC), or nowhere.

    Raises BadRequest, TooLarge, StorageFull, as `Prep.examine` does.
    """
    listener = Prep.listener("listener", TIMEOUT_S)
    found: Examined | TtsdError
    with tempfile.TemporaryDirectory(prefix="ttsd-") as folder:
        where = target or Path(folder) / "clip.flac"
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.run())
            try:
                found = await listener.examine(source, where, transcript, language, denoise=denoise)
            except TtsdError as error:
                found = error  # out of the group first, which would wrap it
            finally:
                await listener.stop()
    if isinstance(found, TtsdError):
        raise found
    return found
