"""Lexicons as TOML and as CSV."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.errors import BadRequest
from ttsd.protocol.lexicon import MAX_ENTRIES, Entry
from ttsd.storage.lexicon_file import from_csv, parse, to_csv, written


def anything(_word: str, _spoken: str) -> bool:
    return True


def no_braces(_word: str, spoken: str) -> bool:
    return "{" not in spoken


FILE = """\
# Names of ours.

[words]
OpenAI = "open A I"
"New York" = 'nu york'
US = { spoken = "U S", case = true }
chat = [{ spoken = "/ʃa/", language = "fr" }, "chatt"]
"""


def test_a_file() -> None:
    entries = parse(FILE.encode(), anything)
    assert entries == (
        Entry("OpenAI", "open A I"),
        Entry("New York", "nu york"),
        Entry("US", "U S", case=True),
        Entry("chat", "/ʃa/", language="fr"),
        Entry("chat", "chatt"),
    )
    again = written(entries, FILE)
    assert again.startswith("# Names of ours.\n\n[words]\nchat = [")
    assert set(parse(again.encode(), anything)) == set(entries)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[words]\na = \n", 2, "TOML"),
        ("[words]\na = 'x'\nb = 3\n", 3, "Expected"),
        ("[words]\na = 'x'\n'b c' = { spoke = 'y' }\n", 3, "spoke"),
        ("[words]\na = 'x'\n\nb = { spoken = 'y', language = 'xx' }\n", 4, "xx"),
        ("[words]\na = 'x'\nb = '{'\n", 3, "does not say"),
        ("[words]\n'a  b' = 'x'\n", 2, "no word"),
        ("[words]\na = 'x'\n[other]\n", 3, "other"),
        ("[words]\nb = ''\n", 2, "length"),
    ],
)
def test_mistakes_are_named_by_their_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"line {line}.*{reason}|{reason}.*line {line}"):
        parse(text.encode(), no_braces)


@pytest.mark.parametrize(
    "data",
    [
        b"[words]\na = '\xff'\n",
        b"[" * 100_000,
        b"a = " + b"[" * 100_000,
        b"[words]\n" + b"".join(b"w%d = 'x'\n" % n for n in range(MAX_ENTRIES + 1)),
        b" " * (4 * 2**20 + 1),
    ],
    ids=["not utf-8", "brackets", "nested", "many", "large"],
)
def test_what_is_no_lexicon(data: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(data, anything)


def test_a_table() -> None:
    table = "\ufeffWritten,spoken,case,notes\nUS,U S,yes,x\nlead,/lɛd/,,\n"
    assert from_csv(table) == (Entry("US", "U S", case=True), Entry("lead", "/lɛd/"))


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("a,b\n", 1),
        ("", 1),
        ("written,spoken\nx,y\n,y\n", 3),
        ("written,spoken,case\nx,y,maybe\n", 2),
        ("written,spoken,language\nx,y,klingon\n", 2),
        ('written,spoken\nx,"y" z\n', 2),
    ],
)
def test_mistakes_of_tables(table: str, line: int) -> None:
    with pytest.raises(BadRequest, match=f"line {line}"):
        from_csv(table)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).map(str.strip).filter(bool)
WORD = TEXT.map(lambda text: " ".join(text.split())).filter(lambda text: any(map(str.isalnum, text)))
ENTRY = st.builds(Entry, WORD, TEXT, st.sampled_from(["", "en", "zh"]), st.booleans(), st.booleans())


@settings(deadline=None)
@given(st.lists(ENTRY, max_size=8, unique_by=lambda entry: (entry.written, entry.language)))
def test_there_and_back(entries: list[Entry]) -> None:
    assert sorted(parse(written(entries).encode(), anything), key=str) == sorted(entries, key=str)
    assert from_csv(to_csv(entries)) == tuple(entries)
