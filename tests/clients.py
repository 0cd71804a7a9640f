"""What clients ask of a daemon, and all that they get for it."""

import asyncio

from ttsd.client import TtsdClient
from ttsd.protocol.jobs import JobState
from ttsd.protocol.speech import End, SpeechRequest, Start, Text


async def live(client: TtsdClient, text: str) -> bytes:
    """The sound of `text`, said in a live session word by word."""
    sound = bytearray()
    async with client.speak() as session:
        await session.send(Start())
        for word in text.split(" "):
            await session.send(Text(word + " "))
            await asyncio.sleep(0)
        await session.send(End())
        async for message in session:
            if isinstance(message, bytes):
                sound += message
    return bytes(sound)


async def stream(client: TtsdClient, text: str) -> bytes:
    """The sound of `text`, as one stream."""
    return b"".join([chunk async for chunk in client.tts_stream(SpeechRequest(text))])


async def finished(client: TtsdClient, job_id: str) -> JobState:
    """How a job ends."""
    while not (job := await client.job(job_id)).state.final:
        await asyncio.sleep(0.02)
    return job.state
