"""The clip store: keys that separate what sounds different, a bound that holds, damage that heals."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from ttsd.protocol.engine import EngineInfo, EngineVoice
from ttsd.protocol.speech import Span
from ttsd.storage.clips import Clips, clip_key

ENGINE = EngineInfo("fake", "1", 4, ("en",), (EngineVoice("tone", ("en",)),), "tone")
SPANS = (Span("en", "Hello."),)
KEY = clip_key(ENGINE, SPANS, "tone", 0, 1.0)


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    clips = Clips(tmp_path, 10_000)
    clips.open()
    return clips


def test_everything_that_decides_the_sound_is_in_the_key():
    other = [
        clip_key(msgspec.structs.replace(ENGINE, name="builtin"), SPANS, "tone", 0, 1.0),
        clip_key(msgspec.structs.replace(ENGINE, revision="2"), SPANS, "tone", 0, 1.0),
        clip_key(msgspec.structs.replace(ENGINE, device="cuda"), SPANS, "tone", 0, 1.0),
        clip_key(msgspec.structs.replace(ENGINE, dtype="bfloat16"), SPANS, "tone", 0, 1.0),
        clip_key(ENGINE, (Span("de", "Hello."),), "tone", 0, 1.0),
        clip_key(ENGINE, (Span("en", "Hello"), Span("en", ".")), "tone", 0, 1.0),
        clip_key(ENGINE, SPANS, "noise", 0, 1.0),
        clip_key(ENGINE, SPANS, "tone", 1, 1.0),
        clip_key(ENGINE, SPANS, "tone", 0, 1.5),
    ]
    assert len({KEY, *other}) == 10
    assert clip_key(msgspec.structs.replace(ENGINE, slots=8), SPANS, "tone", 0, 1.0) == KEY


def test_a_clip_comes_back_also_after_a_restart(clips: Clips, tmp_path: Path):
    assert clips.get(KEY) is None
    assert clips.put(KEY, b"\1\2" * 100)
    again = Clips(tmp_path, 10_000)
    again.open()
    assert again.get(KEY) == b"\1\2" * 100
    assert again.total_bytes == clips.total_bytes


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + b"x", lambda _: b""])
def test_a_damaged_clip_is_a_missing_clip(clips: Clips, tmp_path: Path, damage):
    clips.put(KEY, b"\1\2" * 100)
    path = tmp_path / KEY[:2] / KEY
    path.write_bytes(damage(path.read_bytes()))
    assert clips.get(KEY) is None
    assert not path.exists()
    assert KEY not in clips


def test_a_clip_removed_by_hand_is_a_missing_clip(clips: Clips, tmp_path: Path):
    clips.put(KEY, b"\1\2")
    (tmp_path / KEY[:2] / KEY).unlink()
    assert clips.get(KEY) is None
    assert clips.put(KEY, b"\1\2")


def test_the_least_recently_used_goes_first(clips: Clips):
    keys = [f"{n:064x}" for n in range(4)]
    for key in keys[:3]:
        clips.put(key, b"\0" * 3000)
    clips.get(keys[0])
    clips.put(keys[3], b"\0" * 3000)
    assert [key in clips for key in keys] == [True, False, True, True]
    assert clips.total_bytes <= 10_000


def test_leftovers_of_a_crash_are_removed(tmp_path: Path):
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "abc.1.part").write_bytes(b"half")
    clips = Clips(tmp_path, 10_000)
    clips.open()
    assert clips.total_bytes == 0
    assert not (tmp_path / "ab" / "abc.1.part").exists()


def test_a_store_that_cannot_write_only_misses(clips: Clips, tmp_path: Path):
    (tmp_path / KEY[:2]).write_text("a file where a folder should be")
    assert clips.put(KEY, b"\1\2") is False
    assert clips.get(KEY) is None


def test_a_store_of_no_size_keeps_nothing(tmp_path: Path):
    clips = Clips(tmp_path, 0)
    clips.open()
    assert clips.put(KEY, b"\1\2") is False


def test_many_threads_put_the_same_clip_once(clips: Clips, tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: clips.put(KEY, b"\1\2" * 50), range(64)))
    assert clips.get(KEY) == b"\1\2" * 50
    assert clips.total_bytes == (tmp_path / KEY[:2] / KEY).stat().st_size
    assert [path.name for path in (tmp_path / KEY[:2]).iterdir()] == [KEY]
