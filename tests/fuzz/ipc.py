"""Frames between processes: the same messages however the bytes arrive, no message of what is none, bounded memory."""

import struct

import msgspec

from ttsd.ipc import Framer, MessageTooLong
from ttsd.protocol.engine import Chunk, Finished, FromWorker, Ping, Synthesize, ToWorker, WorkerLog
from ttsd.protocol.prep import FromPrep, PrepareText, PrepPong, ToPrep
from ttsd.protocol.speech import Span

KINDS = (FromWorker, ToWorker, FromPrep, ToPrep)
DECODERS = [msgspec.msgpack.Decoder(kind) for kind in KINDS]
MESSAGES = (
    Chunk(1, b"\x00\x01" * 40),
    Finished(1, 80, "stop", 1.0, 2.0),
    WorkerLog("error", "engine_failed", {"error": "x", "code": 3, "none": None}, 1),
    Synthesize(1, (Span("en", "Hello."),), "tone"),
    Ping(7),
    PrepareText(3, "Hello.", "auto"),
    PrepPong(3),
)


def framed(message: msgspec.Struct) -> bytes:
    payload = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(payload)) + payload


SEEDS = [bytes([number % 8]) + framed(message) + framed(Ping(1)) for number, message in enumerate(MESSAGES)]


def check(data: bytes) -> None:
    """The first byte chooses how the others are cut."""
    step, stream = (data[0] % 7 + 1, data[1:]) if data else (1, b"")
    whole, parts = fed(stream, max(1, len(stream))), fed(stream, step)
    # Of a broken stream the piece that breaks it is lost whole, with what it has before the break.
    assert whole == parts or whole[1] == parts[1] is True
    for message in whole[0]:
        for decoder in DECODERS:
            try:
                decoder.decode(message)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue


def fed(stream: bytes, step: int) -> tuple[list[bytes], bool]:
    """The messages of `stream` in pieces of `step`, and whether it was broken off."""
    framer, messages = Framer(), []
    for start in range(0, len(stream), step):
        try:
            messages += framer.feed(stream[start : start + step])
        except MessageTooLong:
            return messages, True
    return messages, False
