"""Where sound goes: files that appear when complete, streams that never block the loop."""

import asyncio
import os
import stat
import wave
from pathlib import Path

import click
import pytest

from ttsd.audio.pcm import wav_header
from ttsd.cli.pipes import read_chunks, write_all
from ttsd.cli.sinks import File, format_of, output_sink
from ttsd.protocol.errors import TtsdError

PCM = b"\x01\x02" * 12_000


async def test_a_wav_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "hello.wav"
    async with File(target, "wav") as sink:
        await sink.write(PCM)
        await sink.write(PCM)
        assert not target.exists()
    with wave.open(str(target)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24_000, 1, 2)
        assert sound.readframes(100_000) == PCM + PCM
    assert [path.name for path in tmp_path.iterdir()] == ["hello.wav"]


async def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "hello.wav"
    target.write_bytes(b"old")

    async def break_off() -> None:
        async with File(target, "wav") as sink:
            await sink.write(PCM)
            raise TtsdError("cut short")

    with pytest.raises(TtsdError, match="cut short"):
        await break_off()
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["hello.wav"]


async def test_raw_output_has_no_header_and_the_usual_mode(tmp_path: Path) -> None:
    async with File(tmp_path / "hello.pcm", "pcm") as sink:
        await sink.write(PCM)
    assert (tmp_path / "hello.pcm").read_bytes() == PCM
    umask = os.umask(0o022)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "hello.pcm").stat().st_mode) == 0o666 & ~umask


async def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.wav").write_bytes(b"old")
    (tmp_path / "link.wav").symlink_to("real.wav")
    async with File(tmp_path / "link.wav", "wav") as sink:
        await sink.write(PCM)
    assert (tmp_path / "link.wav").is_symlink()
    assert (tmp_path / "real.wav").read_bytes()[44:] == PCM


async def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    reading = os.open(tmp_path / "pipe.wav", os.O_RDONLY | os.O_NONBLOCK)
    async with output_sink(str(tmp_path / "pipe.wav"), "wav") as sink:
        await sink.write(PCM)
    heard = os.read(reading, 1_000_000)
    os.close(reading)
    assert heard == wav_header(None) + PCM
    assert (tmp_path / "pipe.wav").is_fifo()


async def test_a_full_disk_is_told(tmp_path: Path) -> None:
    sink = output_sink("/dev/full", "pcm")

    async def write() -> None:
        async with sink:
            await sink.write(PCM)

    with pytest.raises(TtsdError, match="/dev/full: cannot be written: No space left"):
        await write()


@pytest.mark.parametrize(
    ("output", "wanted", "expected"),
    [
        ("-", None, "pcm"),
        ("-", "wav", "wav"),
        ("a.wav", None, "wav"),
        ("a.WAV", "wav", "wav"),
        ("a.raw", None, "pcm"),
        ("a.pcm", None, "pcm"),
        ("a", "pcm", "pcm"),
    ],
)
def test_the_format_follows_name_and_option(output: str, wanted: object, expected: str) -> None:
    assert format_of(output, wanted) == expected  # pyright: ignore[reportArgumentType] — parametrised


@pytest.mark.parametrize(("output", "wanted"), [("a.wav", "pcm"), ("a.mp3", None), ("a", None)])
def test_a_format_that_cannot_be_meant_is_refused(output: str, wanted: object) -> None:
    with pytest.raises(click.UsageError):
        format_of(output, wanted)  # pyright: ignore[reportArgumentType] — parametrised


async def test_a_full_pipe_does_not_block_the_loop() -> None:
    reading, writing = os.pipe()
    data = os.urandom(300_000)
    heard = bytearray()

    async def read() -> None:
        async for chunk in read_chunks(reading):
            heard.extend(chunk)

    async def write() -> None:
        await write_all(writing, data)
        os.close(writing)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        group.create_task(read())
    os.close(reading)
    assert heard == data


async def test_a_reader_that_is_gone_is_a_broken_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        await write_all(writing, b"x")
    os.close(writing)


async def test_regular_files_are_read_like_pipes(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"a" * 10_000)
    with (tmp_path / "text").open("rb") as file:
        assert b"".join([chunk async for chunk in read_chunks(file.fileno())]) == b"a" * 10_000
