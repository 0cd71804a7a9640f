"""`WS /v1/speak` with an independent client."""

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import WSMsgType

from ttsd.jobs import live
from ttsd.protocol.errors import EngineFailed
from ttsd.protocol.speech import Service

PROTOCOL = "ttsd.speak.v1"
PAUSE = 240
"""Samples after each phrase."""


class Ear:
    """One side of a session: says messages, keeps what it hears."""

    def __init__(self, socket):
        self.socket = socket
        self.told = []
        self.pcm = b""

    async def say(self, **message):
        await self.socket.send_json(message)

    async def hear(self):
        """The next message; sound is kept aside."""
        while True:
            message = await self.socket.receive(timeout=10)
            if message.type is WSMsgType.BINARY:
                assert len(message.data) <= 32_000
                self.pcm += message.data
                continue
            if message.type is not WSMsgType.TEXT:
                return None
            self.told.append(json.loads(message.data))
            return self.told[-1]

    async def until(self, kind):
        while (message := await self.hear()) is not None:
            if message["type"] == kind:
                return message
        raise AssertionError(f"closed with {self.socket.close_code} before {kind}; heard {self.told}")

    async def closed(self):
        while await self.hear() is not None:
            pass
        return self.socket.close_code

    async def bytes_heard(self, count):
        while len(self.pcm) < count:
            message = await self.socket.receive(timeout=10)
            assert message.type is WSMsgType.BINARY, message
            self.pcm += message.data


@asynccontextmanager
async def connected(house, **options):
    async with house.client() as http, http.ws_connect("/v1/speak", protocols=(PROTOCOL,), **options) as socket:
        yield Ear(socket)


@asynccontextmanager
async def session(house, **start):
    async with connected(house) as ear:
        await ear.say(type="start", **start)
        assert (await ear.hear())["type"] == "started"
        yield ear


async def test_text_becomes_segments_and_sound(house):
    async with session(house, voice="bob", language="en") as ear:
        await ear.say(type="text", text="Hello there, friend. ")
        await ear.say(type="text", text="And bye")
        await ear.say(type="end")
        ended = await ear.until("ended")
        assert await ear.closed() == 1000
    segments = [message for message in ear.told if message["type"] == "segment"]
    assert "".join(segment["text"] for segment in segments) == "Hello there, friend. And bye"
    assert [segment["index"] for segment in segments] == list(range(len(segments)))
    assert ended == {"type": "ended", "samples": len(ear.pcm) // 2, "reason": "end"}
    assert set(house.speaker.services) == {Service.LIVE}
    for segment in segments:
        assert ear.pcm[segment["start_sample"] * 2 :].startswith(house.speaker.chunk(segment["text"][0]))


async def test_the_subprotocol_is_agreed_on(house):
    async with connected(house) as ear:
        assert ear.socket.protocol == PROTOCOL
    async with house.client() as http, http.ws_connect("/v1/speak") as socket:
        assert socket.protocol is None
        await socket.send_json({"type": "start"})
        assert (await socket.receive_json())["type"] == "started"


async def test_a_client_of_another_subprotocol_is_refused(house):
    async with house.client() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect("/v1/speak", protocols=("other.v2",))
    assert caught.value.status == 400


async def test_a_web_page_elsewhere_is_refused_at_the_handshake(house):
    async with house.client() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect("/v1/speak", protocols=(PROTOCOL,), origin="https://evil.example")
    assert caught.value.status == 403


async def test_each_handshake_carries_a_request_id(house):
    async with connected(house, headers={"X-Request-Id": "mine"}) as ear:
        assert ear.socket._response.headers["X-Request-Id"] == "mine"


@pytest.mark.parametrize(
    ("first", "code", "close"),
    [
        ('{"type":"text","text":"a"}', "bad_request", 1008),
        ('{"type":"nonsense"}', "bad_request", 1008),
        ("not json", "bad_request", 1008),
        ("[]", "bad_request", 1008),
        ('{"type":"start","voice":"nobody"}', "unknown_voice", 1008),
        ('{"type":"start","language":"klingon"}', "bad_request", 1008),
        ('{"type":"start","x":"' + "y" * 1_100_000 + '"}', "too_large", 1009),
        (b"\x00\x01", "bad_request", 1003),
    ],
)
async def test_a_wrong_first_message_gets_an_error_and_the_right_close_code(house, first, code, close):
    async with connected(house) as ear:
        await (ear.socket.send_str(first) if isinstance(first, str) else ear.socket.send_bytes(first))
        error = await ear.hear()
        assert (error["type"], error["code"]) == ("error", code)
        assert await ear.closed() == close
    assert house.services.live.taken == 0


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ("not json", None),
        ('{"type":"nonsense"}', "type"),
        ('{"type":"text"}', "text"),
        ('{"type":"text","text":7}', "text"),
        ('{"type":"start"}', "type"),
        ('{"type":"replace","from_segment":9,"text":"a"}', "from_segment"),
        ('{"type":"played","samples":-1}', "samples"),
        ('{"text":"a"}', "type"),
    ],
)
async def test_a_wrong_message_gets_one_error_and_the_session_goes_on(house, wrong, param):
    async with session(house) as ear:
        await ear.socket.send_str(wrong)
        error = await ear.hear()
        assert (error["type"], error["code"], error["param"]) == ("error", "bad_request", param)
        await ear.say(type="text", text="still here")
        await ear.say(type="end")
        assert (await ear.until("ended"))["samples"] > 0
    assert len([message for message in ear.told if message["type"] == "error"]) == 1


