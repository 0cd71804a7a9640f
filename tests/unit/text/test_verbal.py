"""Numbers, dates and the like in words: the corpora of all languages, and what holds for any text."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.text.verbal import LANGUAGES, reader_of, verbalize

CORPORA = Path(__file__).parents[2] / "corpora" / "verbal"
MIN_CASES = 60
CATEGORIES = {
    "cardinal", "decimal", "ordinal", "fraction", "percent", "range", "date", "time", "money", "measure", "year",
    "decade", "phone", "url", "email", "abbreviation", "roman", "symbol", "digits", "version", "code", "score",
    "handle", "plain", "counter", "traditional", "mixed",
}  # fmt: skip


def cases(language: str) -> list[tuple[str, str, str]]:
    lines = (CORPORA / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("# ")]
    assert all(len(row) == 3 for row in rows), [row for row in rows if len(row) != 3]
    return [(category, written, spoken) for category, written, spoken in rows]


GROUPS = [
    (language, category) for language in LANGUAGES for category in dict.fromkeys(row[0] for row in cases(language))
]


@pytest.mark.parametrize(("language", "category"), GROUPS)
def test_a_reader_says_it_so(language: str, category: str) -> None:
    expected = {written: spoken for found, written, spoken in cases(language) if found == category}
    assert {written: verbalize(written, language) for written in expected} == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_in_words_stays(language: str) -> None:
    spoken = [spoken for _, _, spoken in cases(language)]
    assert [verbalize(words, language) for words in spoken] == spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_corpus_is_large_and_covers_what_there_is(language: str) -> None:
    found = cases(language)
    assert len(found) >= MIN_CASES
    assert len({written for _, written, _ in found}) == len(found)
    assert set(Counter(category for category, _, _ in found)) <= CATEGORIES
    assert not any(re.search("[0-9]", spoken) for _, _, spoken in found)


_HOSTILE = (
    "1", "1,", "1.000", "1 000 ", "a", "a.", "a@", "-1", "1/", "1:", "A1", "#", "+1 ", "(", "I", "1–", "www.", "St. ",
    "a-", "1h", "€1 ", "1 € ", "年", "1年", "²",
)  # fmt: skip
_SHAPES = """
    0 1 2 3 5 7 10 12 19 21 30 99 100 1990 2024 00 007 1,234 1.234 1.234,56 1,234.56 3.5 3,5 .5 - – — + = & § ° % ‰ $
    € £ ¥ / : . , ; ! ? ( ) ' " ’ @ # x × km kg m °C km/h h Uhr p.m. am Dr. St. No. z. B. usw. S. Nr. v IPv COVID VIII
    Oktober October 3. 3rd er s '90s http:// www. example.com a@b.de +49 ½ ² Mio. Mrd. million 年 月 日 時 点 时 분 시
    г. тыс. руб. º ª 1er Sr. Mme"""
_PIECES = st.sampled_from(_SHAPES.split())
_JOINED = st.lists(st.tuples(_PIECES, st.sampled_from(["", " ", "", "-"])), max_size=14).map(
    lambda pieces: "".join(piece + gap for piece, gap in pieces)
)


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.one_of(_JOINED, st.text(max_size=60)))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_said_and_no_figure_is_left(language: str, text: str) -> None:
    said = verbalize(text, language)
    assert not re.search("[0-9]", said)
    assert verbalize(text, language) == said
    if not re.search("[0-9]", text) and reader_of(language).read(text) == text:
        assert said is text


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=_JOINED)
@settings(max_examples=40, deadline=None)
def test_letters_outside_written_forms_stay(language: str, text: str) -> None:
    assert "quiet" in verbalize(f"quiet {text}", language)
    assert "quiet" in verbalize(f"{text} quiet", language)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_time_grows_with_the_length_alone(language: str) -> None:
    """Were it to grow exponentially, these would not end."""
    for piece in _HOSTILE:
        verbalize(piece * (2_000 // len(piece)), language)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ["1", "a", "1,", "A1", "www."])
def test_a_very_long_word_is_said_too(piece: str) -> None:
    """Were it to grow with its square, each of these would take an hour."""
    verbalize(piece * (60_000 // len(piece)), "en")


def test_a_language_nobody_reads_stays_as_it_is() -> None:
    assert verbalize("3 Pfund", "tlh") == "3 Pfund"


def test_words_are_the_same_object() -> None:
    text = "Nothing in this sentence needs any change, “not even” the quotes — or the dashes."
    assert verbalize(text, "en") is text
