"""Tables: CSV as programs write it, JSON, JSON lines; what is wrong with a row is told with the row."""

import json

import pytest

from ttsd.ingest.tables import TableRow, rows
from ttsd.protocol.errors import UnreadableDocument


def texts(table: str, suffix: str = ".csv") -> list[str]:
    return [row.text for row in rows(table, suffix)]


@pytest.mark.parametrize(
    "table",
    [
        "text,id\nHello.,a\nGood morning.,b\n",
        "text,id\r\nHello.,a\r\nGood morning.,b\r\n",
        " ID ; Text\na;Hello.\nb;Good morning.",
        'id\ttext\na\t"Hello."\n\t\n\nb\t Good morning.\n',
        '"id","notes","text"\n"a","x, y","Hello."\n"b","","Good morning."\n',
    ],
)
def test_csv_of_every_kind(table: str):
    assert [(row.number, row.text, row.id, row.error) for row in rows(table, ".CSV")] == [
        (1, "Hello.", "a", ""),
        (2, "Good morning.", "b", ""),
    ]


def test_quoted_cells_keep_commas_quotes_and_line_breaks():
    found = rows('text,id\n"One, ""two"",\nthree.",a\nFour.,b\n', ".csv")
    assert [(row.text, row.line) for row in found] == [('One, "two",\nthree.', 2), ("Four.", 4)]


def test_a_cell_may_be_longer_than_the_csv_module_likes():
    assert texts("text\n" + "a" * 500_000) == ["a" * 500_000]


def test_json_and_json_lines():
    items = [{"text": "Hello.", "id": 7, "voice": "tone", "more": [1]}, "Plain.", {"text": "Out.", "out": "sub/x.flac"}]
    for suffix, table in ((".json", json.dumps(items)), (".jsonl", "\r\n\n".join(map(json.dumps, items)))):
        found = rows(table, suffix)
        assert [(row.text, row.name, row.voice, row.format, row.error) for row in found] == [
            ("Hello.", "7", "tone", None, ""),
            ("Plain.", "0002", "", None, ""),
            ("Out.", "sub/x", "", "flac", ""),
        ]


def test_json_lines_end_at_line_feeds_alone():
    assert texts('{"text": "One\u2028two."}\n{"text": "Three."}', ".jsonl") == ["One\u2028two.", "Three."]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (TableRow(7, 8, "x"), "0007"),
        (TableRow(7, 8, "x", id="a b"), "a b"),
        (TableRow(7, 8, "x", id="a", out="sub/b.WAV"), "sub/b"),
        (TableRow(7, 8, "x", out="v1.2"), "v1.2"),
        (TableRow(12345, 1, "x"), "12345"),
    ],
)
def test_names(row: TableRow, name: str):
    assert row.name == name


@pytest.mark.parametrize(
    ("table", "suffix", "complaint"),
    [
        ("", ".csv", "line 1: no column named text"),
        ("txt,id\nHello.,a", ".csv", "line 1: no column named text"),
        ("text,id,text\n", ".csv", "line 1: more than one column is named text"),
        ("text\n", ".csv", "no rows"),
        ('text\nHello.\n"never closed', ".csv", "line 3: not CSV"),
        ('text\n"a"b', ".csv", "line 2: not CSV"),
        ("[]", ".json", "no rows"),
        ('{"text": "Hello."}', ".json", "should be a list"),
        ('[{"text": "Hello."},\n{"text" "x"}]', ".json", "line 2: not JSON"),
        ("[" * 100_000, ".json", "nested too deeply"),
        ("\n \n", ".jsonl", "no rows"),
        ("text", ".xlsx", "not read; there are .csv, .json, .jsonl"),
    ],
)
def test_a_file_that_is_no_table(table: str, suffix: str, complaint: str):
    with pytest.raises(UnreadableDocument, match=complaint):
        rows(table, suffix)


@pytest.mark.parametrize(
    ("table", "suffix", "complaint"),
    [
        ("text,id\nHello, you.,a", ".csv", "3 cells under 2 columns"),
        ("text,id\n,a", ".csv", "the text is empty"),
        ("text,id\nx,../a", ".csv", "'../a' is no name for a file"),
        ("text,id\nx,/a", ".csv", "no name"),
        ("text,id\nx,.a", ".csv", "no name"),
        ("text,id\nx,a/", ".csv", "no name"),
        ("text,id\nx," + "a" * 201, ".csv", "no name"),
        ('{"txt": "x"}', ".jsonl", "missing required field `text`"),
        ('{"text": 1}', ".jsonl", "Expected `str`, got `int`"),
        ('{"text": "x"', ".jsonl", "not JSON"),
        ("1", ".jsonl", "Expected `object`"),
        ("[" * 100_000, ".jsonl", "nested too deeply"),
        ('[{"text": null}]', ".json", "Expected `str`, got `null`"),
    ],
)
def test_a_bad_row_is_told_and_the_others_are_read(table: str, suffix: str, complaint: str):
    more = {".csv": "\nNext.,n", ".jsonl": '\n{"text": "Next."}', ".json": ""}[suffix]
    found = rows(table + more, suffix)
    assert complaint in found[0].error
    assert [(row.number, row.text, row.error) for row in found[1:]] == ([(2, "Next.", "")] if more else [])


def test_of_two_rows_with_one_name_the_second_is_wrong():
    found = rows("text,id,out\nx,a,\ny,,a.wav\nz,b,\n", ".csv")
    assert [row.error for row in found] == ["", "the name 'a' is row 1's; give it another id or out", ""]
