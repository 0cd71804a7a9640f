"""What the disks mean for readiness."""

import pytest

from ttsd.condition import disk_trouble
from ttsd.protocol.health import DiskSample

MB = 2**20


def disk(use: str, free_mb: int, *, answers: bool = True) -> DiskSample:
    return DiskSample(f"/{use}", use, free_mb * MB, 1000 * MB, answers)


@pytest.mark.parametrize("use", ["spool", "state", "spool german"])
def test_without_room_for_jobs_nothing_is_accepted(use):
    assert f"({use}) is full: 15 MiB free, 16 are wanted" in disk_trouble([disk("cache", 500), disk(use, 15)], 16)
    assert not disk_trouble([disk(use, 17)], 16)


@pytest.mark.parametrize("use", ["cache", "logs"])
def test_speech_goes_on_without_room_for_clips_or_a_log(use):
    assert not disk_trouble([disk("spool", 500), disk(use, 0)], 16)


@pytest.mark.parametrize("use", ["spool", "cache", "logs"])
def test_a_mount_that_hangs_is_waited_for_whatever_is_on_it(use):
    assert f"/{use} ({use}) does not answer" in disk_trouble([disk(use, 500, answers=False)], 16)
