"""Where sentences are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.worker.phrases import FIRST, LONGEST, SHORTEST, phrases

CLAUSE = "ðˌɪs ɪz ɐ klˈɔz ʌv sˌʌm lˈɛŋθ"  # 29 characters


def test_a_sentence_of_ordinary_length_stays_whole():
    sentence = ", ".join([CLAUSE] * 4) + "."
    assert len(sentence) <= LONGEST
    assert [p.phonemes for p in phrases(sentence)] == [sentence]


def test_a_long_sentence_is_cut_after_its_clauses():
    parts = phrases(", ".join([CLAUSE] * 8) + ".")
    assert len(parts) > 1
    assert all(p.phonemes.endswith(",") for p in parts[:-1])
    assert len(parts[0].phonemes) <= FIRST


def test_without_clauses_the_cut_comes_before_a_conjunction():
    sentence = f"{CLAUSE} {CLAUSE} ˌænd {CLAUSE} {CLAUSE} {CLAUSE}."
    first, second, *_ = phrases(sentence)
    assert first.phonemes == f"{CLAUSE} {CLAUSE}"
    assert second.phonemes.startswith("ˌænd")


def test_without_either_it_is_cut_between_words():
    words = ["wˈɜɹd"] * 60
    parts = phrases(" ".join(words))
    assert " ".join(p.phonemes for p in parts).split() == words
    assert [p.pause_ms for p in parts[:-1]] == [0] * (len(parts) - 1)


def test_a_clause_too_short_to_stand_alone_is_not_cut_off():
    sentence = f"wˈɛl, {CLAUSE} {CLAUSE} {CLAUSE} {CLAUSE} {CLAUSE}."
    assert len(phrases(sentence)[0].phonemes) >= SHORTEST


def test_one_endless_word_is_cut_all_the_same():
    assert [len(p.phonemes) for p in phrases("æ" * 300)] == [FIRST, LONGEST, 300 - FIRST - LONGEST]


@pytest.mark.parametrize(
    ("end", "longer_than"),
    [(".", ","), ("?", ","), ("!”", ","), ("…", ","), (",", "ɡ"), (";", "ɡ"), ("—", "ɡ")],
)
def test_the_pause_after_a_phrase_follows_from_its_end(end: str, longer_than: str):
    assert phrases("tˈɛst" + end)[0].pause_ms > phrases("tˈɛst" + longer_than)[0].pause_ms


@given(st.text(alphabet="æbkˈ ,;.", max_size=600))
def test_nothing_is_lost_and_no_part_is_too_long(sentence: str):
    parts = phrases(sentence)
    assert "".join(p.phonemes for p in parts).replace(" ", "") == sentence.replace(" ", "")
    assert all(len(p.phonemes) <= LONGEST for p in parts)
