"""Speech over HTTP: whole and streamed, for good clients and bad ones."""

import asyncio
import io
import json
import socket
import wave

import aiohttp
import msgspec
import pytest

from ttsd.config import Config, Http, Limits, Speech
from ttsd.protocol.errors import Busy, EngineFailed, EngineNotReady, StorageFull, WorkerLost
from ttsd.protocol.speech import Service

DOORS = ["/api/tts", "/api/tts_stream"]


async def error_of(answer):
    return (await answer.json())["error"]


async def test_the_whole_is_a_wav_with_its_length(house, http):
    async with http.post("/api/tts", json={"text": "ab\nc", "language": "en"}) as answer:
        assert answer.status == 200
        assert answer.content_type == "audio/wav"
        assert answer.headers["X-Sample-Rate"] == "24000"
        data = await answer.read()
    assert int(answer.headers["Content-Length"]) == len(data)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.readframes(file.getnframes()) == house.speaker.sound("ab\nc")


async def test_the_stream_is_raw_pcm(house, http):
    async with http.post("/api/tts_stream", json={"text": "ab\nc"}) as answer:
        assert answer.status == 200
        assert answer.content_type == "audio/pcm"
        assert answer.headers["X-Sample-Rate"] == "24000"
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert await answer.read() == house.speaker.sound("ab\nc")
    assert set(house.speaker.services) == {Service.STREAM}


async def test_the_first_bytes_come_as_soon_as_they_exist(house, http):
    async with http.post("/api/tts_stream", json={"text": "a!b"}) as answer:
        assert await answer.content.readexactly(480) == house.speaker.chunk("a")
        assert house.speaker.chunks_made == 1
        house.speaker.go.set()
        assert await answer.content.read() == house.speaker.sound("!b")


async def test_a_stored_sample_of_old_scripts_is_understood(house, http):
    """Unknown keys are ignored; language may be an English name; the content type does not matter."""
    body = b'{"text":"abc","language":"English","ref_text":"unused","top_k":50,"stream":true}'
    async with http.post("/api/tts_stream", data=body, headers={"Content-Type": "text/plain"}) as answer:
        assert await answer.read() == house.speaker.sound("abc")


async def test_long_audio_goes_through_a_file_and_stays_whole(house, http):
    house.speaker.chunk_samples = 24_000
    text = "abcdefghij" * 4
    async with http.post("/api/tts", json={"text": text}) as answer:
        data = await answer.read()
    assert data[44:] == house.speaker.sound(text)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        (b'{"text":', 400, "bad_request", None),
        (b'{"text":5}', 400, "bad_request", "text"),
        (b'{"language":"en"}', 400, "bad_request", "text"),
        (b'{"text":"a","voice":"nobody"}', 422, "unknown_voice", "voice"),
        (b'{"text":"a","voice":"../etc"}', 400, "bad_request", "voice"),
        (b'{"text":"a","language":"klingon"}', 400, "bad_request", "language"),
        (b'{"text":"ja~"}', 422, "unsupported_language", "language"),
        (b'{"text":""}', 422, "nothing_to_say", "text"),
        (b'{"text":"..."}', 422, "nothing_to_say", "text"),
        (b'{"text":"' + b"a" * 1001 + b'"}', 413, "too_large", "text"),
        (b'{"text":"' + b"a" * 5000 + b'"}', 413, "too_large", None),
        (b'{"text":"a","ref_audio":"/etc/passwd"}', 403, "forbidden", "ref_audio"),
    ],
)
async def test_what_cannot_be_spoken_is_refused_before_any_sound(open_house, door, body, status, code, param):
    house = await open_house(max_text_chars=1000, max_body_bytes=4000)
    async with house.client() as http, http.post(door, data=body) as answer:
        assert answer.status == status
        assert answer.content_type == "application/json"
        error = await error_of(answer)
    assert (error["code"], error["param"]) == (code, param)
    assert house.speaker.begun == []
    assert house.services.streams.taken == 0


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (EngineFailed("choked"), 500),
        (EngineNotReady("loading"), 503),
        (WorkerLost("died"), 503),
        (StorageFull("full"), 503),
        (Busy("full"), 429),
        (ZeroDivisionError("oops"), 500),
    ],
)
async def test_a_failure_before_the_first_sound_is_a_proper_error(house, http, door, failure, status):
    house.speaker.failure = failure
    async with http.post(door, json={"text": "?a"}) as answer:
        assert answer.status == status
        assert ("Retry-After" in answer.headers) is (status in (429, 503))
        assert "oops" not in await answer.text()


