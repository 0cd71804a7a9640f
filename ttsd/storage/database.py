"""One SQLite connection on one thread, which commits together what arrives together."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from ttsd.log import get_logger
from ttsd.protocol.errors import StorageFull, TtsdError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

GROUP: Final = 256
"""Most pieces of work in one commit."""
SPACE_ERRORS: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}

log = get_logger(__name__)


class _Item(NamedTuple):
    work: Work[Any]
    done: asyncio.Future[Any]


class _Outcome(NamedTuple):
    done: asyncio.Future[Any]
    result: Any
    error: Exception | None


class Database:
    """Owns the connection and its thread. A result is returned only once it is committed to disk.

    Work that waits while a commit's fsync runs shares the next commit; each piece has a savepoint, so one that
    raises takes nothing else with it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.commits = 0
        """Commits that changed something, each with its sync to the disk."""
        self.rows_changed = 0

    async def open(self) -> None:
        """Open or create the file, bring its schema up to date. Raises TtsdError when it cannot be used."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._main, args=(opened,), name="database", daemon=True)
        self._thread.start()
        await opened

    async def run(self, work: Work[T]) -> T:
        """Run `work` on the database's thread inside a transaction and wait for its commit.

        Raises StorageFull when the disk takes no more, and whatever `work` raises.
        """
        assert self._loop is not None, "the database is not open"
        done: asyncio.Future[T] = self._loop.create_future()
        self._items.put(_Item(work, done))
        return await done

    def post(self, work: Work[T], then: Callable[[T], None]) -> None:
        """Like `run`, without waiting: `then` gets the result. Ordered before what comes later.

        Errors are logged; what a full disk does not take is lost, and others will tell of that.
        """
        assert self._loop is not None, "the database is not open"
        done: asyncio.Future[T] = self._loop.create_future()

        def finished(done: asyncio.Future[T]) -> None:
            if done.cancelled() or isinstance(done.exception(), StorageFull):
                return
            if (error := done.exception()) is not None:
                log.error("database.write_failed", error=str(error))
            else:
                then(done.result())

        done.add_done_callback(finished)
        self._items.put(_Item(work, done))

    async def close(self) -> None:
        """Finish what was asked before, then close the file."""
        if self._thread is not None:
            self._items.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    # --- on the thread ---

    def _main(self, opened: asyncio.Future[None]) -> None:
        try:
            connection = connect(self._path)
        except (sqlite3.Error, TtsdError, OSError) as error:
            self._resolve([_Outcome(opened, None, _translated(error, self._path))])
            return
        self._resolve([_Outcome(opened, None, None)])
        with contextlib.closing(connection):
            while (item := self._items.get()) is not None:
                if not self._run_group(connection, item):
                    break

    def _run_group(self, connection: sqlite3.Connection, item: _Item | None) -> bool:
        """Run `item` and all that waits behind it in one transaction; false when asked to close."""
        outcomes: list[_Outcome] = []
        taken: list[asyncio.Future[Any]] = []
        before = connection.total_changes
        try:
            connection.execute("BEGIN IMMEDIATE")
            while item is not None:
                taken.append(item.done)
                outcomes.append(_Outcome(item.done, *_run_one(connection, item.work)))
                if len(taken) >= GROUP:
                    break
                try:
                    item = self._items.get_nowait()
                except queue.Empty:
                    break
            connection.execute("COMMIT")
            self._count(connection.total_changes - before)
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            failed = taken or ([item.done] if item else [])
            outcomes = [_Outcome(done, None, _translated(error, self._path)) for done in failed]
        self._resolve(outcomes)
        return item is not None

    def _count(self, rows_changed: int) -> None:
        self.commits += rows_changed > 0
        self.rows_changed += rows_changed

    def _resolve(self, outcomes: list[_Outcome]) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(_set_outcomes, outcomes)


def _run_one(connection: sqlite3.Connection, work: Work[Any]) -> tuple[Any, Exception | None]:
    connection.execute("SAVEPOINT one")
    try:
        result = work(connection)
    except Exception as error:
        if not connection.in_transaction and isinstance(error, sqlite3.Error):
            raise  # a full disk rolls back everything: the whole group has failed
        connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")
        return None, error
    connection.execute("RELEASE one")
    return result, None


def _set_outcomes(outcomes: list[_Outcome]) -> None:
    for done, result, error in outcomes:
        if done.done():
            continue  # the caller was cancelled
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)


def _translated(error: Exception, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, OSError) or (code is not None and code & 0xFF in SPACE_ERRORS):
        return StorageFull(f"{path}: cannot be written ({error}); free some space or mend its permissions")
    if code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return TtsdError(f"{path}: damaged ({error}); move it away and start again: the spool is adopted anew")
    return error


def connect(path: Path) -> sqlite3.Connection:
    """A connection set up as every user of the file must have it, with the newest schema.

    Raises TtsdError when a newer ttsd wrote the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)  # texts of several people; what SQLite puts beside it gets the same mode
    connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # what was accepted survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    try:
        migrate(connection, migrations(), path)
    except BaseException:
        connection.close()
        raise
    return connection


def migrations() -> list[str]:
    """The scripts of `storage/sql/`, in order: number 1 is the first."""
    folder = resources.files("ttsd.storage") / "sql"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def migrate(connection: sqlite3.Connection, scripts: list[str], path: Path) -> None:
    """Run the scripts that the file has not seen (`user_version` counts them), each in a transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(scripts):
        raise TtsdError(
            f"{path}: written by a newer ttsd (schema {version}, this one knows {len(scripts)}); upgrade ttsd"
        )
    for number, script in enumerate(scripts[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")
