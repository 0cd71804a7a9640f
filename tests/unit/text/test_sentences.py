"""Where sentences end, in ten languages: `tests/corpora/sentences`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpora import ends, f1, sentence_cases
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.sentences import sentences

CASES = [case for language in LANGUAGES for case in sentence_cases(language)]
KNOWN = [case for case in CASES if case.known_miss]
"""Cases of the corpus that we get wrong; a figure below counts them."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_is_large_enough(language):
    assert len(sentence_cases(language)) >= 40


@pytest.mark.parametrize("case", [case for case in CASES if not case.known_miss], ids=lambda case: case.name)
def test_boundaries(case):
    assert list(sentences(case.text, case.language)) == list(case.expected)


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: case.name)
def test_what_is_called_a_known_miss_still_is_one(case):
    assert list(sentences(case.text, case.language)) != list(case.expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_share_of_boundaries_that_are_right(language):
    cases = sentence_cases(language)
    found = [tuple(sentences(case.text, language)) for case in cases]
    assert f1([ends(case.expected) for case in cases], list(map(ends, found))) >= 0.97


@settings(deadline=None)
@given(st.sampled_from(sorted(LANGUAGES)), st.text("ab C.!?…。！？「」“”\"'()， ,;:1 2é한あ", max_size=80))
def test_nothing_is_lost_and_nothing_is_empty(language, text):
    found = list(sentences(text, language))
    assert "".join(found) == text
    assert all(found)


def test_a_long_text_is_cut_as_its_parts_are():
    sentence = "今天天气很好，我们去公园。"
    assert list(sentences(sentence * 1000, "zh")) == [sentence] * 1000
