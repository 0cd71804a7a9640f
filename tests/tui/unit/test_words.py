"""Figures and bars as they read on the screen."""

import pytest

from tui import bars, words


@pytest.mark.parametrize(
    ("seconds", "short", "position"),
    [
        (0.04, "0.0 s", "0:00.0"),
        (7.44, "7.4 s", "0:07.4"),
        (9.96, "10 s", "0:10.0"),
        (59.4, "59 s", "0:59.4"),
        (185, "3:05", "3:05.0"),
        (7800, "2 h 10", "130:00.0"),
        (345_600, "4 d", "5760:00.0"),
    ],
)
def test_lengths_and_positions(seconds: float, short: str, position: str):
    assert words.duration(seconds) == short
    assert words.clock(seconds) == position


def test_ages_are_coarse():
    ages = [words.age(seconds) for seconds in (-3, 4, 40, 300, 7300, 200_000)]

    assert ages == ["now", "now", "40 s", "5 min", "2 h", "2 d"]


def test_sizes_and_counts():
    assert [words.size(count) for count in (12, 2048, 812 * 2**20, 3.25 * 2**30, 5 * 2**40)] == [
        "12 B",
        "2 KB",
        "812 MB",
        "3.2 GB",
        "5.0 TB",
    ]
    assert [words.counted(number, "job") for number in (0, 1, 1234)] == ["0 jobs", "1 job", "1,234 jobs"]
    assert [words.milliseconds(value) for value in (41.4, 1234)] == ["41 ms", "1.2 s"]
    assert words.percent(0.314) == "31 %"
    assert [words.language(code) for code in ("en", "xx")] == ["English", "xx"]


def test_control_characters_cannot_reach_the_terminal():
    assert words.plain("a\nb\x1b[31m\x07\x9b\x7f") == "a b␛[31m␇\ufffd␡"


def test_titles_are_cut_by_cells_not_by_letters():
    assert words.fitted("short", 8) == "short   "
    assert words.fitted("会议纪要会议", 8) == "会议纪… "


def test_text_is_wrapped_between_words_and_by_cells():
    assert words.wrapped("one two three", 8) == ["one two", "three"]
    assert words.wrapped("会议今天会议推迟", 6) == ["会议今", "天会议", "推迟"]
    assert words.wrapped("abcdefgh i", 4) == ["abcd", "efgh", "i"]
    assert words.wrapped("", 4) == [""]


def test_columns_grow_in_eighths_and_never_vanish():
    assert bars.columns([0, 0.001, 0.5, 1], 1) == [" ▁▄█"]
    assert bars.columns([0.25, 0.75, 2.0], 2) == [" ▄█", "▄██"]


def test_a_thin_line_is_exact_to_half_a_cell():
    assert bars.line(0.5, 4) == ("━━", "──")
    assert bars.line(0.375, 4) == ("━╸", "──")
    assert bars.line(7, 3) == ("━━━", "")


def test_many_values_are_squeezed_by_their_peaks():
    assert bars.squeezed([1, 5, 2, 3, 9, 4], 3) == [5, 3, 9]
    assert bars.squeezed([1, 2], 3) == [1, 2]
    assert bars.squeezed([1, 2], 0) == []


def test_a_history_grows_from_the_right():
    assert bars.newest([1, 2, 3], 2) == [2, 3]
    assert bars.newest([1], 3) == [0.0, 0.0, 1]
    assert bars.newest([1], 0) == []
