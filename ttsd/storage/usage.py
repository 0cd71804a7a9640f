"""The ledger's SQL: sums by hour, voice, door and user; old hours become days, old days are forgotten."""

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.protocol.usage import OTHERS, Account, By, UsageDoor, Used

HOUR_S: Final = 3600
MOST_AN_HOUR: Final = 500
"""Rows of one hour; those who come later are counted together."""
_SUMS: Final = (
    "sum(clips) AS clips, sum(reused) AS reused, sum(characters) AS characters, sum(samples) AS samples, "
    "sum(engine_s) AS engine_s, sum(measured_s) AS measured_s, sum(energy_j) AS energy_j"
)
_DAY: Final = "CAST(strftime('%s', date(start_s, 'unixepoch', 'localtime'), 'utc') AS INTEGER)"
"""When the day began that an hour belongs to."""
_NAMES: Final[dict[By, str]] = {
    "voice": "voice",
    "door": "door",
    "user": "user",
    "day": "date(start_s, 'unixepoch', 'localtime')",
}


class Entry(NamedTuple):
    """What somebody used in the hour that begins at `start_s`."""

    start_s: int
    account: Account
    used: Used


def hour(now_s: float) -> int:
    """When the hour began."""
    return int(now_s) // HOUR_S * HOUR_S


def add(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Add these to what is there."""
    for entry in entries:
        if not _added(db, entry, entry.account):
            known = db.execute("SELECT count(*) FROM usage WHERE start_s = ?", (entry.start_s,)).fetchone()[0]
            account = entry.account if known < MOST_AN_HOUR else Account(OTHERS, entry.account.door, OTHERS)
            db.execute(
                "INSERT INTO usage (start_s, voice, door, user) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (entry.start_s, account.voice, account.door, account.user),
            )
            _added(db, entry, account)


def _added(db: sqlite3.Connection, entry: Entry, account: Account) -> bool:
    used = entry.used
    update = """
        UPDATE usage SET clips = clips + ?, reused = reused + ?, characters = characters + ?, samples = samples + ?,
                         engine_s = engine_s + ?, measured_s = measured_s + ?, energy_j = energy_j + ?
        WHERE start_s = ? AND voice = ? AND door = ? AND user = ?
    """
    samples = round(used.audio_s * SAMPLE_RATE_HZ)
    figures = used.clips, used.reused, used.characters, samples, used.engine_s, used.measured_s, used.energy_j or 0.0
    place = entry.start_s, account.voice, account.door, account.user
    return db.execute(update, (*figures, *place)).rowcount > 0


def sums(db: sqlite3.Connection, by: By, since_s: float, user: str | None = None) -> dict[str, Used]:
    """What was used from then on, by the name it is told apart by; of one `user`, or of all."""
    rows = db.execute(
        f"SELECT {_NAMES[by]} AS name, {_SUMS} FROM usage WHERE start_s >= ? AND (?2 IS NULL OR user = ?2) "  # noqa: S608 — constants
        "GROUP BY name ORDER BY name",
        (since_s, user),
    )
    return {row["name"]: _used(row) for row in rows}


def first_s(db: sqlite3.Connection, since_s: float) -> int | None:
    """When the first of what is there from then on was used; `None`: nothing is."""
    return db.execute("SELECT min(start_s) FROM usage WHERE start_s >= ?", (since_s,)).fetchone()[0]


def by_account(db: sqlite3.Connection, since_s: float) -> list[tuple[Account, Used]]:
    """All that was used from then on."""
    rows = db.execute(f"SELECT voice, door, user, {_SUMS} FROM usage WHERE start_s >= ? GROUP BY 1, 2, 3", (since_s,))  # noqa: S608
    return [(Account(row["voice"], UsageDoor(row["door"]), row["user"]), _used(row)) for row in rows]


def characters(db: sqlite3.Connection, since_s: float, doors: Sequence[UsageDoor]) -> dict[str, int]:
    """What each had spoken from then on, by these doors."""
    rows = db.execute(
        "SELECT user, sum(characters) AS characters FROM usage "
        "WHERE start_s >= ? AND door IN (SELECT value FROM json_each(?)) GROUP BY user",
        (since_s, msgspec.json.encode(doors).decode()),
    )
    return {row["user"]: row["characters"] for row in rows}


def _used(row: sqlite3.Row) -> Used:
    return Used(
        row["clips"],
        row["reused"],
        row["characters"],
        row["samples"] / SAMPLE_RATE_HZ,
        row["engine_s"],
        row["measured_s"],
        row["energy_j"] if row["measured_s"] else None,
    )


def condense(db: sqlite3.Connection, before_s: float) -> int:
    """Make days, as this machine's clock has them, of the hours before then; returns how many hours are gone."""
    db.execute(
        f"""
        INSERT INTO usage
        SELECT {_DAY}, voice, door, user, sum(clips), sum(reused), sum(characters), sum(samples),
               sum(engine_s), sum(measured_s), sum(energy_j)
        FROM usage WHERE start_s < ? AND start_s <> {_DAY} GROUP BY 1, 2, 3, 4
        ON CONFLICT DO UPDATE SET
            clips = clips + excluded.clips, reused = reused + excluded.reused,
            characters = characters + excluded.characters, samples = samples + excluded.samples,
            engine_s = engine_s + excluded.engine_s, measured_s = measured_s + excluded.measured_s,
            energy_j = energy_j + excluded.energy_j
        """,  # noqa: S608 — constants
        (before_s,),
    )
    return db.execute(f"DELETE FROM usage WHERE start_s < ? AND start_s <> {_DAY}", (before_s,)).rowcount  # noqa: S608


def forget(db: sqlite3.Connection, before_s: float) -> int:
    """Remove what was used before then; returns how many rows."""
    return db.execute("DELETE FROM usage WHERE start_s < ?", (before_s,)).rowcount
