"""Chinese, Japanese and Korean: numbers read back, scripts, width, and figures in any company."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.text.verbal import verbalize
from ttsd.text.verbal.chinese import numerals as chinese
from ttsd.text.verbal.chinese.script import SIMPLE
from ttsd.text.verbal.japanese import numerals as japanese
from ttsd.text.verbal.korean import numerals as korean

LANGUAGES = ("zh", "ja", "ko")
WHOLE = st.integers(0, 10**16 - 1) | st.integers(0, 10**5) | st.integers(1, 16).map(lambda power: 10**power - 1)
PLACES = {"十": 10, "百": 100, "千": 1000, "십": 10, "백": 100, "천": 1000}
GROUPS = {"万": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12, "만": 10**4, "억": 10**8, "조": 10**12}
FIGURES = {
    figure: value
    for figures in ("零一二三四五六七八九", "영일이삼사오육칠팔구")
    for value, figure in enumerate(figures)
}
FIGURES |= {"两": 2, "ゼロ": 0}


def value_of(words: str) -> int:
    """What a numeral says, read as children learn it."""
    total = group = figure = 0
    for word in re.findall("ゼロ|\\S", words):
        if word in FIGURES:
            figure = FIGURES[word]
        elif word in PLACES:
            group, figure = group + (figure or 1) * PLACES[word], 0
        elif word == "亿":
            total, group, figure = (total + group + figure) * GROUPS[word], 0, 0
        else:
            total, group, figure = total + (group + figure or 1) * GROUPS[word], 0, 0
    return total + group + figure


@given(value=WHOLE)
@settings(max_examples=300, deadline=None)
def test_a_numeral_says_its_number(value: int) -> None:
    for numerals in (chinese, japanese, korean):
        assert value_of(numerals.cardinal(str(value))) == value


@given(value=WHOLE)
@settings(deadline=None)
def test_a_zero_stands_wherever_places_are_left_out_in_chinese(value: int) -> None:
    words = chinese.cardinal(str(value))
    assert "零零" not in words
    assert value == 0 or not words.endswith("零")
    if 1000 < value < 10**16 and re.search("[1-9]0+[1-9]", str(value)[-4:]):
        assert "零" in words


def test_native_korean_has_a_word_of_its_own_for_each_number_below_a_hundred() -> None:
    assert len({korean.native(str(value)) for value in range(1, 100)}) == 99
    assert [korean.native(str(value)) for value in (1, 20, 21, 99, 100, 120)] == [
        "한", "스무", "스물한", "아흔아홉", "백", "백스무",
    ]  # fmt: skip


_WRITTEN = """
    0 1 2 5 8 10 12 20 110 800 007 2024 10086 13812345678 1,234 3.5 ０ ２ １２ ３．５ ％ ： ． － 年 月 日 号 楼
    个 個 萬 万 亿 億 点 點 時 时 分 秒 度 元 円 원 개 명 살 시 년 월 일 번 대 만 억 제 第 - ~ 〜 ～ – / : . , %
    ‰ ℃ °C ° $ ¥ ￥ ₩ € km kg m² ㎡ GB km/h A4 MP3 v2.0.1 10:30 3/5 2024-03-05 1/2 ½ ² Ⅲ ① 〒 № # ' + = × x ( )
    （ ） 、 ， 。 は から 에서 是 为 在 打 电话 番号 번호 www.a.cn a@b.jp"""
SHAPES = _WRITTEN.split()
SIMPLIFIED = set(SIMPLE.values()) - set("后里只台系于占余几周划向松卷厘升斗")
"""Without the characters that both scripts have."""


def joined(shapes: list[str]) -> st.SearchStrategy[str]:
    pieces = st.lists(st.tuples(st.sampled_from(shapes), st.sampled_from(["", "", " "])), max_size=16)
    return pieces.map(lambda found: "".join(piece + gap for piece, gap in found))


JOINED = joined(SHAPES)


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=JOINED | st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_figure_of_any_width_is_left(language: str, text: str) -> None:
    said = verbalize(text, language)
    assert not re.search("[0-9０-９Ⅰ-Ⅻ①-⑳½¼¾]", said)


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=joined([shape for shape in SHAPES if not re.search("[@w]", shape)]))
@settings(max_examples=100, deadline=None)
def test_what_is_in_words_stays(language: str, text: str) -> None:
    said = verbalize(text, language)
    assert verbalize(said, language) == said


@pytest.mark.parametrize("written", ["2024年3月5日15:30，2个人花了￥3.50", "打110，第2次，-5℃，50%，2万"])
def test_width_changes_nothing(written: str) -> None:
    wide = written.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.:%"})
    assert verbalize(wide, "zh") == verbalize(written, "zh")


@given(text=joined([shape for shape in SHAPES if not SIMPLIFIED & set(shape)]))
@settings(max_examples=100, deadline=None)
def test_words_in_a_traditional_text_are_traditional(text: str) -> None:
    assert not SIMPLIFIED & set(verbalize(f"這裡說的話{text}", "zh"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["", " ", "，。", "ⅯⅭ", "٣٤", "१२", "9" * 5_000, "1." * 3_000, "-" * 4_000, "2个" * 3_000]
)
def test_odd_text_is_said_or_left(language: str, text: str) -> None:
    assert isinstance(verbalize(text, language), str)
