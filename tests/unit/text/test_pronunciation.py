"""Pinyin, kana, IPA and respellings, told apart."""

import pytest

from ttsd.text.pronunciation import Reading, bracketed, pinyin, reading


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("hè", "hè"),
        ("he4", "hè"),
        ("chóng qìng", "chóng qìng"),
        ("chóngqìng", "chóng qìng"),
        ("Chong2qing4", "chóng qìng"),
        ("Xī'ān", "xī ān"),
        ("xīān", "xī ān"),
        ("xiān", "xiān"),
        ("fāngàn", "fān gàn"),
        ("lǜ", "lǜ"),
        ("lv4 nu:3 lü4", "lǜ nǚ lǜ"),
        ("gui4 jiu3 dou1 xiong2", "guì jiǔ dōu xióng"),
        ("mā ma", "mā ma"),
        ("ma1 ma5", "mā ma"),
        ("huār", "huār"),
        ("hua1r4", ""),
        ("ěr", "ěr"),
        ("chongqing", ""),
        ("a1", ""),
        ("b2", ""),
        ("China1", ""),
        ("word4", ""),
        ("café", ""),
        ("1234", ""),
        ("", ""),
    ],
)
def test_pinyin(text: str, syllables: str) -> None:
    assert " ".join(pinyin(text)) == syllables


@pytest.mark.parametrize(
    ("before", "given", "expected"),
    [
        ("他要和", "hè", (1, Reading("zh", "hè"))),
        ("去重庆", "chóng qìng", (2, Reading("zh", "chóng qìng"))),
        ("开花儿", "huār", (2, Reading("zh", "huār"))),
        ("和", "chóng qìng", None),
        ("他说", "笑", None),
        ("他说", "laughs", None),
        ("漢字", "かんじ", (2, Reading("ja", "かんじ"))),
        ("東京", "とう きょう", (2, Reading("ja", "とうきょう"))),
        ("海老", "えび", (2, Reading("ja", "えび"))),
        ("志", "こころざし", (1, Reading("ja", "こころざし"))),
        ("参加者", "のみ", None),
        ("学校", "など", None),
        ("木", "これはとてもながい", None),
    ],
)
def test_what_brackets_say(before: str, given: str, expected: tuple[int, Reading] | None) -> None:
    assert bracketed(before, given) == expected


@pytest.mark.parametrize(
    ("word", "given", "expected"),
    [
        ("lead", "lɛd", Reading("ipa", "lɛd")),
        ("read", "/red/", Reading("ipa", "red")),
        ("GPT-4", "gee pee tee four", Reading("say", "gee pee tee four")),
        ("和", "hé", Reading("zh", "hé")),
        ("和诗", "hé", Reading("say", "hé")),
        ("食べる", "たべる", Reading("ja", "たべる")),
        ("x", "a|b", None),
        ("x", "a > b", None),
        ("x", "", None),
        ("x", "y" * 101, None),
    ],
)
def test_a_reading_is_known_by_its_letters(word: str, given: str, expected: Reading | None) -> None:
    assert reading(word, given) == expected
