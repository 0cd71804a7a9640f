"""The clip store: keys that separate what sounds different, a bound and pins that hold, damage that heals."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
import soundfile

from ttsd.protocol.engine import Delivery, EngineInfo, EngineVoice, ReferenceClip, Synthesize
from ttsd.protocol.speech import Span
from ttsd.storage.clips import Clips, clip_key

ENGINE = EngineInfo("fake", "1", 4, ("en",), (EngineVoice("tone", ("en",)),), "tone")
SPANS = (Span("en", "Hello."),)
REQUEST = Synthesize(0, SPANS, "tone")
KEY = clip_key(ENGINE, REQUEST)
KEYS = [f"{n:064x}" for n in range(8)]


def changed(**fields: Any) -> Synthesize:
    return msgspec.structs.replace(REQUEST, **fields)


def noise(number: int = 0, samples: int = 1500) -> bytes:
    """PCM that nothing makes shorter: 3,000 bytes are some 3,100 in the store."""
    return random.Random(number).randbytes(2 * samples)


def file_of(folder: Path, key: str = KEY) -> Path:
    return folder / key[:2] / f"{key}.flac"


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return opened(tmp_path)


def opened(folder: Path, max_bytes: int = 10_000) -> Clips:
    clips = Clips(folder, max_bytes)
    clips.open()
    return clips


def test_everything_that_decides_the_sound_is_in_the_key():
    clip = ReferenceClip("/a.wav", "11", "Said.")
    requests = [
        changed(spans=(Span("de", "Hello."),)),
        changed(spans=(Span("en", "Hello"), Span("en", "."))),
        changed(spans=(Span("en", "Hello.", reading="həˈlO"),)),
        changed(voice="noise"),
        changed(seed=1),
        changed(speed=1.5),
        changed(delivery=Delivery(temperature=0.8)),
        changed(delivery=Delivery(detail=0.8)),
        changed(delivery=Delivery(pitch_range=0.8)),
        changed(reference=clip),
        changed(reference=msgspec.structs.replace(clip, sha256="12")),
        changed(reference=msgspec.structs.replace(clip, transcript="Not said.")),
    ]
    engines = [
        msgspec.structs.replace(ENGINE, **{field: value})
        for field, value in (("name", "builtin"), ("revision", "2"), ("device", "cuda"), ("dtype", "bfloat16"))
    ]
    keys = [clip_key(ENGINE, request) for request in requests] + [clip_key(engine, REQUEST) for engine in engines]
    assert len({KEY, *keys}) == 17


def test_what_decides_nothing_is_not_in_the_key():
    assert clip_key(msgspec.structs.replace(ENGINE, slots=8), REQUEST) == KEY
    assert clip_key(ENGINE, changed(id=7)) == KEY
    here, there = (changed(reference=ReferenceClip(path, "11")) for path in ("/a.wav", "/b.wav"))
    assert clip_key(ENGINE, here) == clip_key(ENGINE, there)


def test_a_clip_comes_back_also_after_a_restart(clips: Clips, tmp_path: Path):
    assert clips.get(KEY) is None
    assert clips.put(KEY, noise())
    again = opened(tmp_path)
    assert again.get(KEY) == noise()
    assert again.total_bytes == clips.total_bytes == file_of(tmp_path).stat().st_size


def test_a_clip_is_a_file_that_others_can_play(clips: Clips, tmp_path: Path):
    clips.put(KEY, noise())
    sound, rate = soundfile.read(file_of(tmp_path), dtype="int16")
    assert (sound.tobytes(), rate) == (noise(), 24_000)


@pytest.mark.parametrize("pcm", [b"", b"\1", b"\1\2\3"])
def test_what_is_no_sound_is_not_kept(clips: Clips, tmp_path: Path, pcm: bytes):
    assert clips.put(KEY, pcm) is False
    assert KEY not in clips
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data[: len(data) // 2],
        lambda data: data[:50],
        lambda data: b"\0" * len(data),
        lambda _: b"TCL1 and so on",
        lambda _: b"",
    ],
)
def test_a_damaged_clip_is_a_missing_clip(clips: Clips, tmp_path: Path, damage: Callable[[bytes], bytes]):
    clips.put(KEY, noise())
    path = file_of(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert clips.get(KEY) is None
    assert not path.exists()
    assert KEY not in clips
    assert clips.total_bytes == 0
    assert clips.put(KEY, noise())
    assert path.read_bytes() == whole


def test_whatever_bit_turns_the_sound_is_right_or_missing(clips: Clips, tmp_path: Path):
    path = file_of(tmp_path)
    dropped = 0
    for number in range(400):
        assert clips.put(KEY, noise(samples=200))
        data = bytearray(path.read_bytes())
        bit = random.Random(number).randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        dropped += (pcm := clips.get(KEY)) is None
        assert pcm in (None, noise(samples=200))
    assert dropped > 300


def test_a_clip_removed_by_hand_is_a_missing_clip(clips: Clips, tmp_path: Path):
    clips.put(KEY, noise())
    file_of(tmp_path).unlink()
    assert clips.get(KEY) is None
    assert clips.put(KEY, noise())
    assert clips.get(KEY) == noise()


def test_the_least_recently_used_goes_first(clips: Clips):
    for n in range(3):
        clips.put(KEYS[n], noise(n))
    clips.get(KEYS[0])
    clips.put(KEYS[3], noise(3))
    assert [key in clips for key in KEYS[:4]] == [True, False, True, True]
    assert clips.total_bytes <= 10_000


def test_what_was_used_last_is_known_after_a_restart(clips: Clips, tmp_path: Path):
    for n in range(3):
        clips.put(KEYS[n], noise(n))
        os.utime(file_of(tmp_path, KEYS[n]), (n, n))
    clips.get(KEYS[0])
    again = opened(tmp_path)
    again.put(KEYS[3], noise(3))
    assert [key in again for key in KEYS[:4]] == [True, False, True, True]


def test_pinned_clips_stay_and_alone_pass_the_bound(clips: Clips, tmp_path: Path):
    clips.put(KEYS[0], noise(0))
    clips.pin("job", KEYS[:5])
    assert [clips.put(key, noise(n)) for n, key in enumerate(KEYS[:5])] == [True] * 5
    assert clips.total_bytes > 15_000
    assert clips.put(KEYS[5], noise(5)) is False
    assert [clips.get(key) for key in KEYS[:5]] == [noise(n) for n in range(5)]
    clips.unpin("job")
    assert [key in clips for key in KEYS[:5]] == [False, False, True, True, True]
    assert clips.total_bytes == sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 10_000


def test_a_clip_stays_until_its_last_owner_has_done(clips: Clips):
    clips.put(KEYS[0], noise(0))
    clips.pin("one", [KEYS[0], KEYS[0]])
    clips.pin("two", [KEYS[0]])
    clips.unpin("one")
    clips.unpin("one")
    for n in range(1, 5):
        clips.put(KEYS[n], noise(n))
    assert KEYS[0] in clips
    clips.unpin("two")
    for n in range(5, 8):
        clips.put(KEYS[n], noise(n))
    assert KEYS[0] not in clips


def test_an_owner_that_pins_again_has_only_its_new_pins(clips: Clips):
    clips.put(KEYS[0], noise(0))
    clips.put(KEYS[1], noise(1))
    clips.pin("job", KEYS[:2])
    clips.pin("job", [KEYS[1], KEYS[2]])
    for n in range(2, 6):
        clips.put(KEYS[n], noise(n))
    assert [key in clips for key in KEYS[:3]] == [False, True, True]


def test_a_restart_keeps_all_until_the_jobs_have_pinned(clips: Clips, tmp_path: Path):
    clips.pin("book", KEYS[:6])
    for n in range(6):
        clips.put(KEYS[n], noise(n))
    again = opened(tmp_path)
    again.pin("letter", KEYS[:1])
    again.pin("book", KEYS[:6])
    again.put(KEYS[7], noise(7))
    assert [again.get(key) for key in KEYS[:6]] == [noise(n) for n in range(6)]


def test_a_pinned_clip_that_is_damaged_is_dropped_and_stays_when_made_anew(clips: Clips, tmp_path: Path):
    clips.pin("job", KEYS[:1])
    clips.put(KEYS[0], noise(0))
    file_of(tmp_path, KEYS[0]).write_bytes(b"fLaC")
    assert clips.get(KEYS[0]) is None
    assert clips.total_bytes == 0
    clips.put(KEYS[0], noise(0))
    for n in range(1, 6):
        clips.put(KEYS[n], noise(n))
    assert clips.get(KEYS[0]) == noise(0)


def test_what_is_no_clip_is_removed_if_ours_and_else_left_alone(clips: Clips, tmp_path: Path):
    clips.put(KEY, noise())
    shelf = tmp_path / KEY[:2]
    ours = [shelf / f"{KEY}.1.part", shelf / KEY]
    others = [shelf / "notes.txt", shelf / f"{KEYS[1]}.flac", tmp_path / "README"]
    for path in (*ours, *others):
        path.write_bytes(b"TCL1")
    again = opened(tmp_path)
    assert again.total_bytes == clips.total_bytes
    assert again.get(KEY) == noise()
    assert KEYS[1] not in again
    assert [path.exists() for path in (*ours, *others)] == [False, False, True, True, True]


def test_a_store_that_cannot_write_only_misses(clips: Clips, tmp_path: Path):
    (tmp_path / KEY[:2]).write_text("a file where a folder should be")
    assert clips.put(KEY, noise()) is False
    assert clips.get(KEY) is None
    assert opened(tmp_path).total_bytes == 0


def test_a_store_of_no_size_keeps_nothing(tmp_path: Path):
    clips = opened(tmp_path, 0)
    clips.pin("job", [KEY])
    assert clips.put(KEY, noise()) is False
    assert list(tmp_path.iterdir()) == []


def test_many_threads_put_the_same_clip_once(clips: Clips, tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: clips.put(KEY, noise()), range(64)))
    assert clips.get(KEY) == noise()
    assert clips.total_bytes == file_of(tmp_path).stat().st_size
    assert [path.name for path in (tmp_path / KEY[:2]).iterdir()] == [f"{KEY}.flac"]


def test_many_threads_put_get_pin_and_unpin_and_the_books_are_right(clips: Clips, tmp_path: Path):
    def busy(number: int) -> None:
        dice = random.Random(number)
        for _ in range(60):
            n = dice.randrange(8)
            clips.put(KEYS[n], noise(n))
            assert clips.get(KEYS[n]) in (None, noise(n))
            clips.pin(f"job {number}", dice.sample(KEYS, 3))
            assert [clips.get(key) in (None, noise(n)) for n, key in enumerate(KEYS)] == [True] * 8
            clips.unpin(f"job {number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(busy, range(8)))
    files = list(tmp_path.glob("*/*"))
    assert clips.total_bytes == sum(path.stat().st_size for path in files) <= 10_000
    assert {path.stem for path in files} == {key for key in KEYS if key in clips}


def test_a_clip_that_lies_under_anothers_name_is_not_taken_for_it(clips: Clips, tmp_path: Path):
    first, second = "ab" * 32, "cd" * 32
    clips.put(first, bytes(range(100)))
    clips.put(second, bytes(range(100, 200)))
    (wrong,) = tmp_path.rglob(f"{second}.flac")
    (right,) = tmp_path.rglob(f"{first}.flac")
    wrong.write_bytes(right.read_bytes())
    assert clips.get(second) is None
    assert second not in clips
    assert clips.get(first) == bytes(range(100))
