"""Kills at any instant and at any operation on the disk: nothing is lost, made twice, or left half made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import verdict
from tests.checkpoints import write_tiny
from tests.torture import Mix, Storm, compiled, replay, script

MakeDaemon = Callable[..., Any]

# httpcore2 leaves a socket open that found nobody to connect to.
pytestmark = pytest.mark.filterwarnings("ignore:.*socket.socket.*:pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="session")
def hazards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("hazards"))


@pytest.mark.timeout(300)
def test_whatever_dies_at_whatever_instant_every_file_has_its_one_right_output(
    make_daemon: MakeDaemon, hazards: Path, tmp_path: Path
) -> None:
    storm = weathered(make_daemon, hazards, tmp_path, 11, Mix(kills=24, longest_life_s=2.0), fake={"rtf": 0.02})
    assert storm.kills >= 20
    assert storm.done["redone"]


@pytest.mark.timeout(300)
def test_a_real_voice_sounds_the_same_after_a_storm(make_daemon: MakeDaemon, hazards: Path, tmp_path: Path) -> None:
    mix = Mix(kills=6, suffixes=(".txt", ".csv", ".srt"), formats=("wav", "flac"), longest_life_s=3.0)
    storm = weathered(make_daemon, hazards, tmp_path, 12, mix, engine={"name": "builtin"})
    assert storm.kills >= 5


@pytest.mark.timeout(300)
def test_a_model_in_float32_sounds_the_same_after_a_storm(
    make_daemon: MakeDaemon, hazards: Path, tmp_path: Path
) -> None:
    mix = Mix(kills=4, suffixes=(".txt", ".csv"), formats=("wav",), longest_life_s=6.0)
    engine = {"engine": {"name": "qwen3", "allow_cpu": True}}
    model = {"qwen3": {"model": str(write_tiny(tmp_path / "tiny")), "slots": 4, "max_frames": 30}}
    storm = weathered(make_daemon, hazards, tmp_path, 13, mix, **engine, **model)
    assert storm.kills >= 3


def weathered(make_daemon: MakeDaemon, hazards: Path, root: Path, seed: int, mix: Mix, **settings: Any) -> Storm:
    """A storm that has passed over a daemon, and left what a calm day leaves."""
    spool = {"spool": {"settle_s": 0.1}}
    storm = Storm(make_daemon(folder(root / "storm"), **spool, **settings), hazards)
    for step in script(seed, mix):
        storm.act(step)
    jobs = storm.settle()
    assert storm.daemon.stop() == 0
    verdict.check_database(storm.daemon)
    verdict.check_spool(storm.daemon, storm.accepted, jobs)
    verdict.check_stores(storm.daemon, jobs)
    calm = make_daemon(folder(root / "calm"), **spool, **settings)
    replayed = replay(calm, jobs, storm)
    assert calm.stop() == 0
    verdict.check_same(storm.daemon, calm)
    assert verdict.results(storm.daemon, jobs) == verdict.results(calm, replayed)
    return storm


def folder(path: Path) -> Path:
    path.mkdir()
    return path
