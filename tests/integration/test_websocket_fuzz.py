"""WebSockets under anything that a client may send: a documented end, nothing held afterwards, a daemon that lives."""

import contextlib
import socket
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec
import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from wsproto.events import BytesMessage, Ping, TextMessage

from tests.frames import LOST, PATIENCE_S, Peer, message
from tests.waiting import wait_for
from ttsd.api.websocket import CLOSE_CODE, MESSAGE_BYTES
from ttsd.protocol.errors import BY_CODE
from ttsd.protocol.events import EVENTS_SUBPROTOCOL, EventMessage, Snapshot
from ttsd.protocol.speech import (
    SPEAK_SUBPROTOCOL,
    Cancel,
    End,
    Flush,
    Played,
    Replace,
    ServerMessage,
    SpeakError,
    Start,
    Text,
)

ENDS: Final = {1000, 1001, LOST, *CLOSE_CODE.values()} - {1011}
PROTOCOL: Final = {1002, 1007}
"""Ends of connections on which was no WebSocket any more."""
GROWTH_BYTES: Final = 48 * 2**20
LONG: Final = 2000


class Send(NamedTuple):
    """A text message, in so many pieces."""

    text: str
    pieces: int = 1


class Binary(NamedTuple):
    data: bytes


class Poke(NamedTuple):
    """A ping with these bytes."""

    data: bytes


class Raw(NamedTuple):
    """Bytes on the connection."""

    data: bytes


class Listen(NamedTuple):
    """Take what has come so far."""


class Vanish(NamedTuple):
    """Hang up without a word."""


texts = st.one_of(
    st.sampled_from(["Hello. ", "How are you? ", "[pause 1s] ", "\n\n", "你好。", "🎉", "{a|b}", "\0"]),
    st.text(max_size=40),
)
numbers = st.one_of(st.integers(0, 5), st.sampled_from([-1, 2**31, 2**63, 2**64]))
said = st.one_of(
    st.builds(Text, texts),
    st.builds(Text, texts),
    st.builds(Replace, st.integers(0, 4), texts),
    st.builds(Played, st.integers(0, 2**40)),
    st.sampled_from([Flush(), End(), Cancel(), Start()]),
)
wild = st.one_of(
    st.text(max_size=30),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
        max_leaves=6,
    ).map(lambda value: msgspec.json.encode(value).decode()),
    st.builds(
        lambda kind, name, value: msgspec.json.encode({"type": kind, name: value}).decode(),
        st.sampled_from(["start", "text", "replace", "played", "flush", "end", "cancel", "started", ""]),
        st.sampled_from(["text", "voice", "language", "from_segment", "samples", "speed", "seed", "style", "commit"]),
        st.one_of(numbers, texts, st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    ),
    st.sampled_from(["[" * 20_000, '{"type":"text","text":"\\ud800"}', "x" * (MESSAGE_BYTES + 1), "1e999999"]),
)
steps = st.one_of(
    st.builds(Send, said.map(message), st.integers(1, 4)),
    st.builds(Send, said.map(message), st.integers(1, 4)),
    st.builds(Send, wild, st.integers(1, 3)),
    st.builds(Binary, st.binary(max_size=20)),
    st.builds(Poke, st.binary(max_size=20)),
    st.builds(
        Raw,
        st.one_of(
            st.binary(min_size=1, max_size=20),
            st.sampled_from([b"\x81\x85\0\0\0\0\xff\xfe\xfd\xfc\xfb", b"\x8f\x80\0\0\0\0"]),
        ),
    ),
    st.just(Listen()),
    st.just(Vanish()),
)
scripts = st.tuples(st.booleans(), st.lists(steps, max_size=8))