async def test_a_failure_after_the_first_sound_breaks_the_stream_off(house):
    reader, writer = await house.raw(house.request("/api/tts_stream", {"text": "ab?"}))
    data = await reader.read()
    assert data.startswith(b"HTTP/1.1 200")
    assert house.speaker.chunk("b") in data
    assert not data.endswith(b"0\r\n\r\n")
    writer.close()


@pytest.mark.parametrize("failure", [EngineFailed("choked"), ZeroDivisionError("oops")])
async def test_aiohttp_sees_that_a_stream_broke_off(house, http, failure):
    house.speaker.failure = failure
    async with http.post("/api/tts_stream", json={"text": "ab?"}) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_failure_after_the_first_sound_is_still_an_error_for_the_whole(house, http):
    house.speaker.failure = EngineFailed("choked")
    async with http.post("/api/tts", json={"text": "ab?"}) as answer:
        assert answer.status == 500
        assert (await error_of(answer))["message"] == "choked"


@pytest.mark.parametrize("door", DOORS)
async def test_a_client_that_leaves_stops_its_speech(house, until, door):
    _, writer = await house.raw(house.request(door, {"text": "a!b\nnext"}))
    await until(lambda: house.speaker.chunks_made)
    writer.close()
    await until(lambda: "a!b" in house.speaker.closed)
    assert set(house.speaker.begun) == set(house.speaker.closed)
    assert house.services.streams.taken == 0


