"""What clients say in live sessions: anything but one of our errors is a finding, and the stream stays consistent."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

import msgspec

from ttsd.api.body import decode_json
from ttsd.jobs.live import LiveSession
from ttsd.jobs.outbox import Sound
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.speech import (
    BYTES_PER_SAMPLE,
    Cancel,
    ClientMessage,
    End,
    Ended,
    Flush,
    Played,
    Replace,
    Retracted,
    SegmentStarted,
    Start,
    Text,
)

PAUSE: Final = b"\x01"
"""Between two messages: the session speaks meanwhile."""
SEPARATORS: Final = (b"\n", PAUSE)
MOST_CHARS: Final = 400
_decoder: Final = msgspec.json.Decoder(ClientMessage)


def said(*messages: ClientMessage | None) -> bytes:
    """As `check` reads them; `None` is a pause."""
    return b"\n".join(PAUSE if each is None else msgspec.json.encode(each) for each in messages)


SEEDS: Final = [
    said(Text("One sentence. And another one, "), None, Text("with an end."), End()),
    said(Text("Wrong. "), Flush(), None, Replace(0, "Right."), Played(960), End()),
    said(Text("Nobody "), Cancel(), Text("hears that.\n\n"), Flush(), None, Cancel(), End()),
    said(Start(), Text(" [pause 1s] "), End(), Text("late"), Cancel(), Text("Again. "), End()),
]


def check(data: bytes) -> None:
    asyncio.run(_converse(data.replace(PAUSE, b"\n" + PAUSE + b"\n").split(b"\n")))


async def _converse(lines: list[bytes]) -> None:
    session = LiveSession(_speak, MOST_CHARS)
    stream = _Stream()
    async with asyncio.TaskGroup() as group:
        speaking = group.create_task(session.run())
        hearing = group.create_task(stream.hear(session))
        for line in lines:
            if line == PAUSE:
                for _ in range(8):
                    await asyncio.sleep(0)
            else:
                _say(session, line)
        session.hear(Cancel())
        session.hear(End())
        await asyncio.wait_for(hearing, 10)
        await speaking
    assert stream.ended, "no last word"


def _say(session: LiveSession, line: bytes) -> None:
    try:
        session.hear(decode_json(line, _decoder))
    except TtsdError as error:
        if error.code == "internal":
            raise AssertionError(error.message) from error


async def _speak(text: str) -> AsyncGenerator[bytes]:
    """A sample for each letter, in two pieces."""
    for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
        await asyncio.sleep(0)
        if piece:
            yield bytes(BYTES_PER_SAMPLE * len(piece))


class _Stream:
    """A client's side: where segments begin, and how long the stream is."""

    def __init__(self) -> None:
        self.samples = 0
        self.starts: list[int] = []
        self.ended = False

    async def hear(self, session: LiveSession) -> None:
        while (item := await session.outbox.take()) is not None:
            self.ended = isinstance(item, Ended)
            match item:
                case Sound(pcm=pcm):
                    self.samples += len(pcm) // BYTES_PER_SAMPLE
                case SegmentStarted(index=index, start_sample=start):
                    assert index == len(self.starts)
                    assert start >= (self.starts[-1] if self.starts else 0)
                    self.starts.append(start)
                case Retracted(from_segment=index):
                    if index < len(self.starts):
                        self.samples = min(self.samples, self.starts[index])
                        del self.starts[index:]
                case Ended(samples=samples):
                    assert samples == self.samples, (samples, self.samples)
                case _:
                    pass
