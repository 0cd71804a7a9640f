"""A finished job's audio on its way to the player."""

import struct

import pytest

from ttsd.protocol.errors import PlaybackFailed
from tui.results import play_result, sound_start


def wav(rate: int = 24_000, channels: int = 1, bits: int = 16, extra: bytes = b"") -> bytes:
    fmt = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * 2, 2, bits)
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + fmt + extra + b"data\xff\xff\xff\xff"


def test_the_sound_begins_after_the_header():
    assert sound_start(wav(48_000) + b"\0\0") == (48_000, 44)
    assert sound_start(wav(extra=b"LIST\x03\0\0\0abc\0")) == (24_000, 56)


def test_raw_sound_begins_at_once_and_a_part_of_a_header_is_waited_for():
    assert sound_start(b"\1\0" * 20) == (24_000, 0)
    assert sound_start(wav()[:40]) is None
    assert sound_start(b"RI") is None


@pytest.mark.parametrize("header", [wav(channels=2), wav(bits=24), b"RIFF" + bytes(5000)])
def test_what_cannot_be_played_is_named(header: bytes):
    with pytest.raises(PlaybackFailed):
        sound_start(header)


async def test_a_result_is_fed_whole_whatever_the_chunks(quiet_player):
    whole = wav(16_000) + bytes(range(200)) * 2

    class Client:
        async def job_audio(self, job_id: str):
            for at in range(0, len(whole), 7):
                yield whole[at : at + 7]

    player = quiet_player()
    await play_result(Client(), player, "01J")

    assert player.reel.end == 200
    assert player._head.rate_hz == 16_000
