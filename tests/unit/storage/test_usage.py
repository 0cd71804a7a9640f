"""The ledger's SQL on a real database: sums that add up, hours that become days, bounds."""

import sqlite3
import time
from pathlib import Path

import pytest

from ttsd.protocol.usage import OTHERS, Account, UsageDoor, Used
from ttsd.storage import usage
from ttsd.storage.database import connect

ANN = Account("ann", UsageDoor.LIVE, "uid 1000")
BOB = Account("bob", UsageDoor.SPOOL, "uid 1001")
USED = Used(2, 1, 60, 4.5, 0.5, 0.25, 75.0)


@pytest.fixture
def db(tmp_path: Path):
    connection = connect(tmp_path / "ttsd.db")
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def in_tokyo(monkeypatch):
    """Where no day begins when one begins in Greenwich, and no clock is ever put forward."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def rows(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.execute("SELECT start_s, voice, user, clips FROM usage ORDER BY 1, 2, 3")]


def test_what_is_added_is_summed_up_by_whatever_is_asked(db):
    usage.add(db, [usage.Entry(3600, ANN, USED), usage.Entry(7200, ANN, USED), usage.Entry(7200, BOB, Used(clips=1))])
    usage.add(db, [usage.Entry(7200, ANN, USED)])
    assert usage.sums(db, "voice", 0) == {"ann": Used(6, 3, 180, 13.5, 1.5, 0.75, 225.0), "bob": Used(clips=1)}
    assert usage.sums(db, "voice", 7200)["ann"].clips == 4
    assert {name: used.clips for name, used in usage.sums(db, "door", 0).items()} == {"live": 6, "spool": 1}
    assert list(usage.sums(db, "user", 0)) == ["uid 1000", "uid 1001"]
    assert list(usage.sums(db, "day", 0)) == ["1970-01-01"]
    assert usage.sums(db, "voice", 0, "uid 1001") == {"bob": Used(clips=1)}
    assert (usage.first_s(db, 0), usage.first_s(db, 7000), usage.first_s(db, 8000)) == (3600, 7200, None)


def test_energy_that_nobody_measured_is_not_none_at_all(db):
    usage.add(db, [usage.Entry(0, ANN, Used(engine_s=1.0))])
    assert usage.sums(db, "voice", 0)["ann"].energy_j is None
    usage.add(db, [usage.Entry(0, ANN, Used(engine_s=1.0, measured_s=1.0, energy_j=0.0))])
    assert usage.sums(db, "voice", 0)["ann"] == Used(engine_s=2.0, measured_s=1.0, energy_j=0.0)


def test_old_hours_become_days_of_the_local_clock_and_no_figure_changes(db):
    midnight = 1_770_130_800  # 2026-02-04 00:00 in Tokyo
    hours = [midnight - 7200, midnight - 3600, midnight, midnight + 3600, midnight + 86_400 + 3600]
    usage.add(db, [usage.Entry(hour, ANN, USED) for hour in hours])
    before = usage.sums(db, "day", 0)
    assert list(before) == ["2026-02-03", "2026-02-04", "2026-02-05"]
    assert usage.condense(db, midnight + 86_400) == 3
    assert [row[0] for row in rows(db)] == [midnight - 86_400, midnight, midnight + 86_400 + 3600]
    assert usage.sums(db, "day", 0) == before
    assert usage.condense(db, midnight + 86_400) == 0
    usage.add(db, [usage.Entry(midnight + 3600, ANN, USED)])
    assert usage.condense(db, midnight + 86_400) == 1
    assert usage.sums(db, "day", 0)["2026-02-04"].clips == 6


def test_what_is_too_old_is_forgotten(db):
    usage.add(db, [usage.Entry(3600, ANN, USED), usage.Entry(7200, ANN, USED)])
    assert usage.forget(db, 7200) == 1
    assert [row[0] for row in rows(db)] == [7200]


def test_whoever_makes_up_names_does_not_fill_the_disk(db, monkeypatch):
    monkeypatch.setattr(usage, "MOST_AN_HOUR", 10)
    many = [Account(f"voice {number}", UsageDoor.STREAM, f"10.0.0.{number}") for number in range(50)]
    usage.add(db, [usage.Entry(0, account, Used(clips=1)) for account in many])
    usage.add(db, [usage.Entry(0, many[3], Used(clips=1)), usage.Entry(3600, many[40], Used(clips=1))])
    assert len(usage.sums(db, "user", 0)) == 12
    assert usage.sums(db, "user", 0)[OTHERS].clips == 40
    assert usage.sums(db, "user", 0)["10.0.0.3"].clips == 2
    assert sum(used.clips for used in usage.sums(db, "voice", 0).values()) == 52
