"""The book of what was spoken."""

import sqlite3

import pytest

from ttsd.protocol.speech import Style
from tui import spoken
from tui.settings import Settings
from tui.spoken import Book, Spoken


@pytest.fixture
def book(tmp_path) -> Book:
    return Book(tmp_path / "app" / "spoken.sqlite3")


def texts(book: Book, wanted: str = "") -> list[str]:
    return [found.text for found in book.search(wanted)]


def test_what_was_spoken_is_found_by_its_words_newest_first(book, tmp_path):
    for at_s, text in enumerate(("Good morning, Ada.", "100 % of it", "Good evening, 早上好。")):
        book.add(Spoken(at_s, 1.5, text, Settings("heart", style=Style(clarity=70))))
    assert texts(book, "good") == ["Good evening, 早上好。", "Good morning, Ada."]
    assert texts(book, "ada  GOOD") == ["Good morning, Ada."]
    assert (texts(book, "早上"), texts(book, "%"), texts(book, "_")) == (
        ["Good evening, 早上好。"],
        ["100 % of it"],
        [],
    )
    (found,) = book.search("Ada")
    assert (found.length_s, found.settings) == (1.5, Settings("heart", style=Style(clarity=70)))
    assert (tmp_path / "app" / "spoken.sqlite3").stat().st_mode & 0o777 == 0o600


def test_the_same_again_stands_there_once(book):
    for at_s in range(3):
        book.add(Spoken(at_s, 1.0, "Again."))
    assert [found.at_s for found in book.search()] == [2.0]


def test_the_oldest_make_room(book, monkeypatch):
    monkeypatch.setattr(spoken, "MOST_TAKES", 5)
    for at_s in range(9):
        book.add(Spoken(at_s, 1.0, f"take {at_s}"))
    assert texts(book) == [f"take {at_s}" for at_s in (8, 7, 6, 5, 4)]
    monkeypatch.setattr(spoken, "MOST_CHARS", 20)
    book.add(Spoken(9, 1.0, "a longer text"))
    assert texts(book) == ["a longer text", "take 8"]


def test_a_long_text_comes_by_its_beginning_and_whole_when_it_is_wanted(book):
    text = "word " * 10_000
    book.add(Spoken(1, 1.0, text))
    (found,) = book.search("word")
    assert (len(found.text), book.whole(found).text) == (spoken.HEAD_CHARS, text)


def test_what_was_deleted_comes_back_where_it_was(book):
    for at_s in range(3):
        book.add(Spoken(at_s, 1.0, f"take {at_s}"))
    deleted = book.search("1")[0]
    book.delete(deleted)
    assert texts(book) == ["take 2", "take 0"]
    book.add(deleted)
    assert texts(book) == ["take 2", "take 1", "take 0"]


def test_a_file_that_is_no_book_fails_nobody(book, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "spoken.sqlite3").write_bytes(b"nonsense" * 1000)
    book.add(Spoken(1, 1.0, "text"))
    assert texts(book) == []


def test_settings_of_another_version_are_the_usual_ones(book, tmp_path):
    book.add(Spoken(1, 1.0, "text"))
    with sqlite3.connect(tmp_path / "app" / "spoken.sqlite3") as db:
        db.execute('UPDATE takes SET settings = \'{"live": "never"}\'')
    db.close()
    assert book.search()[0].settings == Settings()
