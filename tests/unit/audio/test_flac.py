"""FLAC there and back: the same bytes, or none."""

import random
import subprocess
import sys

import pytest

from ttsd.audio import flac

ANY = random.Random(1).randbytes(200_000)


@pytest.mark.parametrize("pcm", [b"\1\2", b"\0\x80\xff\x7f", bytes(96_000), ANY[: 2 * 4095], ANY[: 2 * 4097], ANY])
def test_pcm_comes_back_to_the_bit(pcm: bytes):
    assert flac.decode(flac.encode(pcm)) == pcm


def test_silence_takes_next_to_nothing():
    assert len(flac.encode(bytes(1_000_000))) < 10_000


def test_the_same_sound_is_the_same_file():
    assert flac.encode(ANY) == flac.encode(ANY)


@pytest.mark.parametrize("data", [b"", b"fLaC", b"no sound at all", flac.encode(ANY)[:-1], flac.encode(ANY)[:1000]])
def test_what_is_not_whole_is_nothing(data: bytes):
    assert flac.decode(data) is None


def test_a_head_that_promises_more_than_there_is_costs_no_memory():
    data = bytearray(flac.encode(ANY))
    data[21:26] = bytes([data[21] | 0x0F, 255, 255, 255, 255])  # 36 bits: 128 GiB of samples
    assert flac.decode(bytes(data)) in (None, ANY)


def test_other_sound_than_ours_is_nothing():
    script = (
        "import io, soundfile, numpy, sys\n"
        "for rate, channels in ((24000, 2), (48000, 1)):\n"
        "    file = io.BytesIO(); sound = numpy.ones((1000, channels), 'int16')\n"
        "    soundfile.write(file, sound, rate, format='FLAC'); sys.stdout.write(file.getvalue().hex() + '\\n')\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert [flac.decode(bytes.fromhex(line)) for line in ran.stdout.split()] == [None, None]


def test_it_costs_the_daemon_no_numpy():
    script = "import sys; from ttsd.audio import flac; flac.encode(bytes(2)); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert not {"numpy", "soundfile", "cffi"} & set(ran.stdout.split())