async def test_a_binary_message_ends_the_session(house):
    async with session(house) as ear:
        await ear.socket.send_bytes(b"\0" * 10)
        assert (await ear.hear())["type"] == "error"
        assert await ear.closed() == 1003


async def test_a_message_over_every_bound_is_cut_off_by_the_server(house):
    async with connected(house) as ear:
        with suppress(ConnectionError):  # the server has hung up before all of it was sent
            await ear.socket.send_str("x" * (5 * 2**20))
        assert await ear.closed() in (1009, 1006)


async def test_too_much_text_gets_an_error_and_the_session_goes_on(open_house):
    house = await open_house(max_document_chars=100)
    async with session(house) as ear:
        await ear.say(type="text", text="a" * 101)
        assert (await ear.hear())["code"] == "too_large"
        await ear.say(type="text", text="b")
        await ear.say(type="end")
        assert (await ear.until("ended"))["samples"] == 240 + PAUSE


async def test_sound_starts_while_text_is_still_being_typed(house):
    async with session(house) as ear:
        for letter in "The first sentence. ":
            await ear.say(type="text", text=letter)
        segment = await ear.until("segment")
        assert segment["text"].startswith("The first sentence.")
        await ear.bytes_heard(480)


async def test_a_pause_in_typing_speaks_the_whole_words_and_later_the_rest(house, monkeypatch):
    monkeypatch.setattr(live, "WORDS_S", 0.05)
    monkeypatch.setattr(live, "REST_S", 0.1)
    async with session(house) as ear:
        await ear.say(type="text", text="one tw")
        assert (await ear.until("segment"))["text"] == "one "
        assert (await ear.until("segment"))["text"] == "tw"


async def test_flush_speaks_what_is_held_back(house):
    async with session(house) as ear:
        await ear.say(type="text", text="half a sen")
        await ear.say(type="flush")
        assert (await ear.until("segment"))["text"] == "half a sen"


async def test_cancel_stops_at_once_and_the_session_can_be_used_again(house, until):
    async with session(house) as ear:
        await ear.say(type="text", text="ab!c. ")
        await ear.until("segment")
        await ear.bytes_heard(2 * 480)
        began = time.monotonic()
        await ear.say(type="cancel")
        ended = await ear.until("ended")
        assert time.monotonic() - began < 0.1
        assert ended == {"type": "ended", "samples": 480, "reason": "cancel"}
        await until(lambda: house.speaker.closed)
        await ear.say(type="text", text="new")
        await ear.say(type="end")
        segment = await ear.until("segment")
        assert (segment["text"], segment["index"], segment["start_sample"]) == ("new", 1, 480)
        assert (await ear.until("ended"))["samples"] == 480 + 3 * 240 + PAUSE
    assert ear.pcm == house.speaker.sound("abnew") + bytes(PAUSE * 2)


async def test_replace_takes_back_what_was_said_and_goes_on_where_it_began(house):
    async with session(house) as ear:
        await ear.say(type="text", text="first one.\nsecond one.\n")
        second = [await ear.until("segment"), await ear.until("segment")][1]
        await ear.say(type="replace", from_segment=1, text="better")
        assert await ear.until("retracted") == {"type": "retracted", "from_segment": 1}
        del ear.told[:]
        await ear.say(type="end")
        ended = await ear.until("ended")
    (segment,) = [message for message in ear.told if message["type"] == "segment"]
    assert (segment["index"], segment["text"], segment["start_sample"]) == (1, "better", second["start_sample"])
    assert ended["samples"] == second["start_sample"] + 6 * 240 + PAUSE


