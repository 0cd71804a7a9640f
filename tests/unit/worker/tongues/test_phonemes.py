"""Text to phonemes, language by language."""

import pytest

from ttsd.worker.tongues import alphabet, kana
from ttsd.worker.tongues.chinese import Chinese


@pytest.fixture(scope="module")
def chinese() -> Chinese:
    return Chinese(lambda word: f"<{word}>")


@pytest.mark.parametrize(
    ("pinyin", "phonemes"),
    [
        ("hè", "xɤ↘"),
        ("huó", "xwo↗"),
        ("zhī", "ꭧɨ→"),
        ("cí", "ʦʰɨ↗"),
        ("nǚ", "ny↓"),
        ("yuè", "ɥe↘"),
        ("liú shuǐ", "ljou↗ʂwei↓"),
        ("chóng qìng", "ꭧʰʊ↗ŋʨʰi↘ŋ"),
        ("wán", "wa↗n"),
        ("er2", "ɚ↗"),
        ("de", "tɤ"),
        ("ma5", "ma"),
    ],
)
def test_pinyin(chinese, pinyin: str, phonemes: str):
    assert chinese.reading(pinyin) == phonemes


@pytest.mark.parametrize("reading", ["", "hɤ", "xyz", "kana かな"])
def test_what_is_no_pinyin_is_no_reading(chinese, reading: str):
    assert chinese.reading(reading) == ""


def test_every_syllable_of_a_chinese_text_sounds(chinese):
    spoken = chinese.phonemes("银行的行长，重新去了重庆。")
    assert spoken == "i↗nxa↗ŋ tɤ xa↗ŋꭧa↓ŋ, ꭧʰʊ↗ŋɕi→n ʨʰy↘ lɤ ꭧʰʊ↗ŋʨʰi↘ŋ."


def test_letters_and_digits_in_chinese_are_read(chinese):
    assert "<A>" in chinese.phonemes("A股")
    assert chinese.phonemes("3") == chinese.phonemes("三")


def test_all_katawrittenhas_a_sound():
    assert [c for c in map(chr, range(0x30A1, 0x30FB)) if not kana.phonemes(c)] == []


@pytest.mark.parametrize(
    ("written", "long"),
    [
        ("クウキ", "クーキ"),
        ("オオサカ", "オーサカ"),
        ("キュウ", "キュー"),
        ("ケイイ", "ケーイ"),
        ("オオウラ", "オーウラ"),
        ("アオイ", "アオイ"),
    ],
)
def test_long_vowels(written: str, long: str):
    assert kana.lengthened(written) == long


def test_ipa_in_the_letters_of_the_model():
    assert alphabet.kokoro("vit͡ʃˈino") == alphabet.kokoro("vitʃˈino") == "viʧˈino"
    assert alphabet.kokoro("nˈɔøn") == "nˈYn"
    assert alphabet.english("/'lɛd/") == "ˈlɛd"
    assert alphabet.english("ˈriːd") == "ˈɹid"
