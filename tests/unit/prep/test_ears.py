"""The listening program without its packages, and what it has heard when it has them, held against a transcript."""

import tomllib
from pathlib import Path

import pytest

from tests.prep_program import running
from ttsd.prep import ears
from ttsd.protocol.ears import FromEars, Recognise
from ttsd.protocol.prep import PrepFailed, PrepPing, PrepPong
from ttsd.text.comparing import errors


def test_what_is_missing_is_named_with_the_way_out():
    assert ears.missing() == list(ears.PACKAGES), "the ears stay out of the environment of the tests"
    with running("ttsd.prep.ears", FromEars) as prep:
        assert prep.ask(PrepPing(1)) == PrepPong(1)
        refused = prep.ask(Recognise(2, "clip.wav", "Hello.", "en"))
    assert isinstance(refused, PrepFailed)
    assert refused.error.code == "cannot_listen"
    assert refused.error.message.endswith(ears.INSTALL)
    assert all(name in refused.error.message for name in ears.PACKAGES)


def test_the_way_out_installs_what_is_missing():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    extra = " ".join(project["optional-dependencies"]["ears"])
    assert [name for name in ears.PACKAGES if name not in extra] == [ears.TIMBRE]
    assert ears.TIMBRE in ears.INSTALL


@pytest.mark.parametrize(
    ("language", "said", "heard", "wrong", "of"),
    [
        ("en", "One two three. Four five.", "one, two three", 2, 5),
        ("en", "One two.", "one two three four", 2, 2),
        ("zh", "今天很好。我们走吧。", "今天很好", 4, 8),
        ("en", "", "anything", 1, 0),
        ("auto", "Guten Abend", "guten abend", 0, 2),
    ],
)
def test_a_sentence_that_is_missing_counts_word_by_word(language, said, heard, wrong, of):
    assert errors(said, heard, language) == (wrong, of)
