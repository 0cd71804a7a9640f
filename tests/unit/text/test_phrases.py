"""Live typing: what is committed when."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.text.budget import overflow
from ttsd.text.normalize import speakable
from ttsd.text.phrases import Phrases

TYPED = st.lists(
    st.sampled_from(
        ["Hi", ", ", ". ", "! ", "?", "…", "\n", " ", "Dr. ", "3", ".", "14", "p.m. ", "word ", "天", "气很好", "。",
         "，", "！", "「", "」", "“", "”", "a" * 90, "word " * 20, "天" * 30, "1" * 20, "(", ") ", "é", "한국"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def at_once(text: str) -> list[str]:
    phrases = Phrases()
    return phrases.feed(text) + phrases.flush() + [phrases.pending]


def letter_by_letter(text: str) -> list[str]:
    phrases = Phrases()
    return [phrase for letter in text for phrase in phrases.feed(letter)] + phrases.flush() + [phrases.pending]


@pytest.mark.parametrize(
    ("text", "committed"),
    [
        ("Hi, how are you today? I am f", ["Hi, how are you today? "]),
        ("Hi, ", []),
        ("I am fine, thanks, and y", ["I am fine, thanks, "]),
        ("OK! Then", ["OK! "]),
        ("Hello.", []),
        ("Hello. ", ["Hello. "]),
        ("Dr. Smith met J. R. Tolkien at 3 p.m. in Paris. He", ["Dr. Smith met J. R. Tolkien at 3 p.m. in Paris. "]),
        ("It is 3. ", []),
        ("It is 3.14 and 1,000,000 or 12:30 ", []),
        ("It was 1984. Then", ["It was 1984. "]),
        ('He said "Stop." Then', ['He said "Stop." ']),
        ("今天会议推迟到三点，请", ["今天会议推迟到三点，"]),
        ("好，", []),
        ("谢谢！", ["谢谢！"]),
        ("他说：“好的。", []),
        ("他说：“好的。”然后", ["他说：“好的。”"]),
        ("「はい。そう", ["「はい。"]),
        ("OK!今", ["OK!"]),
        ("first line\n", ["first line\n"]),
        ("... ", []),
        ("\n\n", []),
    ],
)
def test_what_can_be_spoken_now(text, committed):
    phrases = Phrases()
    assert phrases.feed(text) == committed
    assert "".join(committed) + phrases.pending == text


def test_too_much_without_an_end_is_cut_between_words():
    phrases = Phrases()
    found = phrases.feed("word " * 31)
    assert found == ["word " * 30]
    assert Phrases().feed("天" * 46) == ["天" * 45]


def test_flushing_commits_the_rest():
    phrases = Phrases()
    assert phrases.feed("Well, I thi") == []
    assert phrases.flush() == ["Well, I thi"]
    assert phrases.flush() == []


def test_flushing_keeps_what_has_no_sound_for_the_next_phrase():
    phrases = Phrases()
    phrases.feed("… ")
    assert phrases.flush() == []
    assert phrases.feed("and then. ") == ["… and then. "]


def test_clearing_forgets():
    phrases = Phrases()
    phrases.feed("Well, I")
    phrases.clear()
    assert phrases.pending == ""
    assert phrases.flush() == []


@settings(deadline=None)
@given(TYPED)
def test_nothing_is_lost_and_every_phrase_has_a_sound_and_fits(text):
    *found, rest = at_once(text)
    assert "".join(found) + rest == text
    assert all(map(speakable, found))
    assert all(overflow(phrase) is None for phrase in found)


@settings(deadline=None)
@given(TYPED)
def test_typing_slowly_gives_the_same_phrases(text):
    assert letter_by_letter(text) == at_once(text)
