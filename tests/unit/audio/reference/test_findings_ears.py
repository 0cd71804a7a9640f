"""What listening finds: texts that differ, and voices that do."""

import pytest

from ttsd.audio.reference.findings_ears import DIFFERS_PERCENT, QUOTED, UNLIKE, likeness, words
from ttsd.protocol.ears import Recognised


def heard(text: str = "", wrong: int = 0, of: int = 10, timbre: tuple[float, ...] = (1.0, 0.0)) -> Recognised:
    return Recognised(1, text, wrong, of, timbre)


@pytest.mark.parametrize(("wrong", "code"), [(0, "heard"), (3, "heard"), (4, "heard_differs"), (12, "heard_differs")])
def test_a_transcript_that_differs_beyond_the_bound_is_warned_of(wrong, code):
    found = words("as it is written", heard("as it is heard", wrong))
    assert (found.code, found.value, found.unit) == (code, 10.0 * wrong, "%")
    assert (found.value > DIFFERS_PERCENT) == (found.level == "warning") == bool(found.remedy)


def test_both_texts_are_told_and_long_ones_are_cut():
    found = words("as it  is\nwritten", heard("long " * 100, 9))
    assert "says “as it is written”, what is heard is “long" in found.message
    assert len(found.message) < 2 * QUOTED


def test_what_is_heard_helps_whoever_has_no_transcript():
    found = words("", heard("good evening", 2, 0))
    assert (found.code, found.level) == ("heard", "note")
    assert "“good evening”" in found.message
    assert "--transcript" in found.remedy


@pytest.mark.parametrize(
    ("cosine", "code"), [(1.0, "alike"), (UNLIKE, "alike"), (UNLIKE - 0.01, "unlike"), (-1.0, "unlike")]
)
def test_a_variant_of_another_voice_is_warned_of(cosine, code):
    found = likeness(heard(), heard(timbre=(cosine, (1 - cosine**2) ** 0.5)))
    assert (found.code, found.value) == (code, cosine)
    assert (found.level == "warning") == bool(found.remedy) == (code == "unlike")
