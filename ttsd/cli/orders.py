"""Rows of a table as orders: what is to be spoken, how, and into which file."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ttsd.ingest import tables
from ttsd.ingest.encoding import decode
from ttsd.protocol.errors import BadRequest, UnreadableDocument
from ttsd.protocol.jobs import NewJob
from ttsd.protocol.speech import FileFormat, Style


class Settings(msgspec.Struct, frozen=True):
    """What decides the sound besides the text, and the format; of the command line, for rows that say nothing."""

    voice: str | None = None
    language: str = ""
    format: FileFormat = "wav"
    seed: int = 0
    speed: float = 1.0
    style: Style = Style()


class Order(msgspec.Struct, frozen=True):
    """One row; `file` lies below the output folder, `error` tells why it cannot be ordered."""

    row: int
    id: str
    file: str
    text: str
    settings: Settings
    error: str = ""

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of all that was asked for: two orders with one fingerprint would sound the same."""
        return hashlib.sha256(msgspec.msgpack.encode((self.text, self.settings))).hexdigest()

    def job(self, folder: Path) -> NewJob:
        """The order as the daemon takes it, named after the file that it will be."""
        wanted = self.settings
        return NewJob(
            self.text,
            voice=wanted.voice,
            language=wanted.language,
            format=wanted.format,
            seed=wanted.seed,
            speed=wanted.speed,
            style=wanted.style,
            title=str(folder.resolve() / self.file),
            door="batch",
        )


def read_orders(file: Path, defaults: Settings) -> list[Order]:
    """The orders in a table, never none. Raises BadRequest, UnreadableDocument."""
    try:
        text = decode(file.read_bytes())
    except OSError as error:
        raise BadRequest(f"{file}: cannot be read: {error.strerror}") from error
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{file}: {error.message}") from error
    return orders(text, file, defaults)


def orders(text: str, file: Path, defaults: Settings) -> list[Order]:
    """The orders in the text of a table. Raises UnreadableDocument."""
    try:
        rows: Sequence[tables.TableRow] = tables.rows(text, file.suffix)
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{file}: {error.message}") from error
    return [_order(row, defaults) for row in rows]


def _order(row: tables.TableRow, defaults: Settings) -> Order:
    form = row.format or defaults.format
    own = msgspec.structs.replace(
        defaults, voice=row.voice or defaults.voice, language=row.language or defaults.language, format=form
    )
    return Order(row.number, row.id, f"{row.name}.{form}", row.text, own, row.error)
