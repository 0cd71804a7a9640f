"""Rotation with real files: whole lines, none lost, none doubled, the past compressed and bounded."""

import gzip
import json
import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from ttsd import log as ttsd_log
from ttsd.config import Log
from ttsd.log.archive import Archive, compress, local_day
from ttsd.log.file import LogFile

NOON = 1_800_000_000.0
DAY_S = 86_400.0


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def everything(directory: Path) -> list[bytes]:
    """All lines of all files, oldest first."""
    files = [file.path for file in Archive(directory).files()] + [directory / "ttsd.log"]
    return b"".join(content(path) for path in files).splitlines()


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_each_day_has_its_file(tmp_path):
    file = LogFile(tmp_path, Log(keep_days=7))
    days = [local_day(NOON + n * DAY_S).isoformat() for n in range(3)]
    for n in range(3):
        file.write(f"{n}a\n".encode(), NOON + n * DAY_S)
        file.write(f"{n}b\n".encode(), NOON + n * DAY_S + 1)
    file.close()
    assert content(tmp_path / "ttsd.log") == b"2a\n2b\n"
    assert content(tmp_path / f"ttsd-{days[1]}.log.gz") == b"1a\n1b\n"
    assert content(tmp_path / f"ttsd-{days[0]}.log.gz") == b"0a\n0b\n"


def test_yesterdays_file_is_put_aside_by_todays_first_line_after_a_restart(tmp_path):
    path = tmp_path / "ttsd.log"
    path.write_bytes(b"old\n")
    os.utime(path, (NOON, NOON))
    file = LogFile(tmp_path, Log())
    file.write(b"new\n", NOON + DAY_S)
    file.close()
    assert names(tmp_path) == [f"ttsd-{local_day(NOON)}.log.gz", "ttsd.log"]
    assert path.read_bytes() == b"new\n"


def test_files_of_one_day_are_numbered(tmp_path):
    file = LogFile(tmp_path, Log(max_mb=0.000_1))
    for number in range(4):
        file.write(b"%d" % number + b"x" * 98 + b"\n", NOON)
    file.close()
    day = local_day(NOON)
    assert names(tmp_path) == sorted([f"ttsd-{day}.log.gz", f"ttsd-{day}.1.log.gz", f"ttsd-{day}.2.log.gz", "ttsd.log"])
    assert [line[:1] for line in everything(tmp_path)] == [b"0", b"1", b"2", b"3"]


def test_rotating_an_empty_file_does_nothing(tmp_path):
    file = LogFile(tmp_path, Log())
    file.rotate()
    file.rotate()
    file.close()
    assert names(tmp_path) == ["ttsd.log"]


