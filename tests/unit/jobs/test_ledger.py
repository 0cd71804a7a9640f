"""The ledger: what is counted in memory reaches the disk once, with the end of a job or every few seconds."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from ttsd.config import Config, Usage
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.ledger import Ledger, account, deliveries
from ttsd.jobs.shares import Share
from ttsd.jobs.slots import Whose
from ttsd.metrics import UsageTotals
from ttsd.protocol.engine import ReferenceClip
from ttsd.protocol.errors import StorageFull
from ttsd.protocol.jobs import Door, JobSettings, SegmentReceipt
from ttsd.protocol.usage import NOBODY, UPLOADED, Account, UsageDoor, Used
from ttsd.storage import jobs, usage
from ttsd.storage.database import Database, connect
from ttsd.storage.jobs import NewRow

ANN = Account("ann", UsageDoor.HTTP, "uid 1000")
HOUR_S = 3600


class Books:
    """A ledger on a database, at a time that the test tells."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ttsd.db"
        self.now_s = 100.0 * HOUR_S
        self.database = Database(self.path)
        self.totals = UsageTotals()
        self.ledger = Ledger(self.database, self.totals, Config(usage=Usage(keep_days=90)), lambda: self.now_s)

    def on_disk(self) -> dict[str, Used]:
        connection = connect(self.path)
        try:
            return usage.sums(connection, "voice", 0)
        finally:
            connection.close()


@pytest.fixture
async def books(tmp_path: Path):
    books = Books(tmp_path)
    await books.database.open()
    yield books
    await books.database.close()


async def test_what_was_used_is_written_with_the_next_end_of_a_job(books):
    books.ledger.spent(ANN, Share(0.5, 0.5, 100.0))
    books.ledger.delivered(ANN, Used(clips=2, characters=50, audio_s=3.0))
    assert books.on_disk() == {}
    assert await books.ledger.settle(lambda db: db.execute("SELECT 7").fetchone()[0]) == 7
    assert books.on_disk() == {"ann": Used(2, 0, 50, 3.0, 0.5, 0.5, 100.0)}
    await books.ledger.flush()
    assert books.on_disk()["ann"].clips == 2


async def test_each_hour_has_its_own(books):
    books.ledger.delivered(ANN, Used(clips=1))
    books.now_s += HOUR_S
    books.ledger.delivered(ANN, Used(clips=1))
    await books.ledger.flush()
    with sqlite3.connect(books.path) as db:
        assert db.execute("SELECT start_s, clips FROM usage").fetchall() == [(360_000, 1), (363_600, 1)]
    db.close()


@pytest.mark.parametrize("error", [StorageFull("full"), ValueError("a bug")])
async def test_what_could_not_be_written_is_written_later_and_once(books, error):
    books.ledger.delivered(ANN, Used(clips=1))

    def fail(_db: sqlite3.Connection) -> None:
        raise error

    with pytest.raises(type(error)):
        await books.ledger.settle(fail)
    books.ledger.delivered(ANN, Used(clips=1))
    await books.ledger.flush()
    assert books.on_disk()["ann"].clips == 2


async def test_who_is_cancelled_while_it_is_written_does_not_have_it_counted_twice(books):
    books.ledger.delivered(ANN, Used(clips=1))
    task = asyncio.get_running_loop().create_task(books.ledger.flush())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await books.ledger.settle(lambda _db: None)
    assert books.on_disk()["ann"].clips == 1


async def test_it_is_written_every_few_seconds_and_at_the_end(books, until, monkeypatch):
    monkeypatch.setattr("ttsd.jobs.ledger.FLUSH_S", 0.01)
    task = asyncio.get_running_loop().create_task(books.ledger.run())
    books.ledger.delivered(ANN, Used(clips=1))
    await until(lambda: books.on_disk().get("ann", Used()).clips == 1)
    task.cancel()
    books.ledger.delivered(ANN, Used(clips=1))
    await books.ledger.close()
    assert books.on_disk()["ann"].clips == 2


async def test_what_is_older_than_was_asked_for_goes(books):
    books.ledger.delivered(ANN, Used(clips=1))
    await books.ledger.flush()
    books.now_s += 80 * 86_400
    await books.ledger.tidy()
    assert books.on_disk()["ann"].clips == 1
    books.now_s += 20 * 86_400
    await books.ledger.tidy()
    assert books.on_disk() == {}


async def test_who_used_the_most_before_keeps_a_series_of_his_own(books, monkeypatch):
    monkeypatch.setattr("ttsd.metrics.usage.MOST_VOICES", 2)
    for number, voice in enumerate(("a", "b", "c", "d")):
        books.ledger.delivered(Account(voice, UsageDoor.HTTP, "uid 1"), Used(clips=1, characters=number))
    await books.ledger.flush()
    again = Ledger(books.database, totals := UsageTotals(), Config(), lambda: books.now_s)
    await again.load()
    for voice in ("a", "b", "c", "d"):
        again.delivered(Account(voice, UsageDoor.HTTP, "uid 1"), Used(clips=1))
    clips = next(family for family in totals.collect() if family.name == "ttsd_usage_clips")
    assert {sample.labels["voice"]: sample.value for sample in clips.samples} == {"c": 1, "d": 1, "other": 2}


CLIP = ReferenceClip("/x.wav", "abc")


@pytest.mark.parametrize(
    ("settings", "voice"),
    [
        (VoiceSettings("heart"), "heart"),
        (VoiceSettings("anna@happy", reference=CLIP, revision="r1"), "anna"),
        (VoiceSettings("heart", stands_for="anna@happy"), "anna"),
        (VoiceSettings("heart", reference=CLIP), UPLOADED),
    ],
)
def test_under_which_voice_it_is_counted(settings, voice):
    assert account(settings, Whose(door=UsageDoor.LIVE)) == Account(voice, UsageDoor.LIVE, NOBODY)


def test_a_job_of_several_voices_is_told_apart():
    voices = [VoiceSettings("ann"), VoiceSettings("bob"), VoiceSettings("ann")]
    timeline = [
        SegmentReceipt(index, "four", "en", float(index), index + 0.5, reused=index == 2, key="k") for index in range(3)
    ]
    found = dict(deliveries(timeline, voices, Whose(user="uid 7", door=UsageDoor.BATCH)))
    assert found == {
        Account("ann", UsageDoor.BATCH, "uid 7"): Used(2, 1, 8, 1.0),
        Account("bob", UsageDoor.BATCH, "uid 7"): Used(1, 0, 4, 0.5),
    }


async def test_a_days_characters_are_those_of_jobs_sessions_and_streams(books):
    settings = JobSettings(None, "en")
    rows = [
        NewRow("old", Door.HTTP, "old", settings, books.now_s - 1, text="123", user="uid 1000"),
        NewRow("http", Door.HTTP, "new", settings, books.now_s, text="1234", user="uid 1000"),
        NewRow("batch", Door.BATCH, "new", settings, books.now_s, text="äöü", user=""),
        NewRow("file", Door.SPOOL, "a.txt", settings, books.now_s, path="a.txt", user="uid 1000"),
    ]
    await books.database.run(lambda db: jobs.insert(db, rows))
    for door in UsageDoor:
        books.ledger.delivered(Account("ann", door, "uid 1000"), Used(characters=10))
    books.ledger.delivered(Account("ann", UsageDoor.STREAM, NOBODY), Used(characters=5))
    await books.ledger.flush()
    assert await books.ledger.characters(books.now_s) == {"uid 1000": 4 + 2 * 10, "": 3 + 5}
    assert await books.ledger.characters(books.now_s + HOUR_S) == {}
