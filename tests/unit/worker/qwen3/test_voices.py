"""Voices made of clips: kept in memory up to a bound, and on disk."""

from pathlib import Path

import msgspec
import pytest
import torch

from tests.unit.worker.qwen3.test_streams import write_wav
from ttsd.protocol.engine import ReferenceClip
from ttsd.protocol.errors import Unavailable
from ttsd.worker.qwen3 import voices as module
from ttsd.worker.qwen3.memory import Saved
from ttsd.worker.qwen3.voices import Voices

ROOM = 512 * 2**20


@pytest.fixture
def clips(tmp_path):
    return [write_wav(tmp_path / f"{seed}.wav", seed) for seed in range(4)]


@pytest.fixture
def made(monkeypatch):
    """Clips that were read: each of them made a voice."""
    read: list[Path] = []
    reading = module.reference_bytes
    monkeypatch.setattr(module, "reference_bytes", lambda clip: read.append(Path(clip.path)) or reading(clip))
    return read


def get(voices, clip):
    return voices.get(clip)


def test_a_voice_is_made_once(model, clips, made):
    voices = Voices(model, "1", None, ROOM)
    assert get(voices, clips[0]) is get(voices, clips[0])
    assert len(made) == 1


def test_the_least_recently_used_leave_when_there_is_no_room(model, clips, made):
    size = get(Voices(model, "1", None, ROOM), clips[0]).size_bytes
    voices = Voices(model, "1", None, 2 * size + size // 2)
    made.clear()
    for number in (0, 1, 0, 2, 0, 1):
        get(voices, clips[number])
    assert [path.stem for path in made] == ["0", "1", "2", "1"]


def test_what_a_voice_learns_counts(model, clips, made):
    voices = Voices(model, "1", None, ROOM)
    voice = get(voices, clips[0])
    before = voice.size_bytes
    kv = torch.zeros(2, 2, 2, 9, 16)
    voice.prefix(None, continued=True).saved = Saved(kv)
    assert voice.size_bytes == before + kv.nbytes
    assert voice.prefix(None, continued=True).saved is not None
    assert voice.prefix(None, continued=False).saved is None
    assert voice.prefix(3, continued=True).saved is None


def test_a_voice_larger_than_all_room_is_still_spoken_with(model, clips, made):
    voices = Voices(model, "1", None, 1)
    assert get(voices, clips[0]) is get(voices, clips[0])
    get(voices, clips[1])
    get(voices, clips[0])
    assert len(made) == 3


def test_a_voice_from_the_disk_is_the_same_to_the_bit(model, clips, made, tmp_path):
    folder = tmp_path / "voices"
    first, second = (get(Voices(model, "1", folder, ROOM), clips[0]) for _ in range(2))
    assert len(made) == 1
    assert torch.equal(first.speaker.vector, second.speaker.vector)
    assert torch.equal(first.speaker.reference.codes, second.speaker.reference.codes)
    assert torch.equal(first.speaker.reference.rows, second.speaker.reference.rows)
    assert first.speaker.reference.text_ids == second.speaker.reference.text_ids
    assert first.primed.keys() == second.primed.keys()
    assert all(torch.equal(first.primed[name], second.primed[name]) for name in first.primed)


@pytest.mark.parametrize("harm", [b"", b"not a safetensors file", None])
def test_a_file_that_is_broken_is_made_anew(model, clips, made, tmp_path, harm):
    folder = tmp_path / "voices"
    get(Voices(model, "1", folder, ROOM), clips[0])
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-7] if harm is None else harm)
    get(Voices(model, "1", folder, ROOM), clips[0])
    assert len(made) == 2
    get(Voices(model, "1", folder, ROOM), clips[0])
    assert len(made) == 2


def test_another_model_another_transcript_and_another_clip_are_other_voices(model, clips, made, tmp_path):
    folder = tmp_path / "voices"
    get(Voices(model, "1", folder, ROOM), clips[0])
    get(Voices(model, "2", folder, ROOM), clips[0])
    Voices(model, "1", folder, ROOM).get(msgspec.structs.replace(clips[0], transcript="Something else."))
    get(Voices(model, "1", folder, ROOM), clips[1])
    assert len(made) == 4


def test_a_disk_that_takes_nothing_is_no_error(model, clips, made, tmp_path):
    (tmp_path / "file").write_text("")
    voices = Voices(model, "1", tmp_path / "file" / "voices", ROOM)
    assert get(voices, clips[0]).primed


def test_a_clip_that_is_not_there_is_refused_and_nothing_is_kept(model, tmp_path):
    folder = tmp_path / "voices"
    with pytest.raises(Unavailable, match=r"none\.wav is gone"):
        Voices(model, "1", folder, ROOM).get(ReferenceClip(str(tmp_path / "none.wav"), "0", "Hello."))
    assert not folder.exists()


def test_a_clip_that_has_changed_since_makes_no_voice(model, clips, tmp_path):
    """Or its sound would be kept under the name of the other one's."""
    changed = msgspec.structs.replace(clips[0], path=clips[1].path)
    with pytest.raises(Unavailable, match="has changed"):
        Voices(model, "1", tmp_path / "voices", ROOM).get(changed)
