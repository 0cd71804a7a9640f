"""How the benchmark `listening` counts what was heard, and that its sentences are what it says of them."""

import pytest

from benchmarks.hearing import Heard, errors_by_sound, recognised
from benchmarks.languages import Saying, Take, pieces, sayings, voices_table
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.comparing import distance, errors
from ttsd.text.segment import text_segments
from ttsd.text.verbal import verbalize

SENTENCES, MIXED = sayings()


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "axc", 1), ("abc", "bc", 1), ("ab", "xaby", 2)],
)
def test_distance_counts_what_is_missing_added_and_replaced(said, heard, wrong):
    assert distance(said, heard) == wrong


def test_what_stands_around_a_run_costs_nothing():
    assert distance("ab", "xaby", anywhere=True) == 0
    assert recognised("please wait", "他们说Please wait，我们", "en") == 1
    assert recognised("please wait", "他们说不要走，我们", "en") < 0.2


@pytest.mark.parametrize(
    ("language", "said", "heard", "wrong", "of"),
    [
        ("en", "It costs $17 today.", "it costs seventeen dollars today", 0, 5),
        ("en", "It costs $17 today.", "It costs $70 today.", 1, 5),
        ("de", "Er kommt um 14:20 Uhr.", "Er kommt um 14 Uhr 20.", 0, 6),
        ("fr", "L'heure du thé", "l’heure du the", 1, 3),
        ("zh", "一碗只要28元。", "一碗只要二十八元", 0, 8),
        ("ko", "오후 3시에", "오후세시에", 0, 5),
        ("ru", "Ещё раз!", "еще раз", 0, 2),
    ],
)
def test_how_figures_marks_and_case_are_written_is_no_error(language, said, heard, wrong, of):
    assert errors(said, heard, language) == (wrong, of)


def test_what_sounds_alike_is_counted_apart():
    assert errors("他在图书馆", "她在图书管", "zh").wrong == 2
    assert errors_by_sound("他在图书馆", "她在图书管", "zh") == (0, 5)
    assert errors_by_sound("花に水", "鼻に水", "ja") == (0, 5)
    assert errors_by_sound("hello", "hollow", "en") is None


def test_a_sound_falls_apart_at_its_silences_and_at_nothing_shorter():
    sound, breath, silence = b"\1\0\0\1" * 500, bytes(2 * 1000), bytes(2 * 1700)
    assert pieces(sound + breath + sound + silence + sound) == [sound + breath + sound, sound]
    assert pieces(silence + sound + silence) == [sound]


def test_voices_are_compared_that_were_heard_twice():
    def take(voice: str, *timbre: float) -> Take:
        return Take(Saying("", voice), Heard("", "", "en", 1.0, timbre, None, 1.0, 1.0))

    table = voices_table(
        [take("anna", 1, 0), take("anna", 0.8, 0.6), take("bo", 0, 1), take("bo", 0, 1), take("cy", 1, 0)]
    )
    assert [row.median for row in table.rows] == [pytest.approx(0.8), pytest.approx(0.3)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_sentences_enough_with_figures_among_them_and_is_known_by_them(language):
    texts = SENTENCES[language]
    assert len(texts) >= 8
    assert sum(verbalize(text, language) != text for text in texts) >= 3
    assert {span.language for text in texts for part in text_segments(text) for span in part.spans} == {language}


@pytest.mark.parametrize("text", MIXED)
def test_a_mixed_sentence_has_two_languages(text):
    assert len({span.language for part in text_segments(text) for span in part.spans}) == 2
