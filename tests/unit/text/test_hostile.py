"""Text that means harm: clean segments or one clear error, in time that grows with the text and no faster."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.errors import NothingToSay, UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES, Segment
from ttsd.text.budget import overflow
from ttsd.text.normalize import speakable
from ttsd.text.phrases import Phrases
from ttsd.text.segment import text_segments

NASTY = st.sampled_from(
    ["\u202e", "\u202d", "\u2066", "\u200b", "\u200d", "\ufeff", "\x00", "\x1b[31m", "\x7f", "\ud800", "\udfff",
     "\U000e0041", "e\u0301", "\u0301" * 50, "\u0489", "ﷺ", "שלום", "مرحبا", "हिन्दी", "\U0001f468\u200d\U0001f469",
     "\u2028", "\r", "\n\n", "\t", "(" * 30, "「" * 30, "“" * 9, "”", "'", '"', "[pause", "{a|", "*", "<b>", "&amp;",
     "%s", "../..", "Dr.", "3.", "…", "。", "a", "今天", "これ", "한국", "Привет", "Ａ１", "①", "½", "١٢", "０", "ǆ",
     "İ", "ß", "ﬁ", "K" * 300, "1" * 300]
)  # fmt: skip
HOSTILE = st.lists(NASTY | st.characters() | st.sampled_from([" ", ". ", "a "]), max_size=40).map("".join)


def front_end(text: str, language: str = "auto") -> tuple[Segment, ...]:
    """The segments, or none where the text is refused with a reason."""
    try:
        return text_segments(text, language)
    except (NothingToSay, UnsupportedLanguage):
        return ()


@settings(deadline=None, max_examples=150)
@given(HOSTILE, st.sampled_from(["auto", *LANGUAGES]))
def test_segments_are_clean_whatever_comes(text, language):
    for segment in front_end(text, language):
        assert speakable(segment.text)
        assert segment.text.isprintable()
        assert segment.spoken.isprintable()
        assert segment.text.encode()
        assert {span.language for span in segment.spans} <= LANGUAGES.keys()


@settings(deadline=None, max_examples=100)
@given(HOSTILE)
def test_typing_it_loses_nothing(text):
    phrases = Phrases()
    found = [phrase for letter in text for phrase in phrases.feed(letter)] + phrases.flush()
    assert "".join(found) + phrases.pending == text
    assert all(overflow(phrase) is None for phrase in found[:-1])


def test_what_turns_the_direction_or_cannot_be_seen_is_not_spoken():
    (segment,) = text_segments("a\u202ebc \u200bd\x00e\x1b f\ufeff")
    assert segment.text == "abc de f"


@pytest.mark.parametrize("script", ["שלום", "مرحبا", "हिन्दी", "ไทย", "Γειά"])
def test_scripts_that_nobody_reads_are_refused_in_a_short_sentence(script):
    with pytest.raises(UnsupportedLanguage, match=r"^.{20,400}$"):
        text_segments(f"Hello, {script}")


def test_a_token_of_a_megabyte():
    found = text_segments("a" * 1_000_000)
    assert "".join(segment.text for segment in found) == "a" * 1_000_000
    assert all(overflow(segment.text) is None for segment in found)


def test_a_hundred_thousand_combining_marks():
    found = text_segments("a" + "\u0301" * 100_000 + " b")
    assert found[0].text.startswith("á")


UNITS = ["天", "(", "「a", "«a ", '"a. ', "‘a’b ", "（天。", "J. ", "z. B. ", "3 p", "1,", "a'", "[pause 1ms] a",
         "{a|b}", "和(hè)", "*a", "http://a.b/", "3元 a ", "de la ", "“Je ne sais pas” a "]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_text_and_no_faster(unit):
    """Six times the text takes six times as long; where each character looked at all others, it would be thirty-six."""
    short, long = (_cpu_s(unit, size) for size in (5_000, 30_000))
    assert long < 15 * short + 0.5


def _cpu_s(unit: str, size: int) -> float:
    start = time.process_time()
    front_end(unit * (size // len(unit)))
    return time.process_time() - start


@pytest.mark.parametrize("unit", ["天", "a", "a b ", "“", "天，", "(", "1"])
def test_time_of_typing_grows_with_the_text(unit):
    def typed(size: int) -> float:
        start = time.process_time()
        Phrases().feed(unit * (size // len(unit)))
        return time.process_time() - start

    short = typed(5_000)
    assert typed(30_000) < 15 * short + 0.5
