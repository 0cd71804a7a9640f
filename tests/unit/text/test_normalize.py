"""What is left of a text as it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.text.normalize import Block, Kind, blocks, clean, speakable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Hello \t there ", "Hello there"),
        ("cafe\u0301", "café"),
        ("Mr.\u00a0Smith\u3000said", "Mr. Smith said"),
        ("zero\u200bwidth, soft\u00adhyphen, \u202ebidi\u202c", "zerowidth, softhyphen, bidi"),
        ("bell\x07 nul\x00 escape\x1b[0m", "bell nul escape[0m"),
        ("lone \ud800surrogate", "lone surrogate"),
        ("Hello 🙂 world 👨‍👩‍👧", "Hello world"),
        ("1️⃣ first, ✅ done → next", "1 first, done next"),
        ("no!!!!! really???", "no! really?"),
        ("wait.... what. . . . now", "wait… what… now"),
        ("真的。。。好……吧！！", "真的…好…吧！"),
        ("above ---------- below ====", "above below"),
        ("C++, C#, AT&T, 50% of $3.50, a/b, x_y, f(x)", "C++, C#, AT&T, 50% of $3.50, a/b, x_y, f(x)"),
        ("He said: “no—never”. (Really.)", "He said: “no—never”. (Really.)"),
        ("don’t", "don’t"),
        ("a" + "!?" * 50 + "b", "a!?!?!?!? b"),
    ],
)
def test_one_line(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "…", "🙂", "-----", "***\n\n---", "?!", "\u200b\ufeff", "。。。"])
def test_nothing_to_say(text):
    assert blocks(text) == []


def test_blank_lines_end_paragraphs():
    assert blocks("One.\r\n\r\nTwo.\n \t\nThree.\u2029\u2029Four.\n") == [
        Block("One."),
        Block("Two."),
        Block("Three."),
        Block("Four."),
    ]


def test_lines_that_were_meant_stay_lines():
    assert blocks("Milk\nEggs\n\nBread") == [Block("Milk", Kind.LINE), Block("Eggs"), Block("Bread")]


def test_lines_that_an_editor_wrapped_are_joined():
    text = (
        "It was a bright cold day in April, and the clocks were\n"
        "striking thirteen. Winston Smith, his chin nuzzled into\n"
        "his breast, slipped in.\n"
    )
    assert blocks(text) == [Block(" ".join(text.split()))]


def test_chinese_that_was_wrapped_is_joined_without_spaces():
    line = "今天天气很好我们去公园散步吧你觉得怎么样今天天气很好"
    assert blocks(f"{line}\n{line}\n{line[:5]}。") == [Block(f"{line}{line}{line[:5]}。")]


def test_one_long_line_for_each_paragraph_needs_no_blank_lines():
    line = "A paragraph as word processors save it, all in one line. " * 4
    assert [found.kind for found in blocks(f"{line}\n{line}")] == [Kind.LINE, Kind.PARAGRAPH]


@given(st.text())
def test_blocks_are_clean_and_speakable(text):
    for found in blocks(text):
        assert speakable(found.text)
        assert clean(found.text) == found.text
        assert found.text.isprintable()


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd")) | st.sampled_from(" \n")))
def test_no_letter_and_no_digit_is_lost(text):
    composed = clean(text).replace(" ", "")
    assert "".join(found.text for found in blocks(text)).replace(" ", "") == composed
