"""Subtitles as people write them: what is said, and when."""

import time

import pytest

from ttsd.ingest.contents import Cue
from ttsd.ingest.subtitles import read_subtitles
from ttsd.protocol.errors import UnreadableDocument
from ttsd.text.normalize import Block, Kind

SRT = """1
00:00:01,000 --> 00:00:02,500 X1:100 X2:200
<i>Hello</i> {\\an8}there,
<font color="red">Tom & Ann</font>.

2
00:00:03.000 --> 00:00:04.000
- Who?
–Me.
-5 degrees.

3
00:00:05,000-->00:00:06,000
♪ ♪

4
00:00:07,000 --> 00:00:08,000
I <3 you, a < b

1984
"""

VTT = """WEBVTT - A title
Kind: captions

STYLE
::cue { color: red }

NOTE 1 of 2
not this

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Roger Bingham>We are <c.yellow>here</c> <00:00:01.500>now &amp; then

1:00:03.000 --> 1:00:04.000
<v.loud Mary>Hi</v>
<lang fr>second</lang> <ruby>漢<rt>kan</rt></ruby>
"""


def lines(*texts: str) -> list[Block]:
    return [Block(text, Kind.LINE) for text in texts]


def said(text: str, suffix: str = ".srt") -> list[tuple[float, float, str]]:
    cues = read_subtitles(text, suffix).cues
    return [(cue.start_s, cue.end_s, " / ".join(block.text for block in cue.blocks)) for cue in cues]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_srt(line_end: str):
    assert read_subtitles(SRT.replace("\n", line_end), ".srt").cues == [
        Cue(lines("Hello there, Tom & Ann."), 1.0, 2.5),
        Cue(lines("Who?", "Me. -5 degrees."), 3.0, 4.0),
        Cue(lines("I <3 you, a < b 1984"), 7.0, 8.0),
    ]


def test_vtt():
    expected = [
        Cue(lines("We are here now & then"), 1.0, 2.5),
        Cue(lines("Hi second 漢"), 3603.0, 3604.0),
    ]
    assert read_subtitles(VTT, ".vtt").cues == expected
    assert read_subtitles(VTT, ".srt").cues == expected


@pytest.mark.parametrize(
    ("text", "suffix", "expected"),
    [
        ("00:00:01,000 --> 00:00:02,000\none\n\n00:00:03,000 --> 00:00:04,000\ntwo", ".srt", ["one", "two"]),
        ("\n\n1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo", ".srt", ["one", "two"]),
        ("A title\n\n1\n00:00:01,000 --> 00:00:02,000\none\n", ".srt", ["one"]),
        ("1\n00:00:01,000 --> 00:00:02,000\n今天天气\n很好。\n", ".srt", ["今天天气很好。"]),
        ("1\n00:00:01,000 --> 00:00:02,000\nA --> B\n", ".srt", ["A --> B"]),
        ("00:01.000 --> 00:02.000\nno header\n", ".vtt", ["no header"]),
        ("WEBVTT\n00:01.000 --> 00:02.000\nat once\n", ".vtt", ["at once"]),
    ],
)
def test_what_is_common_in_the_wild(text: str, suffix: str, expected: list[str]):
    assert [words for _, _, words in said(text, suffix)] == expected


def test_cues_come_by_their_starts_and_overlaps_stay():
    text = (
        "1\n00:00:05,000 --> 00:00:09,000\nlate\n\n2\n00:00:01,000 --> 00:00:06,000\nearly\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nlate, too\n"
    )
    assert said(text) == [(1.0, 6.0, "early"), (5.0, 9.0, "late"), (5.0, 6.0, "late, too")]


@pytest.mark.parametrize("suffix", [".srt", ".vtt"])
def test_a_cue_that_ends_before_it_starts_has_no_length(suffix: str):
    mark = "," if suffix == ".srt" else "."
    assert said(f"1\n00:00:09{mark}000 --> 00:00:05{mark}000\nbackwards\n", suffix) == [(9.0, 9.0, "backwards")]


@pytest.mark.parametrize(
    ("text", "suffix", "says"),
    [
        ("just a text\n", ".srt", "no subtitles in it: no line like '00:00:01,000 --> 00:00:02,500'"),
        ("WEBVTT\n\nNOTE nothing\n", ".vtt", "no subtitles in it"),
        ("", ".vtt", "no subtitles in it"),
        ("1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:00:03 --> 00:00:04\ntwo", ".srt", "line 6: these times"),
        ("1\n00:00:0x,000 --> 00:00:02,000\none\n", ".srt", "'00:00:0x,000 --> 00:00:02,000'; write them like"),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\none\n", ".vtt", "line 3: these times"),
        ("1\n" + "9" * 5000 + ":00:01,000 --> 100:00:02,000\none\n", ".srt", "line 2: these times"),
        ("WEBVTT\n\n00:99.000 --> 02:00.000\none\n", ".vtt", "line 3: these times"),
        (
            "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n98:00:02,000 --> 98:00:03,000\nfar\n",
            ".srt",
            "line 6: begins more",
        ),
        ("WEBVTT\n\n24:00:00.001 --> 24:00:02.000\nfar\n", ".vtt", "more than 24 hours after the start"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, suffix: str, says: str):
    with pytest.raises(UnreadableDocument) as caught:
        read_subtitles(text, suffix)
    assert says in caught.value.message


def test_ten_thousand_cues():
    text = "".join(
        f"{n}\n{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},000 --> {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},900\n"
        f"<i>Line {n}</i> &amp; more\n\n"
        for n in range(10_000)
    )
    start = time.process_time()
    found = said(text)
    assert (len(found), found[9_999]) == (10_000, (9999.0, 9999.9, "Line 9999 & more"))
    assert time.process_time() - start < 10


@pytest.mark.parametrize("unit", ["<", "{\\", "1\n", "-", "\n", "00:00:01,000 --> ", "-->", "<1", "&"])
def test_no_text_takes_long(unit: str):
    text = "1\n00:00:01,000 --> 00:00:02,000\nword " + unit * (300_000 // len(unit))
    start = time.process_time()
    said(text)
    assert time.process_time() - start < 5
