"""Clips that requests name, through the real process that reads untrusted audio."""

import asyncio
import hashlib
import io
import zipfile
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.preparing import running
from tests.spoken_clips import clip, long_flac
from ttsd.audio.reference.plain import plain_samples
from ttsd.config import Limits
from ttsd.jobs.references import References
from ttsd.protocol.errors import BadRequest, Stopping, StorageFull, TooLarge
from ttsd.supervisor.prep import Prep

LIMITS = Limits()


def listening() -> AbstractAsyncContextManager[Prep]:
    return running(Prep.listener("listener", 30))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def opener(data: bytes):
    return partial(io.BytesIO, data)


def kept(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def name(data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}.wav"


async def test_a_clip_is_decoded_once_and_kept_sample_for_sample(folder: Path):
    samples = np.random.default_rng(1).normal(0, 0.1, 30_000)
    async with listening() as prep:
        references = References(folder, prep)
        references.prepare()
        clips: dict[bytes, str] = {}
        for subtype in ("PCM_16", "PCM_24", "FLOAT"):
            file = io.BytesIO()
            soundfile.write(file, samples, 24_000, format="WAV", subtype=subtype)
            taken = await references.take(opener(file.getvalue()), " Said. ", LIMITS)
            clips[file.getvalue()] = taken.sha256
            data = Path(taken.path).read_bytes()
            assert taken.transcript == "Said."
            assert taken.sha256 == hashlib.sha256(data).hexdigest()
            file.seek(0)
            assert np.array_equal(plain_samples(data), soundfile.read(file, dtype="float32")[0])
        assert kept(folder) == {name(data) for data in clips}
    # Nobody is left who could decode: what is known needs nobody.
    for data, sha256 in clips.items():
        assert (await references.take(opener(data), "", LIMITS)).sha256 == sha256
    with pytest.raises(Stopping):
        await references.take(opener(clip()), "", LIMITS)


async def test_what_is_no_clip_is_told_of_the_request_and_leaves_nothing(folder: Path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("clip.wav", bytes(50_000_000))
    silent = io.BytesIO()
    soundfile.write(silent, np.zeros(48_000), 24_000, format="WAV")
    hostile = {
        bomb.getvalue(): (BadRequest, "no sound file"),
        long_flac(4): (TooLarge, "longer than 60 s"),
        clip(seconds=0.5): (BadRequest, r"0\.50 s"),
        silent.getvalue(): (BadRequest, "silent"),
        b"#EXTM3U\n/etc/passwd\n": (BadRequest, "no sound file"),
        b"": (BadRequest, "empty"),
    }
    async with listening() as prep:
        references = References(folder, prep)
        references.prepare()
        for data, (kind, words) in hostile.items():
            with pytest.raises(kind, match=words) as refused:
                await references.take(opener(data), "", LIMITS)
            assert refused.value.param == "ref_audio"
            assert "\n" not in refused.value.message
        pid = prep.pid
        assert kept(folder) == set()
        for limits, words in ((Limits(max_clip_s=3), "max_clip_s"), (Limits(max_clip_bytes=99), "max_clip_bytes")):
            with pytest.raises(TooLarge, match=words) as refused:
                await references.take(opener(clip()), "", limits)
            assert refused.value.param == "ref_audio"
        assert prep.pid == pid


async def test_many_who_ask_at_once_get_one_file(folder: Path):
    async with listening() as prep:
        references = References(folder, prep)
        references.prepare()
        taken = await asyncio.gather(*(references.take(opener(clip()), "", LIMITS) for _ in range(20)))
    assert len(set(taken)) == len(kept(folder)) == 1


async def test_the_least_recently_used_go_and_what_is_taken_stays(folder: Path):
    first, second, third = (clip(seed=seed) for seed in range(3))
    async with listening() as prep:
        references = References(folder, prep, max_bytes=2 * 4 * 24_000 * 4 + 100)
        references.prepare()
        taken = {data: await references.take(opener(data), "", LIMITS) for data in (first, second)}
        references.let_go(taken[second])
        await references.take(opener(third), "", LIMITS)
        assert kept(folder) == {name(first), name(third)}
        taken[second] = await references.take(opener(second), "", LIMITS)
        assert kept(folder) == {name(first), name(second), name(third)}, "all are taken"
        references.let_go(taken[first])
        assert kept(folder) == {name(second), name(third)}


async def test_an_emptied_folder_is_filled_anew_and_one_that_is_gone_is_told(folder: Path):
    async with listening() as prep:
        references = References(folder, prep)
        references.prepare()
        taken = await references.take(opener(clip()), "", LIMITS)
        references.prepare()
        assert kept(folder) == set()
        assert await references.take(opener(clip()), "", LIMITS) == taken
        assert kept(folder) == {name(clip())}
        Path(taken.path).unlink()
        folder.rmdir()
        with pytest.raises(StorageFull, match="gone"):
            await references.take(opener(clip()), "", LIMITS)


async def test_what_a_killed_process_left_under_way_is_overwritten(folder: Path):
    async with listening() as prep:
        references = References(folder, prep)
        references.prepare()
        for left in (".source", ".made"):
            (folder / left).write_bytes(clip(seed=2))
        await references.take(opener(clip()), "", LIMITS)
        assert kept(folder) == {name(clip())}


async def test_who_goes_away_leaves_nothing_and_the_next_is_served(folder: Path):
    async with listening() as prep:
        references = References(folder, prep)
        references.prepare()
        asking = asyncio.ensure_future(references.take(opener(clip()), "", LIMITS))
        while prep.pid is None:
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert kept(folder) == set()
        await references.take(opener(clip(seed=2)), "", LIMITS)
        assert kept(folder) == {name(clip(seed=2))}
