"""From text to segments: complete, in order, within the budget, with pauses."""

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.errors import NothingToSay
from ttsd.protocol.speech import LANGUAGES, Segment
from ttsd.text.budget import MAX_CJK, MAX_LETTERS, MAX_WORDS
from ttsd.text.normalize import Block, Kind, blocks, speakable
from ttsd.text.scripts import CJK
from ttsd.text.segment import CLAUSE_PAUSE_MS, PAUSE_MS, SENTENCE_PAUSE_MS, segments, text_segments

WORDS = st.sampled_from(
    ["Hello", "the", "Dr.", "e.g.", "3.14", "1,000,000", "12:30", "今天天气", "これは", "안녕", "Привет", "well,",
     "end.", "go!", "“open", "close”", "(in", "out)", "…", "—", "。", "，", "「引用」", "\n", "\n\n",
     "a" * 250, "1" * 30, "天" * 60]
)  # fmt: skip


def texts(found: tuple[Segment, ...]) -> list[str]:
    return [segment.text for segment in found]


def test_a_sentence_each():
    assert texts(text_segments("Dr. Smith came. He left at 3.15! Why?")) == [
        "Dr. Smith came.",
        "He left at 3.15!",
        "Why?",
    ]


def test_spans_follow_the_cuts():
    found = text_segments("Hello，今天会议推迟到3 p.m. 请准时参加。谢谢！")
    assert [[span.language for span in segment.spans] for segment in found] == [["en", "zh", "en", "zh"], ["zh"]]
    assert texts(found) == ["Hello，今天会议推迟到3 p.m. 请准时参加。", "谢谢！"]


def test_pauses_say_what_ended():
    found = segments(
        [Block("Title", Kind.HEADING), Block("One. Two."), Block("Item", Kind.LINE), Block("The end, he said.")]
    )
    assert [(segment.text, segment.pause_after_ms) for segment in found] == [
        ("Title", PAUSE_MS[Kind.HEADING]),
        ("One.", SENTENCE_PAUSE_MS),
        ("Two.", PAUSE_MS[Kind.PARAGRAPH]),
        ("Item", PAUSE_MS[Kind.LINE]),
        ("The end, he said.", SENTENCE_PAUSE_MS),
    ]


@pytest.mark.parametrize(
    ("text", "pause"),
    [("Well,", CLAUSE_PAUSE_MS), ("好，", CLAUSE_PAUSE_MS), ("word", 0), ("Stop.”", SENTENCE_PAUSE_MS)],
)
def test_the_last_pause_leaves_room_for_what_may_follow(text, pause):
    assert text_segments(text)[-1].pause_after_ms == pause


def test_a_long_sentence_is_cut_where_it_breathes():
    clause = "it was the age of wisdom, it was the age of foolishness, "
    found = texts(text_segments("It was the best of times, " + clause * 4 + "it was the season of light."))
    assert len(found) > 1
    assert all(text.endswith((",", ".")) for text in found)


def test_a_cut_outside_a_quotation_is_preferred():
    text = (
        "He looked around the room once more and then he said, “this is a quotation. It has two sentences, no end” "
        "but nobody in the whole wide room was there to hear what he had to say, so he went home."
    )
    assert not any(part.count("“") != part.count("”") for part in texts(text_segments(text)))


def test_no_cut_is_inside_a_number():
    found = texts(text_segments("It is " + "1,234,567.89 and " * 60))
    assert all(re.fullmatch(r"(1,234,567\.89|and|It|is| )+", text) for text in found)


def test_a_title_follows_the_language_of_the_text():
    found = text_segments("Kapitel 3\n\nDas ist der Anfang, und es ist nicht das Ende.")
    assert [segment.spans[0].language for segment in found] == ["de", "de"]


@pytest.mark.parametrize("text", ["", "…", "🙂", " \n\n ", "— — —"])
def test_nothing_to_say(text):
    with pytest.raises(NothingToSay):
        text_segments(text)


@settings(deadline=None)
@given(
    st.lists(WORDS, max_size=60).map(" ".join) | st.lists(WORDS, max_size=60).map("".join),
    st.sampled_from(["auto", *LANGUAGES]),
)
def test_every_character_is_in_one_segment_in_order_and_budgets_hold(text, language):
    found = blocks(text)
    if not found:
        return
    spoken = texts(segments(found, language))
    whole = "".join(block.text for block in found)
    assert "".join("".join(spoken).split()) == "".join(whole.split())
    assert all(map(speakable, spoken))
    for part in spoken:
        cjk = len(re.findall(f"[{CJK}]", part))
        letters = sum(map(str.isalnum, part)) - cjk
        assert cjk / MAX_CJK + letters / MAX_LETTERS <= 1.0001
        assert len([word for word in part.split() if speakable(word)]) <= MAX_WORDS


@pytest.mark.parametrize(
    "unit",
    [
        "It was a bright cold day. ",
        "今天天气很好",
        "a",
        "1",
        "“",
        "(a",
        "Dr. ",
        "a,",
        "Hello，今天 ",
        "a\n",
        "! ",
        "é",
        "\u202e",
    ],
)
def test_time_grows_with_the_text_and_no_faster(unit):
    """A hundred thousand characters of anything; what grew with the square would take minutes."""
    start = time.process_time()
    with contextlib.suppress(NothingToSay):
        text_segments(unit * (100_000 // len(unit)))
    assert time.process_time() - start < 10


def test_what_begins_with_a_heading_is_set_apart_more_than_the_heading_from_its_text():
    kinds = [Kind.PARAGRAPH, Kind.CHAPTER, Kind.LINE, Kind.HEADING, Kind.PARAGRAPH, Kind.PARAGRAPH]
    found = segments([Block(f"This is number {n}.", kind) for n, kind in enumerate(kinds)], "en")
    assert [segment.pause_after_ms for segment in found] == [1200, 800, 900, 800, 650, 320]
