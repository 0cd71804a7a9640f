"""The rows of a table as they will be spoken: what each asks for, checked."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from ttsd.config import language_code
from ttsd.ingest.contents import SpokenRow, Table
from ttsd.ingest.tables import TableRow
from ttsd.protocol.errors import BadRequest, NothingToSay, TtsdError
from ttsd.protocol.speech import LANGUAGES, VoiceName
from ttsd.text.normalize import Block, blocks, has_speech


class _Checked(NamedTuple):
    blocks: list[Block]
    voice: str | None
    language: str | None


def spoken_table(rows: Iterable[TableRow]) -> Table:
    """The table of `rows`; one that cannot be spoken carries its error, and a number for a name."""
    return Table([_spoken(row) for row in rows])


def _spoken(row: TableRow) -> SpokenRow:
    try:
        checked = _checked(row)
    except TtsdError as error:
        return SpokenRow(row.number, f"{row.number:04}", [], error=error.body())
    return SpokenRow(row.number, row.name, checked.blocks, checked.voice, checked.language, row.format)


def _checked(row: TableRow) -> _Checked:
    if row.error:
        raise BadRequest(row.error)
    voice, language = _voice(row.voice), _language(row.language)
    found = blocks(row.text)
    if not has_speech(found):
        raise NothingToSay("there is no letter and no digit in the text", param="text")
    return _Checked(found, voice, language)


def _voice(name: str) -> str | None:
    try:
        return msgspec.convert(name, VoiceName) if name else None
    except msgspec.ValidationError as error:
        message = f"voice = {name[:80]!r}: must be a voice's name (letters, digits, . _ -), or NAME@VARIANT"
        raise BadRequest(message, param="voice") from error


def _language(name: str) -> str | None:
    try:
        return language_code(name) if name else None
    except KeyError as error:
        allowed = f"auto, {', '.join(LANGUAGES)}, or an English name such as german"
        raise BadRequest(f"language = {name[:80]!r}: must be {allowed}", param="language") from error
