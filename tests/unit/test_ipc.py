"""Framing and both ends of the IPC over a real socket pair."""

import asyncio
import socket
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.ipc import MAX_MESSAGE_BYTES, Channel, Framer, MessageTooLong, Peer
from ttsd.protocol.engine import Chunk, FromWorker, Ping, Shutdown, ToWorker


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


@given(st.lists(st.binary(max_size=50), max_size=10), st.lists(st.integers(1, 30), max_size=40))
def test_any_cutting_gives_the_same_messages(messages: list[bytes], cuts: list[int]):
    stream = b"".join(map(frame, messages))
    framer, found, at = Framer(), [], 0
    for size in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + size])
        at += size
    assert found == messages


def test_an_absurd_length_is_refused():
    with pytest.raises(MessageTooLong):
        Framer().feed((MAX_MESSAGE_BYTES + 1).to_bytes(4, "big"))


async def test_messages_cross_in_both_directions(until):
    ours, theirs = socket.socketpair()
    channel = Channel(theirs, ToWorker)
    heard, lost = [], []
    peer = await Peer.connect(ours, FromWorker, heard.append, lost.append)
    chunk = Chunk(1, b"\1\2" * 200_000)
    sender = threading.Thread(target=lambda: [channel.send(chunk) for _ in range(5)])
    sender.start()
    peer.send(Ping(7))
    peer.send(Shutdown())
    assert await asyncio.to_thread(channel.receive) == Ping(7)
    assert await asyncio.to_thread(channel.receive) == Shutdown()
    await until(lambda: len(heard) == 5)
    assert heard[4] == chunk
    sender.join()
    theirs.close()
    await until(lambda: lost == [None])
    peer.send(Ping(8))


@pytest.mark.parametrize(
    "garbage", [b"this is no msgpack of ours", b"\x82\xa4type\xa3log\xa5event\xa2\xff\xfe"], ids=["no map", "no UTF-8"]
)
async def test_garbage_ends_the_connection_once(until, garbage):
    ours, theirs = socket.socketpair()
    heard, lost = [], []
    await Peer.connect(ours, FromWorker, heard.append, lost.append)
    theirs.sendall(frame(garbage))
    await until(lambda: lost)
    assert isinstance(lost[0], msgspec.DecodeError)
    assert heard == []
    assert len(lost) == 1
    theirs.close()


async def test_the_child_sees_the_end(until):
    ours, theirs = socket.socketpair()
    peer = await Peer.connect(ours, FromWorker, lambda _: None, lambda _: None)
    channel = Channel(theirs, ToWorker)
    peer.close()
    assert await asyncio.to_thread(channel.receive) is None
    theirs.close()


def test_a_program_started_by_hand_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TTSD_IPC_FD", raising=False)
    with pytest.raises(SystemExit, match="ttsd serve"):
        Channel.inherited(ToWorker)
