"""The encoding program: what requests are answered with, and the process as the daemon starts it."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prep_program import PrepProgram, running
from ttsd.audio.files import WavWriter
from ttsd.prep.encode import answer
from ttsd.protocol.prep import Encode, Encoded, Encoding, FromEncoder, PrepFailed, PrepPing, PrepPong

PCM = bytes(range(256)) * 300


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A finished WAV."""
    with WavWriter(tmp_path / "source.wav") as file:
        file.write(PCM)
    return tmp_path / "source.wav"


def request(source: Path, target: Path, *, number: int = 1) -> Encode:
    return Encode(number, str(source), str(target), Encoding("flac"))


def test_a_ping():
    assert answer(PrepPing(7)) == PrepPong(7)


def test_a_file_is_made(source: Path, tmp_path: Path):
    assert answer(request(source, tmp_path / "a.flac")) == Encoded(1, len(PCM) // 2)
    assert (tmp_path / "a.flac").read_bytes().startswith(b"fLaC")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system that takes nothing."""
    folder = tmp_path / "locked"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_read_only_disk_passes_and_is_told_as_such(source: Path, locked: Path):
    found = answer(request(source, locked / "a.flac"))
    assert isinstance(found, PrepFailed)
    assert (found.error.code, found.error.retryable) == ("storage_full", True)
    assert "Read-only file system" in found.error.message


def test_a_damaged_source_does_not_pass(source: Path, tmp_path: Path):
    source.write_bytes(source.read_bytes()[:-2])
    found = answer(request(source, tmp_path / "a.flac"))
    assert isinstance(found, PrepFailed)
    assert (found.error.code, found.error.retryable) == ("engine_failed", False)
    assert "flac" in found.error.message


def test_a_source_that_is_gone_is_an_answer_too(tmp_path: Path):
    found = answer(request(tmp_path / "missing.wav", tmp_path / "a.flac"))
    assert isinstance(found, PrepFailed)
    assert "No such file" in found.error.message


@pytest.fixture
def encoder() -> Iterator[PrepProgram]:
    with running("ttsd.prep.encode", FromEncoder) as found:
        yield found


def test_the_process_gives_up_what_it_does_not_need(encoder: PrepProgram, source: Path, tmp_path: Path):
    assert isinstance(encoder.ask(request(source, tmp_path / "a.flac")), Encoded)
    pid = encoder.process.pid
    assert encoder.status("NoNewPrivs") == "1"
    assert int(encoder.status("Threads")) <= 2
    assert resource.prlimit(pid, resource.RLIMIT_AS)[1] == 3 * 2**29
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10


def test_it_ends_with_the_daemon(encoder: PrepProgram):
    assert encoder.ask(PrepPing(1)) == PrepPong(1)
    encoder.socket.close()
    assert encoder.process.wait(10) == 0


def test_the_other_program_and_its_owner_do_not_load_ffmpeg():
    script = "import sys, ttsd.prep.loop, ttsd.supervisor.prep; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"av", "numpy"} & set(ran.stdout.split())


WITHOUT = """
import sys
sys.modules["av"] = None
from ttsd.prep.encode import answer
from ttsd.protocol.prep import Encode, Encoding
error = answer(Encode(1, "a.wav", "a.mp3", Encoding("mp3"))).error
print(error.code, error.retryable, error.message)
"""


def test_without_the_extra_it_says_how_to_get_it():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith(
        'bad_request False mp3 files and loudness need the extra: pip install "ttsd[formats]"'
    )
