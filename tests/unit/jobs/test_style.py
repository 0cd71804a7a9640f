"""Style: what the amounts move, in one direction each; nothing at 50; the table in the docs is the truth."""

import itertools
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.jobs import style
from ttsd.jobs.speaker import VoiceSettings
from ttsd.protocol.engine import Delivery
from ttsd.protocol.speech import Segment, Span, Style

AMOUNTS = st.integers(0, 100)
SEGMENT = Segment((Span("en", "A sentence."),), 400)
DOCS = Path(__file__).parents[3] / "docs" / "style.md"
LINES = {
    ("clarity", "pace"): style.PACE,
    ("clarity", "pauses"): style.PAUSES,
    ("clarity", "temperature"): style.CRISPNESS,
    ("naturalness", "detail"): style.DETAIL,
    ("naturalness", "pauses vary by"): style.PAUSE_VARIATION,
    ("naturalness", "pace varies by"): style.TEMPO_VARIATION,
    ("emotion", "temperature"): style.WARMTH,
    ("emotion", "pitch range"): style.PITCH_RANGE,
}


def test_left_alone_nothing_is_moved():
    for untouched in (Style(), Style(50, 50, 50)):
        assert style.delivery(untouched) == Delivery()
        assert style.speed(1.25, untouched, "A sentence.", 7) == 1.25
        assert style.pause_ms(SEGMENT, untouched, 7) == 400
        assert style.variant(untouched) == ""


@pytest.mark.parametrize("line", LINES.values(), ids=[" ".join(name) for name in LINES])
def test_each_amount_moves_in_one_direction(line: style.Line):
    values = [line.at(amount) for amount in range(101)]
    steps = [after - before for before, after in itertools.pairwise(values)]
    assert all(step >= 0 for step in steps) or all(step <= 0 for step in steps)
    assert values[0] != values[100]
    assert (values[0], values[50], values[100]) == line


@given(AMOUNTS, AMOUNTS)
def test_clearer_is_slower_with_longer_pauses_and_less_chance(one: int, other: int):
    less, more = (Style(clarity=amount) for amount in sorted((one, other)))
    assert style.speed(1.0, less, "A.", 0) >= style.speed(1.0, more, "A.", 0)
    assert style.pause_ms(SEGMENT, less, 0) <= style.pause_ms(SEGMENT, more, 0)
    assert style.delivery(less).temperature >= style.delivery(more).temperature


@given(AMOUNTS, AMOUNTS)
def test_more_emotion_is_a_wider_range(one: int, other: int):
    less, more = (Style(emotion=amount) for amount in sorted((one, other)))
    assert style.delivery(less).pitch_range <= style.delivery(more).pitch_range
    assert style.delivery(less).temperature <= style.delivery(more).temperature
    order = [style.CALM, "", style.LIVELY]
    assert order.index(style.variant(less)) <= order.index(style.variant(more))


@given(st.text(max_size=20), st.integers(0, 2**63 - 1), AMOUNTS, st.floats(0.5, 2.0))
def test_speed_and_pauses_stay_within_bounds_and_are_the_same_each_time(
    text: str, seed: int, amount: int, asked: float
):
    asked_for = Style(amount, 100 - amount, amount)
    segment = Segment((Span("en", text),), 400)
    speed, pause = style.speed(asked, asked_for, text, seed), style.pause_ms(segment, asked_for, seed)
    assert 0.5 <= speed <= 2.0
    assert 200 <= pause <= 800
    assert (speed, pause) == (style.speed(asked, asked_for, text, seed), style.pause_ms(segment, asked_for, seed))


def test_natural_pauses_and_tempo_differ_from_sentence_to_sentence():
    natural = Style(naturalness=100)
    pauses = {style.pause_ms(Segment((Span("en", f"Sentence {n}."),), 400), natural, 0) for n in range(50)}
    speeds = {style.speed(1.0, natural, f"Sentence {n}.", 0) for n in range(50)}
    assert len(pauses) > 25
    assert len(speeds) > 25
    assert 280 <= min(pauses) < 340
    assert 460 < max(pauses) <= 520
    assert 0.95 <= min(speeds) < 0.98
    assert 1.02 < max(speeds) <= 1.05


def test_a_pause_that_was_asked_for_stays_as_it_is():
    asked = msgspec.structs.replace(SEGMENT, pause_asked=True)
    assert style.pause_ms(asked, Style(100, 100, 100), 0) == 400


def test_what_is_left_open_is_taken_from_the_other():
    assert Style(clarity=80).or_else(Style(10, 20)) == Style(80, 20)


def test_the_engine_is_asked_for_it():
    asked = VoiceSettings("heart", style=Style(clarity=100, emotion=0)).request(SEGMENT)
    assert asked.speed == 0.9
    assert asked.delivery == Delivery(temperature=0.56, pitch_range=0.6)


def test_the_table_in_the_docs_is_the_truth():
    rows = re.findall(r"^\| (\w+) \| ([\w ]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", DOCS.read_text(), re.MULTILINE)
    said = {(row[0], row[1]): tuple(map(_number, row[2:])) for row in rows if row[0] != "amount"}
    assert said == LINES


def _number(cell: str) -> float:
    factor = re.fullmatch(r"× (\d\.\d+)|± (\d+) %|as it is|none", cell.strip())
    assert factor, cell
    if factor[1]:
        return float(factor[1])
    return int(factor[2]) / 100 if factor[2] else float(cell.strip() == "as it is")
