"""Which word is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui.karaoke import said, word_at, word_heard, words_of
from tui.take import Phrase, Take


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in words_of(text).places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The train was late.", ["The", "train", "was", "late."]),
        ("  «Oui»,  dit-il ", ["«Oui»,", "dit-il"]),
        ("今天天气很好，我们走吧。", ["今天", "天气", "很好，", "我们", "走吧。"]),
        ("ひらがなとカタカナ", ["ひら", "がな", "とカ", "タカ", "ナ"]),
        ("안녕하세요 여러분", ["안녕하세요", "여러분"]),
        ("用 Python3 写的", ["用", "Python3", "写的"]),
        ("𠀀𠀁字", ["𠀀𠀁", "字"]),
        ("", []),
    ],
)
def test_words_are_words_and_groups_of_characters(text, expected):
    assert split(text) == expected


def test_long_words_last_longer():
    text = "A internationalisation"
    assert [text[slice(*word_at(text, at))] for at in (0.0, 0.3, 0.99, 1.0)] == ["A", *["internationalisation"] * 3]


def test_digits_and_syllables_weigh_more_than_letters():
    assert words_of("1984").weight > words_of("abcd").weight
    assert words_of("天气").weight > words_of("ab").weight


def test_silence_is_no_part_of_what_is_said():
    levels = [0.0, 0.5, 0.5, 0.0, 0.0, 0.5, 0.5, 0.0]
    assert [said("a b", levels, at, whole=True) for at in (0, 1, 3, 5, 6, 8)] == [0.0, 0.0, 0.5, 0.5, 0.75, 1.0]
    assert said("a b", [0.0, 0.0], 1.0, whole=True) == 0.0


def test_a_phrase_that_is_still_coming_in_is_as_long_as_its_text_lets_expect():
    text = "a phrase of which only the beginning has come"
    assert said(text, [0.5] * 10, 10.0, whole=True) == 1.0
    assert said(text, [0.5] * 10, 10.0, whole=False) < 0.3


@given(st.text(max_size=60), st.lists(st.floats(0, 1), max_size=40))
def test_the_word_never_goes_back_and_lies_in_the_text(text, levels):
    starts = [word_at(text, said(text, levels, at / 4, whole=True)) for at in range(4 * len(levels) + 4)]
    assert starts == sorted(starts)
    assert all(0 <= start <= end <= len(text) for start, end in starts)


def test_the_word_follows_the_listener_within_his_phrase():
    second = Phrase(1, "three four", SAMPLE_RATE_HZ)
    take = Take(phrases=(Phrase(0, "one two", 0), second), samples=2 * SAMPLE_RATE_HZ)
    envelope = [0.5] * 40

    def word(place: int, heard_s: float) -> str:
        return take.phrases[place].text[slice(*word_heard(take, place, envelope, round(heard_s * SAMPLE_RATE_HZ)))]

    assert [word(0, 0.1), word(0, 0.9), word(1, 1.1), word(1, 1.9)] == ["one", "two", "three", "four"]
