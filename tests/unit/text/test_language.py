"""Which language each run of a text is in."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpora import f1, runs, sentence_cases, span_cases
from ttsd.protocol.errors import UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.language import spans

WHOLE = [
    ("The *th* sound in *think* is unvoiced.", "en"),
    ("「これはテストです。」", "ja"),
    ("¿Cómo estás? Estoy bien, gracias.", "es"),
    ("Привет, как дела?", "ru"),
    ("今天会议推迟到三点。", "zh"),
    ("안녕하세요. 오늘은 3시에 만나요.", "ko"),
    ("Guten Tag, wie geht es Ihnen?", "de"),
    ("Was ist das?", "de"),
    ("Bonjour tout le monde, ça va ?", "fr"),
    ("Olá, tudo bem com você?", "pt"),
    ("Buongiorno, come stai oggi?", "it"),
    ("Non, grazie.", "it"),
    ("Je ne sais pas.", "fr"),
    ("東京タワーへ行きました。東京都。明日も晴れです。", "ja"),
    ("A股大涨，T恤便宜。", "zh"),
    ("Tシャツを買う。", "ja"),
    ("3.14", "en"),
    ("I had a naïve idea in the café.", "en"),
    ("São Paulo", "en"),
    ("Müller", "en"),
    ("Café Müller is a dance piece by Pina Bausch.", "en"),
    ("Rio de Janeiro", "en"),
    ("El Niño returns in 2026", "en"),
    ("C'est la vie, he said.", "en"),
    ("Die Hard was in Los Angeles.", "en"),
    ("No, me neither.", "en"),
    ("To be or not to be", "en"),
    ("Mia sorella compie 28 anni il 2 giugno.", "it"),
    ("Este ano vieram 240 pessoas para a festa.", "pt"),
    ("Este libro es para mi hermana.", "es"),
    ("Julio Iglesias sang in Sierra Madre.", "en"),
    ("The α particle hits a 5 Ω resistor.", "en"),
]
MIXED = [
    ("Hello，今天会议推迟到3 p.m.", "en:Hello，|zh:今天会议推迟到|en:3 p.m."),
    ("She said “今天” twice.", "en:She said |zh:“今天” |en:twice."),
    ("iPhone 15很好", "en:iPhone 15|zh:很好"),
    ("今天3点见，OK吗？", "zh:今天3点见，|en:OK|zh:吗？"),
    ("안녕하세요 hello", "ko:안녕하세요 |en:hello"),
    ("Я купил Windows (лицензия).", "ru:Я купил |en:Windows |ru:(лицензия)."),
    ("今天天气很好。他用了“の”。", "zh:今天天气很好。他用了|ja:“の”。"),
    (
        "Es ist nicht das Ende. The end of the story is near.",
        "de:Es ist nicht das Ende. |en:The end of the story is near.",
    ),
]
EXPLICIT = [
    ("Hello，今天", "zh", "en:Hello，|zh:今天"),
    ("Hello there", "de", "de:Hello there"),
    ("Guten Tag", "en", "en:Guten Tag"),
    ("東京", "ja", "ja:東京"),
    ("東京", "ko", "zh:東京"),
    ("これは漢字", "zh", "ja:これは|zh:漢字"),
    ("42", "zh", "zh:42"),
    ("hello привет", "fr", "fr:hello |ru:привет"),
]


def written(text: str, language: str = "auto", **how: str) -> str:
    return "|".join(f"{span.language}:{span.text}" for span in spans(text, language, **how))


@pytest.mark.parametrize(("text", "language"), WHOLE)
def test_a_text_in_one_language(text, language):
    assert written(text) == f"{language}:{text}"


@pytest.mark.parametrize(("text", "expected"), MIXED)
def test_a_text_in_several(text, expected):
    assert written(text) == expected


@pytest.mark.parametrize(("text", "language", "expected"), EXPLICIT)
def test_a_language_that_was_named_holds_but_for_foreign_scripts(text, language, expected):
    assert written(text, language) == expected


CASES = span_cases()


def found(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((span.language, span.text) for span in spans(text))


def test_the_corpus_is_large_enough():
    assert len(CASES) >= 80
    assert {language for case in CASES for language, _ in case.expected} == set(LANGUAGES)


@pytest.mark.parametrize("case", [case for case in CASES if not case.known_miss], ids=lambda case: case.name)
def test_the_runs_of_a_mixed_text(case):
    assert found(case.text) == case.expected


def test_what_is_called_a_known_miss_still_is_one():
    assert [case.name for case in CASES if case.known_miss and found(case.text) == case.expected] == []


def test_share_of_runs_that_are_right():
    assert f1([runs(case.expected) for case in CASES], [runs(found(case.text)) for case in CASES]) >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_texts_in_one_language_are_known_by_themselves(language):
    """The texts of the other corpus, a line or two each. A name or a foreign word in it may be English."""
    cases = sentence_cases(language)
    languages = [{span.language for span in spans(case.text)} for case in cases]
    right = [found for found in languages if language in found and found <= {language, "en"}]
    assert len(right) >= 0.9 * len(cases)


def test_what_gives_no_evidence_follows_the_text_around_it():
    assert written("Kapitel 3", prior="de") == "de:Kapitel 3"


def test_a_script_that_nobody_reads_is_refused_by_name():
    with pytest.raises(UnsupportedLanguage, match=r"Greek.*german"):
        spans("Γειά σου")
    with pytest.raises(UnsupportedLanguage, match="Devanagari"):
        spans("He said हिन्दी to me.")


@settings(deadline=None)
@given(
    st.text(st.characters(categories=("N", "P", "Z", "S")) | st.sampled_from("aéß今のカ한я\n")),
    st.sampled_from(["auto", *LANGUAGES]),
)
def test_put_together_the_runs_are_the_text(text, language):
    found = spans(text, language)
    assert "".join(span.text for span in found) == text
    assert all(span.language in LANGUAGES for span in found)
    assert all(one.language != other.language for one, other in itertools.pairwise(found))
