"""A client's sound as a file: `POST /v1/encode` of a real daemon, with its encoding process."""

import io
import math
import struct
from pathlib import Path

import av
import pytest

from ttsd.client import TtsdClient
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.protocol.speech import SAMPLE_RATE_HZ, FileFormat

SECONDS = 2


@pytest.fixture
def sound() -> bytes:
    count = SECONDS * SAMPLE_RATE_HZ
    return struct.pack(f"<{count}h", *(round(9000 * math.sin(at * 0.06)) for at in range(count)))


@pytest.fixture
def daemon(make_daemon):
    return make_daemon().start()


def leftovers(daemon) -> list[Path]:
    return list(daemon.root.rglob("encoding/*"))


@pytest.mark.parametrize(
    ("form", "codec"),
    [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "mp3float"), ("opus", "libopus"), ("m4a", "aac")],
)
async def test_sound_becomes_a_file_with_its_tags(daemon, sound, form: FileFormat, codec):
    data = await TtsdClient(daemon.socket).encode(sound, form, title="Grüße & more", voice="anna@happy")

    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        assert stream.codec_context.name in (codec, codec.removesuffix("float"), codec.removeprefix("lib"))
        samples = sum(frame.samples * SAMPLE_RATE_HZ // frame.sample_rate for frame in file.decode(stream))
        assert abs(samples - SECONDS * SAMPLE_RATE_HZ) < 0.1 * SAMPLE_RATE_HZ
        tags = {**file.metadata, **stream.metadata}
    assert "Grüße & more" in {value for key, value in tags.items() if key.lower() == "title"}
    assert "anna@happy" in tags.values()
    assert leftovers(daemon) == []


async def test_lossless_is_the_same_sound(daemon, sound):
    client = TtsdClient(daemon.socket)
    assert await client.encode(sound, "pcm") == sound
    assert sound in await client.encode(sound, "wav")


async def test_what_is_no_sound_or_no_format_is_refused_and_leaves_nothing(daemon, sound):
    client = TtsdClient(daemon.socket)
    with pytest.raises(BadRequest, match="whole samples"):
        await client.encode(sound[:-1], "flac")
    with pytest.raises(BadRequest, match="whole samples"):
        await client.encode(b"", "flac")
    with pytest.raises(BadRequest, match="format is one of wav, pcm, flac"):
        await client.encode(sound, "midi")  # pyright: ignore[reportArgumentType] — that is what is tried
    assert leftovers(daemon) == []


async def test_too_much_is_refused_by_the_bound(make_daemon, sound):
    daemon = make_daemon(limits={"max_sound_bytes": len(sound) - 2}).start()
    with pytest.raises(TooLarge, match="max_sound_bytes"):
        await TtsdClient(daemon.socket).encode(sound, "flac")
    assert leftovers(daemon) == []


async def test_what_a_killed_daemon_left_goes_with_the_next_one(daemon, sound):
    client = TtsdClient(daemon.socket)
    await client.encode(sound, "flac")
    (folder,) = daemon.root.rglob("encoding")
    (folder / "left").mkdir()
    (folder / "left" / "source.wav").write_bytes(b"RIFF")
    daemon.kill()
    daemon.start()

    await client.encode(sound, "flac")

    assert leftovers(daemon) == []
