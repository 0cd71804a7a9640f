"""The database thread: committed results, groups, isolation of errors, disks that are full."""

import asyncio
import sqlite3
import subprocess
from pathlib import Path

import pytest

from ttsd.protocol.errors import StorageFull, TtsdError
from ttsd.storage.database import Database, connect, migrate, migrations


@pytest.fixture
async def database(tmp_path: Path):
    database = Database(tmp_path / "ttsd.db")
    await database.open()
    await database.run(lambda db: db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"))
    yield database
    await database.close()


def add(text: str | None):
    return lambda db: db.execute("INSERT INTO note (text) VALUES (?)", (text,)).lastrowid


def texts(db: sqlite3.Connection) -> list[str]:
    return [row["text"] for row in db.execute("SELECT text FROM note ORDER BY id")]


async def test_a_result_is_committed_when_it_is_returned(database: Database, tmp_path: Path):
    await database.run(add("one"))
    other = sqlite3.connect(tmp_path / "ttsd.db")
    assert other.execute("SELECT text FROM note").fetchall() == [("one",)]
    other.close()


async def test_work_keeps_its_order_and_one_error_takes_nothing_else_with_it(database: Database):
    outcomes = await asyncio.gather(
        *(database.run(add(None if n == 5 else str(n))) for n in range(10)), return_exceptions=True
    )
    assert isinstance(outcomes[5], sqlite3.IntegrityError)
    assert await database.run(texts) == [str(n) for n in range(10) if n != 5]


async def test_posted_work_comes_before_what_is_asked_later(database: Database):
    heard: list[int | None] = []
    database.post(add("posted"), heard.append)
    assert await database.run(texts) == ["posted"]
    assert heard == [1]


async def test_a_cancelled_caller_does_not_stop_the_thread(database: Database):
    waiting = asyncio.ensure_future(database.run(add("kept")))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await database.run(texts) == ["kept"]


async def test_close_finishes_what_was_asked_before(tmp_path: Path):
    database = Database(tmp_path / "ttsd.db")
    await database.open()
    seen: list[object] = []
    database.post(lambda db: db.execute("CREATE TABLE late (x)"), seen.append)
    await database.close()
    connection = connect(tmp_path / "ttsd.db")
    assert connection.execute("SELECT count(*) FROM late").fetchone()[0] == 0
    connection.close()


async def test_a_full_disk_is_reported_and_passes(tmp_path: Path):
    mount = tmp_path / "small"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount], check=True)
    try:
        database = Database(mount / "ttsd.db")
        await database.open()
        await database.run(lambda db: db.execute("CREATE TABLE blob (data BLOB)"))
        with pytest.raises(StorageFull, match="free some space"):
            await database.run(lambda db: db.execute("INSERT INTO blob VALUES (zeroblob(4000000))"))
        await database.run(lambda db: db.execute("INSERT INTO blob VALUES ('small')"))
        assert await database.run(lambda db: db.execute("SELECT count(*) FROM blob").fetchone()[0]) == 1
        await database.close()
    finally:
        subprocess.run(["umount", mount], check=True)


async def test_a_damaged_file_is_named(tmp_path: Path):
    (tmp_path / "ttsd.db").write_bytes(b"this is no database, however long it is " * 100)
    with pytest.raises(TtsdError, match=r"ttsd\.db: damaged"):
        await Database(tmp_path / "ttsd.db").open()


def test_migrations_run_once_and_a_newer_file_is_refused(tmp_path: Path):
    path = tmp_path / "ttsd.db"
    connect(path).close()
    connection = connect(path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(migrations())
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    connection.execute("PRAGMA user_version = 99")
    with pytest.raises(TtsdError, match="newer ttsd"):
        migrate(connection, migrations(), path)
    connection.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path):
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, ["CREATE TABLE a (x); CREATE TABLE a (x);"], tmp_path / "x.db")
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    connection.close()
