"""Tables of texts, one file of speech for each row: CSV, JSON and JSON lines."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, cast, get_args

import msgspec

from ttsd.protocol.errors import UnreadableDocument
from ttsd.protocol.speech import FileFormat

SUFFIXES: Final = (".csv", ".json", ".jsonl")
COLUMNS: Final = ("text", "id", "voice", "language", "out")
_DELIMITERS: Final = ",;\t"
_LONGEST_FIELD: Final = 2**31 - 1
_NOTHING: Final[list[str]] = []
_LONGEST_NAME_BYTES: Final = 200
"""Of each part of a name: file systems take 255, and extensions and temporary names need some."""
_FORMATS: Final = {f".{name}": name for name in get_args(FileFormat)}
_BAD_NAME: Final = re.compile(r"[\x00-\x1f\x7f\\]|^/|(^|/)[.]|//|/$|(^|/)\s|\s(/|$)")


class TableRow(msgspec.Struct, frozen=True):
    """One row; `number` counts rows from 1, the header and empty lines apart, and `line` counts lines of the file."""

    number: int
    line: int
    text: str = ""
    id: str = ""
    voice: str = ""
    language: str = ""
    out: str = ""
    error: str = ""
    """Why it cannot be spoken; the other rows can all the same."""

    @property
    def name(self) -> str:
        """Of its file, a path without extension: `out`, or `id`, or the number as `0001`."""
        wanted = self.out or self.id
        path = PurePosixPath(wanted)
        return (str(path.with_suffix("")) if path.suffix.lower() in _FORMATS else wanted) or f"{self.number:04}"

    @property
    def format(self) -> FileFormat | None:
        """What the extension of `out` asks for, if it is one of ours."""
        return _FORMATS.get(PurePosixPath(self.out).suffix.lower())


class _Given(msgspec.Struct, frozen=True):
    """A row in JSON; other keys are ignored, as other columns are."""

    text: str
    id: str | int | None = None
    voice: str | None = None
    language: str | None = None
    out: str | None = None


def rows(text: str, suffix: str) -> list[TableRow]:
    """The rows of a table in order, never none; what is wrong with one of them is its `error`.

    Raises UnreadableDocument, with the line, for what makes the whole file unreadable.
    """
    match suffix.lower():
        case ".csv":
            found = list(_csv(text))
        case ".json":
            found = list(_json(text))
        case ".jsonl":
            found = list(_json_lines(text))
        case _:
            raise UnreadableDocument(f"tables of type {suffix or 'none'} are not read; there are {', '.join(SUFFIXES)}")
    if not found:
        raise UnreadableDocument("the table has no rows")
    return _checked(found)


def _csv(text: str) -> Iterator[TableRow]:
    """Comma, semicolon or tab between cells, as the header has it; quoted as RFC 4180 says."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        columns = _columns(next(reader, _NOTHING))
        _check_header(columns)
        number, line = 0, reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                number += 1
                yield _from_cells(number, line, columns, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableDocument(f"line {reader.line_num}: not CSV: {error}") from error


def _delimiter(text: str) -> str:
    """The one under which the first line has a column `text`."""
    header = text.split("\n", 1)[0]
    for mark in _DELIMITERS:
        if "text" in _columns(next(csv.reader([header], delimiter=mark), _NOTHING)):
            return mark
    return _DELIMITERS[0]


def _columns(cells: Sequence[str]) -> list[str]:
    return [cell.strip().lower() for cell in cells]


def _check_header(columns: Sequence[str]) -> None:
    if "text" not in columns:
        raise UnreadableDocument(
            f"line 1: no column named text; the first line names the columns: text, and if you like"
            f" {' '.join(COLUMNS[1:])}"
        )
    for name in COLUMNS:
        if columns.count(name) > 1:
            raise UnreadableDocument(f"line 1: more than one column is named {name}")


def _from_cells(number: int, line: int, columns: Sequence[str], cells: Sequence[str]) -> TableRow:
    if len(cells) > len(columns):
        return TableRow(
            number, line, error=f"{len(cells)} cells under {len(columns)} columns: put text with a delimiter in quotes"
        )
    given = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name in COLUMNS}
    return TableRow(number, line, **given)


def _json(text: str) -> Iterator[TableRow]:
    """A list of objects, or an object with such a list as `rows`; their lines are not known."""
    try:
        table: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableDocument(f"line {error.lineno}: not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise UnreadableDocument("not a table: it is nested too deeply") from error
    except ValueError as error:
        raise UnreadableDocument(f"not JSON that can be read: {error}") from error
    if isinstance(table, dict):
        table = cast("dict[str, Any]", table).get("rows")
    if not isinstance(table, list):
        raise UnreadableDocument(
            'line 1: not a table: it should be a list, like [{"text": "Hello."}, …], or {"rows": […]}'
        )
    for number, item in enumerate(cast("list[Any]", table), 1):
        yield _from_json(number, 0, item)


def _json_lines(text: str) -> Iterator[TableRow]:
    number = 0
    for line, item in enumerate(text.split("\n"), 1):
        if not item.strip():
            continue
        number += 1
        try:
            yield _from_json(number, line, json.loads(item))
        except json.JSONDecodeError as error:
            yield TableRow(number, line, error=f"not JSON: {error.msg} at column {error.colno}")
        except ValueError as error:
            yield TableRow(number, line, error=f"not JSON that can be read: {error}")
        except RecursionError:
            yield TableRow(number, line, error="not a row: it is nested too deeply")


def _from_json(number: int, line: int, item: Any) -> TableRow:
    """An object, or a text alone."""
    try:
        given = _Given(item) if isinstance(item, str) else msgspec.convert(item, _Given)
    except msgspec.ValidationError as error:
        return TableRow(number, line, error=f'{error} (a row is like {{"text": "Hello.", "id": "hello"}})')
    fields = {name: str(value).strip() for name, value in msgspec.structs.asdict(given).items() if value is not None}
    return TableRow(number, line, **fields)


def _checked(found: Sequence[TableRow]) -> list[TableRow]:
    """What a row lacks is its error; of two with one name, the second is wrong."""
    taken: dict[str, int] = {}
    checked: list[TableRow] = []
    for row in found:
        error = row.error or _fault(row)
        if not error and (first := taken.setdefault(row.name, row.number)) != row.number:
            error = f"the name {row.name!r} is row {first}'s; give it another id or out"
        checked.append(msgspec.structs.replace(row, error=error))
    return checked


def _fault(row: TableRow) -> str:
    if not row.text:
        return "the text is empty"
    too_long = any(len(part.encode(errors="replace")) > _LONGEST_NAME_BYTES for part in row.name.split("/"))
    if _BAD_NAME.search(row.name) or too_long or not row.name.isprintable():
        return (
            f"{row.name[:80]!r} is no name for a file: a relative path without `..`, leading dots, backslashes and"
            f" control characters, each part at most {_LONGEST_NAME_BYTES} bytes"
        )
    return ""
