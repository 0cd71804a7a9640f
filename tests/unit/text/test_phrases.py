"""Live typing: what is committed when."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpora import sentence_cases, span_cases
from ttsd.protocol.speech import LANGUAGES, Commit, Segment
from ttsd.text.budget import overflow
from ttsd.text.normalize import speakable
from ttsd.text.phrases import Phrases, may_be_composed
from ttsd.text.segment import text_segments

TYPED = st.lists(
    st.sampled_from(
        ["Hi", ", ", ". ", "! ", "?", "…", "\n", " ", "Dr. ", "3", ".", "14", "p.m. ", "word ", "天", "气很好", "。",
         "，", "！", "「", "」", "“", "”", "a" * 90, "word " * 20, "天" * 30, "1" * 20, "(", ") ", "é", "한국"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


COMMITS: list[Commit] = ["word", "clause", "sentence", "line"]


def at_once(text: str, commit: Commit = "clause") -> list[str]:
    phrases = Phrases(commit)
    return phrases.feed(text) + phrases.flush() + [phrases.pending]


def in_parts(parts: Iterable[str], commit: Commit = "clause") -> list[str]:
    phrases = Phrases(commit)
    return [phrase for part in parts for phrase in phrases.feed(part)] + phrases.flush() + [phrases.pending]


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
        ("Ask Dr.\n3.\nthree", ["Ask Dr.\n", "3.\n"]),
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


@pytest.mark.parametrize(
    ("commit", "committed"),
    [
        ("word", ["Well, ", "today ", "we meet ", "at 3 p.m. Please ", "come. ", "And\n"]),
        ("clause", ["Well, today we meet at 3 p.m. Please come. ", "And\n"]),
        ("sentence", ["Well, today we meet at 3 p.m. Please come. ", "And\n"]),
        ("line", ["Well, today we meet at 3 p.m. Please come. And\n"]),
    ],
)
def test_the_client_chooses_what_is_spoken_by_itself(commit, committed):
    phrases = Phrases(commit)
    assert phrases.feed("Well, today we meet at 3 p.m. Please come. And\nso") == committed
    assert phrases.pending == "so"


def test_sentences_alone_wait_for_their_end():
    assert Phrases("sentence").feed("I am fine, thanks, and you? ") == ["I am fine, thanks, and you? "]
    assert Phrases("clause").feed("I am fine, thanks, and you? ") == ["I am fine, thanks, ", "and you? "]


def test_letters_typed_right_after_chinese_may_be_pinyin():
    assert may_be_composed("今天", "kaihui")
    assert not may_be_composed("今天", " OK")
    assert not may_be_composed("today ", "we")
    assert not may_be_composed("", "ni")
    assert not may_be_composed("今天", "3 p")


CORPUS = st.sampled_from(
    [case.text for language in LANGUAGES for case in sentence_cases(language)] + [case.text for case in span_cases()]
)
TEXTS = st.lists(CORPUS, min_size=1, max_size=4).map(" ".join)


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text of the corpora, and the same in pieces as it may arrive."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    return text, [text[start:end] for start, end in itertools.pairwise([0, *cuts, len(text)])]


def spoken(phrases: list[str]) -> list[Segment]:
    """What the front end makes of the phrases."""
    return [segment for phrase in phrases if speakable(phrase) for segment in text_segments(phrase)]


@settings(deadline=None, max_examples=150)
@given(typed(), st.sampled_from(COMMITS))
def test_every_split_of_a_text_gives_the_phrases_of_the_whole(arrival, commit):
    text, parts = arrival
    assert in_parts(parts, commit) == at_once(text, commit)


@settings(deadline=None, max_examples=40)
@given(typed())
def test_every_split_of_a_text_gives_the_segments_of_the_whole(arrival):
    """Their spans, how they are said, and the pauses."""
    text, parts = arrival
    assert spoken(in_parts(parts)) == spoken(at_once(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_typing_the_corpus_letter_by_letter(language):
    text = " ".join(case.text for case in sentence_cases(language))
    assert in_parts(text) == at_once(text)


@settings(deadline=None)
@given(TYPED, st.sampled_from(COMMITS))
def test_nothing_is_lost_and_every_phrase_has_a_sound_and_fits(text, commit):
    *found, rest = at_once(text, commit)
    assert "".join(found) + rest == text
    assert all(map(speakable, found))
    assert all(overflow(phrase) is None for phrase in found)


@settings(deadline=None)
@given(TYPED, st.sampled_from(COMMITS))
def test_typing_slowly_gives_the_same_phrases(text, commit):
    assert in_parts(text, commit) == at_once(text, commit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Say {New York, the city. Really|nu york} now. Go", ["Say {New York, the city. Really|nu york} now. "]),
        ("One two three [pause 1. 5s] four. Go", ["One two three [pause 1. 5s] four. "]),
        ("This is *very, very. Really* good. Go", ["This is *very, very. Really* good. "]),
        ("他要和（hé，hé）诗。好", ["他要和（hé，hé）诗。"]),
    ],
)
def test_markup_is_not_cut(text: str, expected: list[str]) -> None:
    assert Phrases().feed(text) == expected
    by_letter = Phrases()
    assert [phrase for letter in text for phrase in by_letter.feed(letter)] == expected