async def test_a_client_may_leave_before_its_request_is_complete(house, until):
    _, writer = await house.raw(b"POST /api/tts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
    writer.close()
    async with house.client() as http, http.get("/healthz") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("door", DOORS)
async def test_a_client_may_leave_while_the_engine_loads(house, until, door):
    house.speaker.ready.clear()
    _, writer = await house.raw(house.request(door, {"text": "a"}))
    await until(lambda: house.services.streams.taken)
    writer.close()
    await until(lambda: not house.services.streams.taken)


async def test_too_many_at_once_are_told_to_come_back(open_house, until):
    house = await open_house(max_streams=2)
    async with house.client() as http:
        hanging = [await http.post("/api/tts_stream", json={"text": "a!"}) for _ in range(2)]
        async with http.post("/api/tts_stream", json={"text": "a"}) as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "1"
            error = await error_of(answer)
        assert error["code"] == "busy"
        assert "max_streams" in error["message"]
        house.speaker.go.set()
        for one in hanging:
            await one.read()
        await until(lambda: house.services.streams.taken == 0)
        async with http.post("/api/tts_stream", json={"text": "a"}) as answer:
            assert answer.status == 200


async def test_a_stopping_daemon_takes_no_new_speech_and_ends_what_it_took(house, http, until):
    hanging = await http.post("/api/tts_stream", json={"text": "a!b"})
    stopping = asyncio.get_running_loop().create_task(house.stop())
    await until(house.services.closing.is_set)
    async with http.post("/api/tts_stream", json={"text": "a"}) as answer:
        assert answer.status == 503
        assert (await error_of(answer))["code"] == "stopping"
    assert not stopping.done()
    house.speaker.go.set()
    assert await hanging.read() == house.speaker.sound("a!b")
    await stopping


async def test_fifty_at_once_each_hear_their_own(house):
    texts = ["".join(chr(97 + (number + step) % 26) for step in range(30)) for number in range(60)]

    async def hear(http, text):
        async with http.post("/api/tts_stream", json={"text": text}) as answer:
            return await answer.read()

    async with aiohttp.ClientSession(
        "http://localhost", connector=aiohttp.UnixConnector(str(house.path), limit=0)
    ) as http:
        heard = await asyncio.gather(*(hear(http, text) for text in texts))
    assert heard == [house.speaker.sound(text) for text in texts]


# --- oversized bodies ---


async def test_an_announced_oversize_is_refused_before_it_is_sent(open_house):
    house = await open_house(max_body_bytes=1000)
    head = b"POST /api/tts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999999999\r\n\r\n"
    reader, writer = await house.raw(head)
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()


async def test_an_endless_chunked_body_is_refused_while_it_comes(open_house):
    house = await open_house(max_body_bytes=1000)
    reader, writer = await house.raw(b"POST /api/tts HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(5):
        writer.write(b"100\r\n" + b"x" * 256 + b"\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()


# --- slow readers ---


async def test_a_slow_reader_holds_no_slot_and_gets_everything(house, until):
    """All is made while nothing is read; more than the sockets' buffers hold waits on disk."""
    house.speaker.chunk_samples = 24_000
    text = "abcdefghij" * 4
    with await raw_socket(house, text) as client:
        await until(lambda: text in house.speaker.closed)
        assert await hear_slowly(client, 2**16) == house.speaker.sound(text)


async def raw_socket(house, text):
    """A client whose reading the test itself paces; streams would read ahead."""
    loop = asyncio.get_running_loop()
    client = socket.socket(socket.AF_UNIX)
    client.setblocking(False)
    await loop.sock_connect(client, str(house.path))
    await loop.sock_sendall(client, house.request("/api/tts_stream", {"text": text}))
    return client


async def hear_slowly(client, size, pause_s=0.0):
    """The chunked body of an answer, `size` bytes at a time."""
    heard = bytearray()
    while not heard.endswith(b"\r\n0\r\n\r\n"):
        piece = await asyncio.get_running_loop().sock_recv(client, size)
        assert piece, "the connection broke off"
        heard += piece
        await asyncio.sleep(pause_s)
    body = bytes(heard.partition(b"\r\n\r\n")[2])
    data = b""
    while body:
        length, _, body = body.partition(b"\r\n")
        data, body = data + body[: int(length, 16)], body[int(length, 16) + 2 :]
    return data


async def test_a_client_that_reads_nothing_is_dropped(open_house, until):
    house = await open_house(slow_reader_s=0.3)
    house.speaker.chunk_samples = 24_000
    _, writer = await house.raw(house.request("/api/tts_stream", {"text": "abcdefghij" * 4}))
    await until(lambda: house.services.streams.taken)
    await until(lambda: not house.services.streams.taken)
    assert house.metrics.slow_readers._value.get() == 1
    writer.close()


async def test_a_client_that_reads_a_little_is_kept(open_house, until):
    """Slower than real time, but never still for as long as the limit."""
    house = await open_house(slow_reader_s=0.4)
    house.speaker.chunk_samples = 24_000
    text = "abcdefghij" * 2
    loop = asyncio.get_running_loop()
    began = loop.time()
    with await raw_socket(house, text) as client:
        assert await hear_slowly(client, 32_000, 0.05) == house.speaker.sound(text)
    assert loop.time() - began > 1.0
    assert house.metrics.slow_readers._value.get() == 0


# --- cloning ---


@pytest.fixture
def clip(folder):
    (folder / "clips").mkdir()
    path = folder / "clips" / "me.wav"
    path.write_bytes(b"RIFF")
    return path


def config_with(folder, **speech):
    return Config(http=Http(ref_dirs=(str(folder / "clips"),)), speech=Speech(**speech), limits=Limits())


async def test_a_clip_on_an_engine_that_cannot_clone_is_refused_with_the_way_out(open_house, folder, clip):
    house = await open_house(config=config_with(folder))
    async with house.client() as http, http.post("/api/tts", json={"text": "a", "ref_audio": str(clip)}) as answer:
        assert answer.status == 422
        error = await error_of(answer)
    assert error["code"] == "cannot_clone"
    assert "uncloned" in error["message"]


async def test_or_gets_a_built_in_voice_that_is_called_that(open_house, folder, clip):
    house = await open_house(config=config_with(folder, uncloned="nearest"))
    async with house.client() as http, http.post("/api/tts", json={"text": "a", "ref_audio": str(clip)}) as answer:
        assert answer.status == 200
        assert answer.headers["X-Ttsd-Cloned"] == "false"
    async with house.client() as http, http.post("/api/tts", json={"text": "a"}) as answer:
        assert "X-Ttsd-Cloned" not in answer.headers


@pytest.mark.parametrize(
    "name", ["{clips}/../secret.wav", "{clips}/link.wav", "me.wav", "http://evil/x.wav", "~/x.wav", "\0", "/" * 5000]
)
async def test_clips_elsewhere_are_forbidden(open_house, folder, clip, name):
    (folder / "secret.wav").write_bytes(b"RIFF")
    (folder / "clips" / "link.wav").symlink_to(folder / "secret.wav")
    house = await open_house(config=config_with(folder, uncloned="nearest"))
    wanted = name.replace("{clips}", str(folder / "clips"))
    async with house.client() as http, http.post("/api/tts", json={"text": "a", "ref_audio": wanted}) as answer:
        assert answer.status == 403
        assert "ref_dirs" in (await error_of(answer))["message"]


async def test_a_clip_that_is_not_there_is_told_by_an_engine_that_would_read_it(open_house, folder, clip):
    house = await open_house(config=config_with(folder))
    house.speaker.info = msgspec.structs.replace(house.speaker.info, can_clone=True)
    wanted = str(folder / "clips" / "nobody.wav")
    async with house.client() as http, http.post("/api/tts", json={"text": "a", "ref_audio": wanted}) as answer:
        assert answer.status == 400
        assert json.loads(await answer.text())["error"]["param"] == "ref_audio"
