"""A lexicon's file: TOML that people read and write, and CSV for spreadsheets."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, cast

import msgspec
import tomli

from ttsd.protocol.errors import BadRequest
from ttsd.protocol.lexicon import MAX_ENTRIES, Entry

LONGEST_BYTES: Final = 4 * 2**20
HEADER: Final = """\
# A lexicon of ttsd: how words are said. Edit it at will, it is read again when it changes.
# Comments above [words] stay when a command changes it.
"""
TABLE: Final = "words"

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")

IsReading = Callable[[str, str], bool]
"""Whether the second text says how the first is spoken."""


def parse(data: bytes, is_reading: IsReading) -> tuple[Entry, ...]:
    """The entries of a lexicon's file. Raises BadRequest that names the line."""
    if len(data) > LONGEST_BYTES:
        raise BadRequest(f"it has over {LONGEST_BYTES >> 20} MB; a lexicon has at most {MAX_ENTRIES} entries")
    try:
        text = data.decode("utf-8-sig")
        tables: dict[str, Any] = tomli.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRequest(f"line {line}: it is not UTF-8 text") from error
    except tomli.TOMLDecodeError as error:
        raise BadRequest(f"not valid TOML: {error}") from error
    except RecursionError as error:
        raise BadRequest("it is nested too deeply") from error
    words: Any = tables.pop(TABLE, {})
    if tables or not isinstance(words, dict):
        name = next(iter(tables), TABLE)
        raise BadRequest(f"line {_line(text, name)}: {name!r}: there is nothing but the table [{TABLE}] in a lexicon")
    entries = tuple(_entries(text, cast("dict[str, Any]", words), is_reading))
    if len(entries) > MAX_ENTRIES:
        raise BadRequest(f"it has {len(entries)} entries; at most {MAX_ENTRIES} are allowed in one lexicon")
    return entries


def _entries(text: str, words: dict[str, Any], is_reading: IsReading) -> Iterator[Entry]:
    for written, value in words.items():
        for one in cast("list[Any]", value if isinstance(value, list) else [value]):
            how = cast("dict[str, Any]", one if isinstance(one, dict) else {"spoken": one})
            try:
                entry = msgspec.convert({"written": written, **how}, Entry)
                check(entry, is_reading)
            except (msgspec.ValidationError, BadRequest) as error:
                reason = _AT.sub("", str(error))
                raise BadRequest(f"line {_line(text, written)}: {written[:80]!r}: {reason}") from error
            yield entry


def check(entry: Entry, is_reading: IsReading) -> None:
    """Raises BadRequest when nothing can be made of the entry."""
    if not any(map(str.isalnum, entry.written)) or entry.written != " ".join(entry.written.split()):
        raise BadRequest(f"{entry.written!r} is no word: write letters, single spaces between words", param="written")
    if not is_reading(entry.written, entry.spoken):
        raise BadRequest(
            f"{entry.spoken!r} does not say how {entry.written!r} is spoken: write words (letters, digits, spaces,"
            " ' . -), or IPA between slashes, or pinyin or kana for Chinese and Japanese words",
            param="spoken",
        )


def _line(text: str, key: str) -> int:
    """Where the key stands, counted from 1; 1 when it is written in a way that is not found."""
    quoted = f"(?:{re.escape(json.dumps(key, ensure_ascii=False))}|'{re.escape(key)}'|{re.escape(key)})"
    found = re.search(rf"^[ \t]*\[*[ \t]*{quoted}[ \t]*[\]=.]", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def written(entries: Iterable[Entry], before: str = "") -> str:
    """The file of `entries`; the comments with which `before` begins stay."""
    lines = [f"{_key(word)} = {_value(those)}" for word, those in _by_word(entries).items()]
    return f"{_opening(before)}\n[{TABLE}]\n" + "".join(f"{line}\n" for line in lines)


def _by_word(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.written, []).append(entry)
    return dict(sorted(found.items(), key=lambda pair: (pair[0].lower(), pair[0])))


def _opening(before: str) -> str:
    lines: list[str] = []
    for line in before.splitlines():
        if not line.startswith("#") and line.strip():
            break
        lines.append(line)
    kept = "\n".join(lines).strip("\n")
    return f"{kept}\n" if kept else HEADER


def _key(word: str) -> str:
    return word if _BARE.fullmatch(word) else _quoted(word)


def _value(entries: Sequence[Entry]) -> str:
    values = [_one(entry) for entry in entries]
    return values[0] if len(values) == 1 else "[" + ", ".join(values) + "]"


def _one(entry: Entry) -> str:
    options = [f'language = "{entry.language}"'] if entry.language else []
    options += ["case = true"] if entry.case else []
    options += [] if entry.whole else ["whole = false"]
    spoken = _quoted(entry.spoken)
    return "{ " + ", ".join([f"spoken = {spoken}", *options]) + " }" if options else spoken


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- CSV ---

COLUMNS: Final = ("written", "spoken", "language", "case", "whole")
_YES: Final = frozenset({"1", "true", "yes", "x"})
_NO: Final = frozenset({"0", "false", "no", ""})


def from_csv(text: str) -> tuple[Entry, ...]:
    """The entries of a table with the columns of `COLUMNS`, the last three of which may be missing.

    Raises BadRequest that names the line.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        if not {"written", "spoken"} <= set(names):
            raise BadRequest("line 1: a lexicon's table has a header with the columns written and spoken")
        return tuple(_row(row, reader.line_num) for row in reader)
    except csv.Error as error:
        raise BadRequest(f"line {reader.line_num + 1}: not valid CSV: {error}") from error


def _row(row: dict[str, Any], line: int) -> Entry:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    try:
        return msgspec.convert(
            {
                **cells,
                "case": _truth(cells["case"], default=False),
                "whole": _truth(cells["whole"], default=True),
            },
            Entry,
        )
    except (msgspec.ValidationError, ValueError) as error:
        raise BadRequest(f"line {line}: {_AT.sub('', str(error))}") from error


def _truth(cell: str, *, default: bool) -> bool:
    if not cell:
        return default
    if cell.lower() not in _YES | _NO:
        raise ValueError(f"{cell[:40]!r} is neither true nor false")
    return cell.lower() in _YES


def to_csv(entries: Iterable[Entry]) -> str:
    """What `from_csv` reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        flags = ("true" if entry.case else "", "" if entry.whole else "false")
        writer.writerow((entry.written, entry.spoken, entry.language, *flags))
    return text.getvalue()
