"""Rows of a table: what each is spoken as, and what is wrong with it."""

import pytest

from ttsd.ingest.rows import spoken_table
from ttsd.ingest.tables import TableRow, rows
from ttsd.text.normalize import Block, Kind


def test_what_a_row_asks_for():
    found = spoken_table(
        [TableRow(3, 4, "Hello.\nYou.", "a", "heart", "German", "sub/b.FLAC"), TableRow(4, 5, "Hi.")]
    ).rows
    assert found[0].blocks == [Block("Hello.", Kind.LINE), Block("You.")]
    assert found[0][:2] + found[0][3:] == (3, "sub/b", "heart", "de", "flac", None)
    assert found[1] == (4, "0004", [Block("Hi.")], None, None, None, None)


@pytest.mark.parametrize(
    ("row", "code", "param", "says"),
    [
        (TableRow(2, 3, "…", "a"), "nothing_to_say", "text", "no letter and no digit"),
        (TableRow(2, 3, "x", "a", voice="../v"), "bad_request", "voice", "voice = '../v': must be a voice's name"),
        (TableRow(2, 3, "x", "a", language="xx"), "bad_request", "language", "language = 'xx': must be auto, zh"),
        (TableRow(2, 3, "x", "../a", error="no name"), "bad_request", None, "no name"),
    ],
)
def test_a_bad_row_has_an_error_and_a_name_that_is_safe(row: TableRow, code: str, param: str | None, says: str):
    (found,) = spoken_table([row]).rows
    assert (found.number, found.name, found.blocks) == (2, "0002", [])
    assert found.error is not None
    assert (found.error.code, found.error.param) == (code, param)
    assert says in found.error.message


def test_json_may_hold_its_rows_below_a_key():
    (found,) = rows('{"rows": [{"text": "Hello."}], "more": 1}', ".json")
    assert found.text == "Hello."


@pytest.mark.parametrize("name", ["\\ud800", "a\\u202eb", "x\\u0085y"])
def test_a_name_that_no_file_can_have(name: str):
    (found,) = rows(f'[{{"text": "Hello.", "id": "{name}"}}]', ".json")
    assert "is no name for a file" in found.error
    found.error.encode()


def test_numbers_without_end_are_no_json():
    (found,) = rows('{"text": "Hello.", "id": ' + "9" * 5000 + "}", ".jsonl")
    assert "not JSON that can be read" in found.error