def send(peer: Peer, step: Send) -> None:
    size = max(1, -(-len(step.text) // step.pieces))
    parts = [step.text[start : start + size] for start in range(0, len(step.text), size)] or [""]
    for number, part in enumerate(parts):
        peer.send(TextMessage(part, message_finished=number == len(parts) - 1))


def listen(peer: Peer) -> None:
    peer.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        peer.hear()
    peer.socket.settimeout(PATIENCE_S)


def play(peer: Peer, script: list[Any]) -> tuple[set[int], int]:
    """Go through the script; the ends that may come of it, and the one that came."""
    allowed = set(ENDS)
    for step in script:
        match step:
            case Send():
                send(peer, step)
            case Binary(data):
                peer.send(BytesMessage(data))
            case Poke(data):
                peer.send(Ping(data))
            case Raw(data):
                allowed |= PROTOCOL
                peer.raw(data)
            case Listen():
                listen(peer)
            case _:
                peer.socket.close()
                return allowed, LOST
    return allowed, end_of(peer, allowed)


def end_of(peer: Peer, allowed: set[int]) -> int:
    if allowed >= PROTOCOL:
        # What was begun there may be a frame of any length: nobody can say goodbye behind it.
        peer.socket.shutdown(socket.SHUT_WR)
    return peer.goodbye()


def fuzzed(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < LONG,
        phases=(Phase.generate, Phase.shrink) if examples >= LONG else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def rest(daemon: Any) -> None:
    """Nobody is inside any more, and no slot is busy."""
    wait_for(
        lambda: (s := daemon.status()) and not s["live_sessions"] and not s["worker"]["busy_slots"], 20, "idle slots"
    )
    assert daemon.get("/readyz").status_code == 200
    assert not [line for line in daemon.stderr.splitlines() if "crashed" in line or "Traceback" in line]


def check_live(daemon: Any, examples: int) -> None:
    @fuzzed(examples)
    @given(script=scripts)
    def whatever_is_said(script: tuple[bool, list[Any]]) -> None:
        started, said_then = script
        with Peer(daemon.socket, "/v1/speak", SPEAK_SUBPROTOCOL) as peer:
            assert peer.status == 101
            first = [Send(message(Start(language="en")))] if started else []
            allowed, end = play(peer, [*first, *said_then])
        assert end in allowed, end
        for text in peer.texts:
            answer = msgspec.json.decode(text, type=ServerMessage)
            assert not isinstance(answer, SpeakError) or (answer.code in BY_CODE and answer.code != "internal"), answer

    whatever_is_said()
    rest(daemon)


def check_events(daemon: Any, examples: int) -> None:
    @fuzzed(examples)
    @given(script=scripts, since=st.sampled_from(["", "?since=0", "?since=99999999999999999", "?since=1&x=y"]))
    def whatever_is_said(script: tuple[bool, list[Any]], since: str) -> None:
        with Peer(daemon.socket, f"/v1/events{since}", EVENTS_SUBPROTOCOL) as peer:
            assert peer.status == 101
            allowed, end = play(peer, script[1])
        assert end in allowed, end
        events = [msgspec.json.decode(text, type=EventMessage) for text in peer.texts]
        assert not events or since or isinstance(events[0], Snapshot)

    whatever_is_said()
    rest(daemon)


def flooded(daemon: Any) -> None:
    """Who sends nonsense and reads no answer is not read from for ever: what would be said to him is bounded."""
    with Peer(daemon.socket, "/v1/speak", SPEAK_SUBPROTOCOL) as peer:
        peer.say(message(Start(language="en")))
        peer.socket.settimeout(2)
        nonsense = b"\x81\x82\0\0\0\0{}"
        with contextlib.suppress(TimeoutError):
            for _ in range(400):
                peer.raw(nonsense * 1000)


def rss_bytes(daemon: Any) -> int:
    return psutil.Process(daemon.process.pid).memory_info().rss


@pytest.mark.timeout(240)
def test_whatever_a_client_says_its_session_ends_as_documented(daemon: Any) -> None:
    check_live(daemon, 10)
    before = rss_bytes(daemon)
    check_live(daemon, 150)
    check_events(daemon, 50)
    assert rss_bytes(daemon) - before < GROWTH_BYTES


@pytest.mark.timeout(120)
def test_who_does_not_read_is_not_read_from(daemon: Any) -> None:
    before = rss_bytes(daemon)
    flooded(daemon)
    assert rss_bytes(daemon) - before < GROWTH_BYTES
    rest(daemon)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_a_client_says_for_long(daemon: Any) -> None:
    check_live(daemon, LONG)
    check_events(daemon, LONG)
