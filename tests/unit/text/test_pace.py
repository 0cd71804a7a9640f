"""How long texts take to say: syllables by words whose count grammars give, and coverage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.speech import LANGUAGES
from ttsd.text.pace import USUAL_PER_S, covered, syllables, written_in

COUNTED = [
    ("en", "The quick brown fox jumps over the lazy dog.", 11),
    ("en", "Please close the little gate behind you.", 10),
    ("de", "Die Straßenbahn fährt heute nicht.", 9),
    ("fr", "Le petit chat dort sur la table.", 8),
    ("es", "Mañana voy al teatro con mi tía.", 12),
    ("it", "La ragazza mangia una mela rossa.", 12),
    ("pt", "O menino come uma maçã.", 9),
    ("ru", "Мама мыла раму, а папа читал книгу.", 13),
    ("zh", "今天天气很好，我们去公园散步吧。", 14),
    ("ko", "오늘 날씨가 좋아요.", 8),
    ("ja", "きょうはとてもいいてんきです。", 14),
]


@pytest.mark.parametrize(("language", "text", "count"), COUNTED, ids=[f"{c}-{t[:9]}" for c, t, _ in COUNTED])
def test_syllables(language: str, text: str, count: int):
    found, code = syllables(text, language)
    assert code == language
    assert found == pytest.approx(count, abs=max(1, count // 8))


def test_what_is_written_short_is_said_long():
    assert syllables("It is 25.", "en")[0] >= 4
    assert syllables("The BBC said so.", "en")[0] >= 6
    assert syllables("1999年", "zh")[0] >= 5


def test_the_language_of_most_of_it():
    assert syllables("我们今天的会议 meeting 推迟到明天下午。")[1] == "zh"
    assert syllables("The word 你好 is known to everybody in the room.")[1] == "en"


def test_no_words():
    for text in ("", "  ", "…?!", "🙂"):
        assert syllables(text) == (0, "")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.sampled_from(["auto", *LANGUAGES]))
def test_any_text_has_a_count(text: str, language: str):
    found, code = syllables(text, language)
    assert found >= 0
    assert code == "" or code in LANGUAGES


def test_every_language_has_a_pace():
    assert USUAL_PER_S.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_coverage_grows_with_the_words(language: str):
    shares = [covered(said, 10.0, 50, language) for said in (10, 30, 60, 120)]
    assert shares == sorted(shares)
    assert covered(0, 10.0, 50, language) is covered(50, 0.0, 50, language) is covered(50, 10.0, 0, language) is None


def test_scripts():
    assert written_in("Привет, world", "ru")
    assert written_in("東京に行く", "ja")
    assert not written_in("Hello there", "ja")
    assert not written_in("Привет", "en")
    assert written_in("2026", "ru")
