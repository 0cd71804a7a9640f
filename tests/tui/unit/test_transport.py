"""Going back and forth in a take."""

import pytest

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui.take import Phrase, Take
from tui.transport import stepped

S = SAMPLE_RATE_HZ


@pytest.fixture
def take() -> Take:
    """Phrases at 0, 2 and 5 s; 9 s long."""
    return Take(phrases=tuple(Phrase(n, f"{n}.", at * S) for n, at in enumerate((0, 2, 5))), samples=9 * S)


@pytest.mark.parametrize(
    ("heard_s", "phrases", "expected_s"),
    [
        (0.0, 0, 0),
        (3.5, 0, 2),
        (3.5, -1, 2),
        (2.5, -1, 0),
        (0.2, -1, 0),
        (7.0, -2, 2),
        (3.5, 1, 5),
        (3.5, 2, 9),
        (6.0, 1, 9),
        (9.0, -1, 5),
    ],
)
def test_a_step_goes_to_the_beginning_of_a_phrase(take, heard_s, phrases, expected_s):
    assert stepped(take, round(heard_s * S), phrases) == expected_s * S


def test_a_take_without_phrases_has_only_its_beginning_and_end():
    assert stepped(Take(samples=10), 5, 1) == 10
    assert stepped(Take(), 0, -1) == 0
