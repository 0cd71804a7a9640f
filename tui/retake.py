"""A phrase once more, by another seed: a session of its own beside the one that goes on."""

from typing import TYPE_CHECKING

from ttsd.protocol.errors import NothingToSay, TtsdError
from ttsd.protocol.speech import End, SpeakError, Start, Text

if TYPE_CHECKING:
    from tui.live import Speaks


async def retake(client: "Speaks", start: Start, text: str) -> bytes:
    """All of `text`, s16le mono. Raises TtsdError."""
    pcm = bytearray()
    async with client.speak() as live:
        for message in (start, Text(text), End()):
            await live.send(message)
        async for answer in live:
            if isinstance(answer, bytes):
                pcm += answer
            elif isinstance(answer, SpeakError):
                raise TtsdError(answer.message)
    if not pcm:
        raise NothingToSay("nothing came for this phrase")
    return bytes(pcm)
