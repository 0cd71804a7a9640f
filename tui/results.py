"""A finished job's audio, from the daemon to the player."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, Protocol

from ttsd.protocol.errors import PlaybackFailed
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from tui.playback import Player
from tui.reel import Reel

AHEAD_S: Final = 20.0
"""How much is read ahead of what is heard: an hour of speech is not kept in memory."""
KEPT_SAMPLES: Final = 60 * SAMPLE_RATE_HZ
"""And so much behind it, to go back to."""
HEADER_MOST: Final = 4096


class HasAudio(Protocol):
    """The part of the client that this needs."""

    def job_audio(self, job_id: str) -> AsyncGenerator[bytes]: ...


async def play_result(client: HasAudio, player: Player, job_id: str, start_s: float = 0.0) -> None:
    """Play it from `start_s` to its end. Raises TtsdError; cancel to stop."""
    buffer = b""
    skip = 0
    reel: Reel | None = None
    async for chunk in client.job_audio(job_id):
        buffer += chunk
        if reel is None:
            found = sound_start(buffer)
            if found is None:
                continue
            rate_hz, start = found
            buffer = buffer[start:]
            skip = round(start_s * rate_hz) * BYTES_PER_SAMPLE
            reel = Reel()
            player.play(reel, rate_hz=rate_hz)
        passed = min(skip, len(buffer))
        skip, buffer = skip - passed, buffer[passed:]
        whole = len(buffer) - len(buffer) % BYTES_PER_SAMPLE
        reel.feed(buffer[:whole])
        player.fed()
        buffer = buffer[whole:]
        reel.forget(reel.position - KEPT_SAMPLES)
        while player.waiting_s > AHEAD_S:  # noqa: ASYNC110 — the sound card's thread sets no asyncio event
            await asyncio.sleep(1.0)


def sound_start(data: bytes) -> tuple[int, int] | None:
    """Sample rate of a WAV file (or raw PCM) and where its sound begins; `None` while too little is there.

    Raises PlaybackFailed for a format that the player does not play.
    """
    if len(data) < 12:
        return None
    if data[:4] != b"RIFF":
        return SAMPLE_RATE_HZ, 0
    rate_hz, place = SAMPLE_RATE_HZ, 12
    while place + 8 <= len(data):
        name, length = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if name == b"data":
            return rate_hz, place + 8
        if name == b"fmt " and place + 24 <= len(data):
            rate_hz = _rate(data[place + 8 : place + 24])
        place += 8 + length + length % 2
    if len(data) > HEADER_MOST:
        raise PlaybackFailed("the result is not a WAV file")
    return None


def _rate(fmt: bytes) -> int:
    channels = int.from_bytes(fmt[2:4], "little")
    bits = int.from_bytes(fmt[14:16], "little")
    if (channels, bits) != (1, 16):
        raise PlaybackFailed(f"the result has {channels} channels of {bits} bits; only 1 of 16 is played here")
    return int.from_bytes(fmt[4:8], "little")