def test_no_line_is_lost_torn_or_doubled_while_threads_log_and_files_rotate(tmp_path):
    logger = ttsd_log.get_logger("ttsd.test")

    def talk(who: int) -> None:
        for number in range(300):
            logger.info("tick", who=who, number=number)

    with ttsd_log.configure(Log(max_mb=0.01), tmp_path) as handle:
        threads = [threading.Thread(target=talk, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            handle.rotate()
        for thread in threads:
            thread.join()
    ticks = [json.loads(line) for line in everything(tmp_path)]
    for who in range(4):
        assert [tick["number"] for tick in ticks if tick["who"] == who] == list(range(300))
    assert len(ticks) == 1200
    assert len(names(tmp_path)) > 10
    assert not list(tmp_path.glob("*.tmp"))


def test_old_files_go_by_age(tmp_path):
    today = date(2026, 11, 22)
    for age in range(12):
        (tmp_path / f"ttsd-{today - timedelta(days=age)}.log").write_bytes(b"x")
    (tmp_path / "ttsd-notes.log").write_bytes(b"someone else's")
    (tmp_path / "ttsd-2026-99-99.log").write_bytes(b"someone else's")
    Archive(tmp_path).tidy(today, Log(keep_days=7))
    assert [file.day for file in Archive(tmp_path).files()] == [today - timedelta(days=age) for age in range(7, -1, -1)]
    assert all(file.compressed for file in Archive(tmp_path).files())
    assert (tmp_path / "ttsd-notes.log").exists()
    assert (tmp_path / "ttsd-2026-99-99.log").exists()


def test_old_files_go_by_size_the_oldest_first_and_the_current_one_counts(tmp_path):
    today = date(2026, 11, 22)
    (tmp_path / "ttsd.log").write_bytes(b"x" * 4000)
    for number in range(1, 6):
        (tmp_path / f"ttsd-{today}.{number}.log").write_bytes(os.urandom(1500))
    Archive(tmp_path).tidy(today, Log(max_mb=0.001, max_total_mb=0.0098))
    assert [file.number for file in Archive(tmp_path).files()] == [3, 4, 5]


def test_what_a_crash_interrupted_is_finished_at_the_next_start(tmp_path):
    (tmp_path / "ttsd-2027-01-14.log").write_bytes(b"whole\n")
    (tmp_path / "ttsd-2027-01-14.log.gz.tmp").write_bytes(b"half")
    (tmp_path / "ttsd-2027-01-13.log").write_bytes(b"packed but not removed\n")
    compress(tmp_path / "ttsd-2027-01-13.log")
    (tmp_path / "ttsd-2027-01-13.log").write_bytes(b"packed but not removed\n")
    (tmp_path / "ttsd.log").write_bytes(b"first\ncut sho")
    os.utime(tmp_path / "ttsd.log", (NOON, NOON))
    file = LogFile(tmp_path, Log())
    file.write(b"next\n", NOON)
    file.close()
    assert names(tmp_path) == ["ttsd-2027-01-13.log.gz", "ttsd-2027-01-14.log.gz", "ttsd.log"]
    assert everything(tmp_path) == [b"packed but not removed", b"whole", b"first", b"cut sho", b"next"]


def test_lines_around_midnight_in_the_other_order_stay_in_one_file(tmp_path):
    file = LogFile(tmp_path, Log())
    midnight = NOON - NOON % DAY_S
    while local_day(midnight) == local_day(midnight - 0.01):
        midnight += 3600
    for number, at_s in enumerate((midnight - 1, midnight, midnight - 0.01, midnight + 1)):
        file.write(b"%d\n" % number, at_s)
    file.close()
    assert names(tmp_path) == [f"ttsd-{local_day(midnight - 1)}.log.gz", "ttsd.log"]
    assert everything(tmp_path) == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize(
    "jump_days",
    [
        pytest.param((0, 0, 1200, 0, 0, 1, 2), id="ahead and back"),
        pytest.param((0, 1, -15000, -15000, 2, 3), id="back to 1985 and ahead"),
        pytest.param((1200, 0, 1, 2), id="wrong at the start"),
    ],
)
@pytest.mark.parametrize("rotating", [False, True])
def test_no_clock_that_jumps_makes_lines_go(tmp_path, jump_days, rotating):
    for age in range(1, 7):
        (tmp_path / f"ttsd-{local_day(NOON - age * DAY_S)}.log").write_bytes(b"old %d\n" % age)
    file = LogFile(tmp_path, Log(keep_days=9))
    for number, day in enumerate(jump_days):
        file.write(b"%d\n" % number, NOON + day * DAY_S)
        if rotating:
            file.rotate()
    file.close()
    found, new = everything(tmp_path), [b"%d" % number for number in range(len(jump_days))]
    old = [b"old %d" % age for age in range(6, 0, -1)]
    assert sorted(found) == sorted([*old, *new])
    if not rotating and jump_days[0] == 0:  # the files' names sort as their lines were written
        assert found == [*old, *new]


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # packed meanwhile
        return 0


def test_the_bound_holds_at_every_moment_however_fast_lines_come(tmp_path):
    settings = Log(max_mb=0.05, max_total_mb=0.3)
    file = LogFile(tmp_path, settings)
    peak = 0
    for _ in range(600):
        file.write(os.urandom(1500).hex().encode() + b"\n", NOON)
        peak = max(peak, sum(map(size, tmp_path.iterdir())))
    file.close()
    assert 150_000 < peak <= 300_000


@pytest.mark.parametrize("how", ["removed", "moved", "directory removed"])
def test_a_file_that_somebody_took_away_is_made_again(tmp_path, how):
    directory = tmp_path / "logs"
    file = LogFile(directory, Log())
    file.write(b"one\n", NOON)
    if how == "moved":
        (directory / "ttsd.log").rename(tmp_path / "elsewhere")
    else:
        (directory / "ttsd.log").unlink()
    if how == "directory removed":
        directory.rmdir()
    file.write(b"two\n", NOON)
    file.close()
    assert (directory / "ttsd.log").read_bytes() == b"two\n"


LIMITED = """
import resource, sys
from pathlib import Path
from ttsd.config import Log
from ttsd.log.file import LogFile

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = LogFile(Path(sys.argv[1]), Log())
refused = 0
for number in range(100):
    try:
        file.write(b"%05d %s\\n" % (number, b"x" * 50), 1_800_000_000.0)
    except OSError:
        refused += 1
print(refused)
"""


def test_a_line_that_does_not_fit_any_more_leaves_no_piece(tmp_path):
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], check=True, capture_output=True, text=True)
    written = (tmp_path / "ttsd.log").read_bytes()
    assert written.endswith(b"\n")
    assert [line[:5] for line in written.splitlines()] == [b"%05d" % n for n in range(17)]
    assert int(done.stdout) == 83


def test_a_full_disk_while_compressing_keeps_the_plain_file(tmp_path):
    path = tmp_path / "ttsd-2026-11-22.log"
    path.write_bytes(b"line\n")
    (tmp_path / "ttsd-2026-11-22.log.gz.tmp").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        compress(path)
    assert names(tmp_path) == ["ttsd-2026-11-22.log"]


def test_logs_are_not_for_everybody(tmp_path):
    file = LogFile(tmp_path, Log())
    file.write(b"one\n", NOON)
    file.rotate()
    file.write(b"two\n", NOON)
    file.close()
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o640"}
