"""The examining program: what requests are answered with, and the process as the daemon starts it."""

import asyncio
import resource
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.prep_program import PrepProgram, running
from ttsd.prep.hear import answer
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.hearing import Examine, Examined, FromListener, ReadReference
from ttsd.protocol.prep import PrepFailed, PrepPing, PrepPong
from ttsd.supervisor.prep_queue import Request


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Four seconds of something that comes and goes as speech does, at 44.1 kHz in stereo."""
    t = np.arange(4 * 44_100) / 44_100
    tone = np.sin(2 * np.pi * 150 * t) * (np.sin(2 * np.pi * 1.5 * t) > -0.5) * 0.2
    soundfile.write(tmp_path / "source.wav", np.stack((tone, tone), 1), 44_100)
    return tmp_path / "source.wav"


def test_a_ping():
    assert answer(PrepPing(7)) == PrepPong(7)


def test_a_clip_is_examined_and_mended(source: Path, tmp_path: Path):
    found = answer(Examine(1, str(source), str(tmp_path / "a.flac")))
    assert isinstance(found, Examined)
    facts = found.report.facts
    assert (facts.container, facts.codec, facts.sample_rate_hz, facts.channels) == ("WAV", "PCM_16", 44_100, 2)
    assert facts.duration_s == pytest.approx(4.0)
    samples, rate_hz = soundfile.read(tmp_path / "a.flac", always_2d=True)
    assert (rate_hz, samples.shape) == (24_000, (found.samples, 1))
    assert "added 0.5 s of silence at the end" in found.report.repairs


def test_a_target_that_cannot_be_written_is_no_fault_of_the_clip(source: Path, tmp_path: Path):
    found = answer(Examine(1, str(source), str(tmp_path / "missing" / "a.flac")))
    assert isinstance(found, PrepFailed)
    assert found.error.code == "storage_full"


async def test_a_clip_over_which_the_process_dies_is_refused_in_words():
    for message in (Examine(1, "a", "b"), ReadReference(1, "a", "b")):
        request = Request(message, 5.0, asyncio.get_running_loop().create_future())
        for error in (request.crashes(), request.too_slow()):
            assert isinstance(error, BadRequest)
            assert error.param == "audio"


def test_the_process(source: Path, tmp_path: Path):
    with running("ttsd.prep.hear", FromListener) as prep:
        assert prep.ask(PrepPing(1)) == PrepPong(1)
        assert isinstance(prep, PrepProgram)
        assert prep.status("NoNewPrivs") == "1"
        assert resource.prlimit(prep.process.pid, resource.RLIMIT_FSIZE) == (2**26, 2**26)
        assert isinstance(prep.ask(Examine(2, str(source), str(tmp_path / "a.flac"))), Examined)
        source.write_bytes(b"RIFF of no kind")
        refused = prep.ask(Examine(3, str(source), str(tmp_path / "b.flac")))
        assert refused.error.code == "bad_request"
        assert not (tmp_path / "b.flac").exists()
