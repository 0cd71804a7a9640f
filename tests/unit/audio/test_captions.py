"""Captions: read back by a parser that is not ours, and what holds for every text."""

import html
import io

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from ttsd.audio.captions import Cue, Said, cues, srt, vtt
from ttsd.audio.wrapping import LINE, lines, width

LONG = "This is a somewhat longer sentence, which goes on for a while, until it has filled more than one cue."
CHINESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた。"

texts = st.text(
    st.sampled_from("abcdef ghij  ,.-<>&\n\r\t\x00\u2028é한국어中文日本、。」「😀👍🏽\u200d\u0301"), max_size=300
)
times = st.floats(0, 1e6)
timelines = st.lists(st.builds(Said, texts, times, times), max_size=8)
orderly = st.lists(st.tuples(texts, st.floats(0, 1), st.floats(0.1, 20)), max_size=8)


def in_order(parts: list[tuple[str, float, float]]) -> list[Said]:
    """Segments one after the other, each after a pause."""
    found: list[Said] = []
    now = 0.0
    for text, pause, length in parts:
        found.append(Said(text, now + pause, now + pause + length))
        now = found[-1].end_s
    return found


def squeezed(text: str) -> str:
    return "".join(character for character in text if not character.isspace() and character >= " ")


def test_a_short_segment_is_one_cue_at_its_own_time():
    assert list(cues([Said("Hello there.", 0.5, 1.2344)])) == [Cue(("Hello there.",), 500, 1234)]


def test_both_formats_word_for_word():
    timeline = [Said("One <b> & two --> three.", 0, 1.5), Said("Four.", 359_999.9995, 360_001)]
    assert srt(timeline) == (
        "1\n00:00:00,000 --> 00:00:01,500\nOne <b> & two → three.\n\n2\n100:00:00,000 --> 100:00:01,000\nFour.\n"
    )
    assert vtt(timeline) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nOne &lt;b&gt; &amp; two --&gt; three.\n"
        "\n100:00:00.000 --> 100:00:01.000\nFour.\n"
    )


def test_nothing_said_is_an_empty_file_of_its_kind():
    assert (srt([]), vtt([])) == ("", "WEBVTT\n")
    assert (srt([Said(" \n", 0, 1)]), vtt([Said("", 0, 1)])) == ("", "WEBVTT\n")


def test_a_long_segment_shares_its_time_by_length():
    found = list(cues([Said(LONG * 2, 10, 30)]))
    assert (found[0].start_ms, found[-1].end_ms) == (10_000, 30_000)
    speeds = [(cue.end_ms - cue.start_ms) / len(" ".join(cue.lines)) for cue in found]
    assert max(speeds) / min(speeds) < 1.1


def test_lines_are_about_equally_long():
    found = lines(LONG)
    assert len(found) == 3
    assert max(map(len, found)) - min(map(len, found)) <= 12


def test_chinese_and_japanese_lines_have_sixteen_characters_and_keep_their_marks():
    found = lines(CHINESE)
    assert "".join(found) == CHINESE
    assert all(len(line) <= 16 for line in found)
    assert not any(line[0] in "、。」" for line in found)


def test_korean_is_cut_at_its_spaces():
    korean = "안녕하세요 저는 새로운 목소리입니다 오늘은 날씨가 아주 좋아서 밖에서 책을 읽고 싶습니다"
    assert " ".join(lines(korean)) == korean


def test_a_word_that_fits_on_no_line_is_cut():
    found = lines("see https://" + "x" * 100)
    assert all(width(line) <= LINE for line in found)
    assert "".join(found).replace(" ", "") == "seehttps://" + "x" * 100


@pytest.mark.parametrize("letter", ["e\u0301", "👍🏽", "👩\u200d👧"])
def test_what_looks_like_one_character_stays_whole(letter):
    assert all(line.count(letter) * len(letter) == len(line) for line in lines(letter * 100))


@given(texts)
def test_every_character_is_on_a_line(text):
    found = lines(text)
    assert squeezed("".join(found)) == squeezed(text)
    assert all(line and line == line.strip() and width(line) <= LINE for line in found)


@given(timelines)
def test_cues_never_overlap_and_never_run_backwards(timeline):
    now_ms = 0
    for cue in cues(timeline):
        assert now_ms <= cue.start_ms < cue.end_ms
        assert 1 <= len(cue.lines) <= 2
        now_ms = cue.end_ms


@given(orderly)
def test_every_word_is_shown_while_it_is_said(parts):
    timeline = in_order(parts)
    found = list(cues(timeline))
    shown = "".join("".join(cue.lines) for cue in found)
    assert squeezed(shown) == squeezed("".join(said.text for said in timeline))
    for cue in found:
        during = [said for said in timeline if said.start_s <= (cue.start_ms + cue.end_ms) / 2000 <= said.end_s]
        assert any(squeezed("".join(cue.lines)) in squeezed(said.text) for said in during)


@given(orderly)
def test_another_parser_reads_the_same(parts):
    timeline = in_order([(text.replace("\x00", ""), pause, length) for text, pause, length in parts])
    expected = [(cue.start_ms, cue.end_ms, list(cue.lines)) for cue in cues(timeline)]
    assert read(webvtt.from_string(vtt(timeline))) == expected
    if expected:  # it wants at least one cue in SRT
        arrowless = [(start, end, [line.replace("-->", "→") for line in shown]) for start, end, shown in expected]
        found = webvtt.from_buffer(io.StringIO(srt(timeline)), format="srt")
        assert read(found, escaped=False) == arrowless


def read(found: webvtt.WebVTT, *, escaped: bool = True) -> list[tuple[int, int, list[str]]]:
    return [
        (
            milliseconds(cue.start_time),
            milliseconds(cue.end_time),
            [html.unescape(line) if escaped else line for line in cue.lines],
        )
        for cue in found
    ]


def milliseconds(time) -> int:
    return ((time.hours * 60 + time.minutes) * 60 + time.seconds) * 1000 + time.milliseconds