async def test_one_phrase_that_fails_is_told_and_the_next_is_spoken(house):
    house.speaker.failure = EngineFailed("choked on it")
    async with session(house) as ear:
        await ear.say(type="text", text="what is?this.\nall is well.\n")
        await ear.say(type="end")
        await ear.until("ended")
    kinds = [message["type"] for message in ear.told[1:]]
    assert kinds == ["segment", "error", "segment", "ended"]
    assert ear.told[2]["message"] == "choked on it"


async def test_an_unsupported_language_is_told(house):
    async with session(house) as ear:
        await ear.say(type="text", text="ja~")
        await ear.say(type="end")
        assert (await ear.until("error"))["code"] == "unsupported_language"
        assert (await ear.until("ended"))["samples"] == 0


async def test_text_without_anything_to_say_is_told_at_the_end(house):
    async with session(house) as ear:
        await ear.say(type="text", text="...!")
        await ear.say(type="end")
        assert (await ear.until("error"))["code"] == "nothing_to_say"
        assert await ear.closed() == 1000


async def test_an_unexpected_exception_closes_with_1011(house):
    house.speaker.failure = ZeroDivisionError("oops")
    async with session(house) as ear:
        await ear.say(type="text", text="what?now\n")
        assert await ear.closed() == 1011


async def test_a_client_that_leaves_stops_its_speech(house, until):
    async with session(house) as ear:
        await ear.say(type="text", text="ab!c. next\n")
        await until(lambda: house.speaker.begun)
        assert house.condition.live_sessions == 1
    await until(lambda: len(house.speaker.closed) == len(house.speaker.begun))
    await until(lambda: house.condition.live_sessions == 0)


async def test_too_many_sessions_are_told_to_come_back(open_house):
    house = await open_house(max_live_sessions=1)
    async with session(house), connected(house) as second:
        await second.say(type="start")
        error = await second.hear()
        assert (error["code"], error["retryable"]) == ("busy", True)
        assert await second.closed() == 1013


async def test_a_stopping_daemon_says_goodbye(house):
    async with session(house) as ear:
        await ear.say(type="text", text="ab!c. ")
        await ear.until("segment")
        await house.stop()
        assert (await ear.until("error"))["code"] == "stopping"
        assert await ear.closed() == 1001
    async with connected(house) as late:
        await late.say(type="start")
        assert (await late.hear())["code"] == "stopping"
        assert await late.closed() == 1001


async def test_a_client_that_tells_what_it_played_sets_the_pace(house, until, monkeypatch):
    monkeypatch.setattr(live, "AHEAD_SAMPLES", 240 * 10)
    async with session(house) as ear:
        await ear.say(type="played", samples=0)
        await ear.say(
            type="text", text="".join(f"number {word}.\n" for word in ("one", "two", "three", "four", "five"))
        )
        await ear.until("segment")
        await until(lambda: len(house.speaker.closed) == 2)
        await asyncio.sleep(0)
        assert len(house.speaker.begun) == 2
        await ear.say(type="played", samples=240 * 10)
        await until(lambda: len(house.speaker.begun) > 2)


async def test_a_listener_that_reads_nothing_is_dropped(open_house, until):
    house = await open_house(slow_reader_s=0.3)
    house.speaker.chunk_samples = 24_000
    async with session(house) as ear:
        ear.socket._response.connection.transport.pause_reading()
        await ear.say(type="text", text="a rather long sentence for this.\n" * 3)
        await until(lambda: house.services.live.taken == 0)
        assert house.metrics.slow_readers._value.get() == 1
        ear.socket._response.connection.transport.abort()


async def test_what_is_typed_while_the_engine_loads_is_spoken_when_it_is_there(house, until):
    house.speaker.ready.clear()
    async with connected(house) as ear:
        await ear.say(type="start")
        await ear.say(type="text", text="early")
        await ear.say(type="end")
        await until(lambda: house.services.live.taken)
        house.speaker.ready.set()
        assert (await ear.hear())["type"] == "started"
        assert (await ear.until("segment"))["text"] == "early"


async def test_a_client_may_leave_while_the_engine_loads(house, until):
    house.speaker.ready.clear()
    async with connected(house) as ear:
        await ear.say(type="start")
        await until(lambda: house.services.live.taken)
    await until(lambda: not house.services.live.taken)


async def test_a_connection_that_says_nothing_does_not_hold_up_the_end(house):
    async with connected(house) as ear:
        await asyncio.wait_for(house.stop(), 2)
        assert (await ear.hear())["code"] == "stopping"
