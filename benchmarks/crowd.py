"""Fifty streams at once, as the asyncio script in use sends them, and ten live sessions."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Final

import aiohttp
import msgspec

from benchmarks.daemon import Daemon, daemon
from benchmarks.options import Options
from benchmarks.report import Row, Table, single, spread
from benchmarks.texts import sentences, short_sentences
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, SPEAK_SUBPROTOCOL

STREAMS: Final = 50
SESSIONS: Final = 10
SENTENCES: Final = 4


class Heard(msgspec.Struct, frozen=True):
    """What one client got: when the first of it, and how much."""

    first_ms: float
    bytes: int

    @property
    def audio_s(self) -> float:
        return self.bytes / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ


def run(options: Options) -> Iterator[Table]:
    rounds = 1 if options.quick else 4
    with daemon() as ttsd:
        yield asyncio.run(_streams(ttsd, rounds))
        yield asyncio.run(_live(ttsd, rounds))


async def _streams(ttsd: Daemon, rounds: int) -> Table:
    texts = short_sentences(seed=4)
    heard: list[Heard] = []
    rates: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(ttsd.socket))) as session:
        for _ in range(rounds):
            started = time.perf_counter()
            got = await asyncio.gather(*(_stream(session, text) for text in itertools.islice(texts, STREAMS)))
            rates.append(sum(one.audio_s for one in got) / (time.perf_counter() - started))
            heard += got
    return Table(f"{STREAMS} POST /api/tts_stream at once, engine builtin", _rows(heard, rates))


async def _stream(session: aiohttp.ClientSession, text: str) -> Heard:
    started = time.perf_counter()
    first_ms = 0.0
    size = 0
    async with session.post("http://localhost/api/tts_stream", json={"text": text, "language": "en"}) as answer:
        answer.raise_for_status()
        async for data in answer.content.iter_any():
            first_ms = first_ms or (time.perf_counter() - started) * 1000
            size += len(data)
    return Heard(first_ms, size)


async def _live(ttsd: Daemon, rounds: int) -> Table:
    texts = sentences(seed=5)
    heard: list[Heard] = []
    rates: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(ttsd.socket))) as session:
        for _ in range(rounds):
            speeches = [" ".join(itertools.islice(texts, SENTENCES)) for _ in range(SESSIONS)]
            started = time.perf_counter()
            got = await asyncio.gather(*(_session(session, speech) for speech in speeches))
            rates.append(sum(one.audio_s for one in got) / (time.perf_counter() - started))
            heard += got
    note = f"each is sent {SENTENCES} sentences in one piece; first audio counts from then"
    return Table(f"{SESSIONS} live sessions at once (WS /v1/speak), engine builtin", _rows(heard, rates), (note,))


async def _session(session: aiohttp.ClientSession, text: str) -> Heard:
    async with session.ws_connect("http://localhost/v1/speak", protocols=(SPEAK_SUBPROTOCOL,)) as socket:
        await socket.send_json({"type": "start", "language": "en"})
        await socket.receive_json()  # started
        started = time.perf_counter()
        await socket.send_json({"type": "text", "text": text})
        await socket.send_json({"type": "end"})
        first_ms = 0.0
        size = 0
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                first_ms = first_ms or (time.perf_counter() - started) * 1000
                size += len(message.data)
            elif message.json()["type"] == "error":
                raise RuntimeError(message.data)
            elif message.json()["type"] == "ended":
                break
        return Heard(first_ms, size)


def _rows(heard: Sequence[Heard], rates: Sequence[float]) -> tuple[Row, ...]:
    if any(not one.bytes for one in heard):
        raise RuntimeError("a client got no sound")
    return (
        spread("time to first audio", [one.first_ms for one in heard]),
        single("seconds of speech a second, mean of the rounds", sum(rates) / len(rates), "s/s"),
    )
