"""What was spoken before: a bounded book of takes, of all apps of one person, that can be searched."""

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from tui.settings import Settings

MOST_TAKES: Final = 1000
MOST_CHARS: Final = 20_000_000
"""Of all their texts together."""
SHOWN: Final = 300
"""Takes that a search gives."""
HEAD_CHARS: Final = 400
WAIT_S: Final = 2.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS takes (
    id INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    length_s REAL NOT NULL,
    settings TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT
"""
_BOUND: Final = """
DELETE FROM takes WHERE id IN (
    SELECT id FROM (
        SELECT id,
            row_number() OVER newest AS place,
            sum(length(text)) OVER newest AS chars
        FROM takes WINDOW newest AS (ORDER BY at_s DESC, id DESC)
    ) WHERE place > ? OR (place > 1 AND chars > ?)
)
"""

_SEARCH: Final = """
SELECT at_s, length_s, substr(text, 1, ?), settings, id FROM takes WHERE {} ORDER BY at_s DESC, id DESC LIMIT ?
"""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Spoken(msgspec.Struct, frozen=True):
    """One take; `text` is whole, or its beginning in what a search gives."""

    at_s: float
    """Unix time."""
    length_s: float
    text: str
    settings: Settings = Settings()
    id: int = 0


class Book:
    """Owns the file. What cannot be read counts as nothing; what cannot be written is lost, and logged."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, spoken: Spoken) -> None:
        """Write it down; the oldest ones make room. The same text with the same settings stands there once."""
        settings = msgspec.json.encode(spoken.settings).decode()

        def write(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM takes WHERE text = ? AND settings = ?", (spoken.text, settings))
            db.execute(
                "INSERT INTO takes (id, at_s, length_s, settings, text) VALUES (?, ?, ?, ?, ?)",
                (spoken.id or None, spoken.at_s, spoken.length_s, settings, spoken.text),
            )
            db.execute(_BOUND, (MOST_TAKES, MOST_CHARS))

        self._do(write, None)

    def search(self, wanted: str = "") -> Sequence[Spoken]:
        """Newest first, those in which every word of `wanted` occurs, with the beginnings of their texts."""
        patterns = [f"%{_escaped(word)}%" for word in wanted.split()]
        query = _SEARCH.format(" AND ".join(["text LIKE ? ESCAPE '\\'"] * len(patterns)) or "1")
        rows = self._do(lambda db: db.execute(query, (HEAD_CHARS, *patterns, SHOWN)).fetchall(), [])
        return [_spoken(row) for row in rows]

    def whole(self, spoken: Spoken) -> Spoken:
        """With all of its text."""
        rows = self._do(lambda db: db.execute("SELECT text FROM takes WHERE id = ?", (spoken.id,)).fetchall(), [])
        return replace(spoken, text=rows[0][0]) if rows else spoken

    def delete(self, spoken: Spoken) -> None:
        self._do(lambda db: db.execute("DELETE FROM takes WHERE id = ?", (spoken.id,)).close(), None)

    def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            with closing(sqlite3.connect(self._file, timeout=WAIT_S)) as db, db:
                db.execute(_SCHEMA)
                return work(db)
        except (OSError, sqlite3.Error) as error:
            log.warning("%s: %s", self._file, error)
            return otherwise


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _spoken(row: tuple[float, float, str, str, int]) -> Spoken:
    at_s, length_s, text, written, number = row
    try:
        settings = msgspec.json.decode(written, type=Settings)
    except msgspec.DecodeError:
        settings = Settings()
    return Spoken(at_s, length_s, text, settings, number)
