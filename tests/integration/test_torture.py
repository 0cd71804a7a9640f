"""Kills at any instant and at any operation on the disk: nothing is lost, made twice, or left half made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checkpoints import write_tiny
from tests.mishaps import Mix
from tests.torture import burnt, weathered

MakeDaemon = Callable[..., Any]

# httpcore2 leaves a socket open that found nobody to connect to.
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("ignore:.*socket.socket.*:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.timeout(300)
def test_whatever_dies_at_whatever_instant_every_file_has_its_one_right_output(
    make_daemon: MakeDaemon, hazards: Path, tmp_path: Path
) -> None:
    storm = weathered(make_daemon, hazards, tmp_path, 11, Mix(kills=22, longest_life_s=1.2), fake={"rtf": 0.02})
    assert storm.kills >= 20
    assert storm.done["redone"]


@pytest.mark.timeout(300)
def test_a_real_voice_sounds_the_same_after_a_storm(make_daemon: MakeDaemon, hazards: Path, tmp_path: Path) -> None:
    mix = Mix(kills=6, suffixes=(".txt", ".csv", ".srt"), formats=("wav", "flac"), longest_life_s=2.0)
    storm = weathered(make_daemon, hazards, tmp_path, 12, mix, engine={"name": "builtin"})
    assert storm.kills >= 5


@pytest.mark.timeout(300)
def test_a_model_in_float32_sounds_the_same_after_a_storm(
    make_daemon: MakeDaemon, hazards: Path, tmp_path: Path
) -> None:
    mix = Mix(kills=3, files_a_kill=1, suffixes=(".txt", ".csv"), formats=("wav",), longest_life_s=5.0, longest_words=3)
    engine = {"engine": {"name": "qwen3", "allow_cpu": True}}
    model = {"qwen3": {"model": str(write_tiny(tmp_path / "tiny")), "slots": 4, "max_frames": 40}}
    storm = weathered(make_daemon, hazards, tmp_path, 13, mix, **engine, **model)
    assert storm.kills >= 2


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fuse", [5, 45, 85, 125, 165, 190, 208, 230])
def test_killed_at_an_operation_on_files(make_daemon: MakeDaemon, hazards: Path, tmp_path: Path, fuse: int) -> None:
    """Of some 290; `python -m benchmarks torture` goes through all of them."""
    died = burnt(make_daemon, hazards, tmp_path, fuse)
    assert died or fuse > 150, "how many there are depends on what shares a commit"
