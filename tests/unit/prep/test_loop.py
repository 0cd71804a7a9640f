"""What each request is answered with."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from ttsd.prep import loop
from ttsd.prep.loop import answer
from ttsd.protocol.prep import Prepared, PrepareDocument, PrepareText, PrepFailed, PrepPing, PrepPong


def test_a_ping():
    assert answer(PrepPing(7)) == PrepPong(7)


def test_text_becomes_segments():
    found = answer(PrepareText(1, "This is it. ¿Cómo estás?", "auto"))
    assert isinstance(found, Prepared)
    assert [(segment.text, segment.spans[0].language) for segment in found.segments] == [
        ("This is it.", "en"),
        ("¿Cómo estás?", "es"),
    ]
    assert (found.id, found.sha256) == (1, "")


def test_a_document_becomes_segments_settings_and_a_sum(tmp_path: Path):
    path = tmp_path / "source"
    path.write_text("+++\nlanguage = 'german'\nseed = 3\n+++\nHello.")
    found = answer(PrepareDocument(2, str(path), ".txt", "en"))
    assert isinstance(found, Prepared)
    assert found.segments[0].spans[0].language == "de"
    assert found.front_matter.seed == 3
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_parsers_are_left_alone_until_their_types_come():
    parsers = {"lxml", "webvtt", "markdown_it", "csv", "zipfile"}
    program = f"import sys; import ttsd.prep.loop; print(sorted({parsers} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (PrepareText(1, "…"), "nothing_to_say"),
        (PrepareText(1, "Γειά σου"), "unsupported_language"),
        (PrepareDocument(1, "/nowhere", ".txt"), "unreadable_document"),
        (PrepareDocument(1, "/dev/null", ".txt"), "unreadable_document"),
        (PrepareDocument(1, __file__, ".txt", max_bytes=10), "too_large"),
    ],
)
def test_a_failure_is_an_answer(message, code):
    found = answer(message)
    assert isinstance(found, PrepFailed)
    assert (found.id, found.error.code) == (1, code)


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_a_text_that_needs_too_much_fails_alone(monkeypatch, error):
    def exhausted(*_: object):
        raise error

    monkeypatch.setattr(loop, "text_segments", exhausted)
    found = answer(PrepareText(1, "Hello."))
    assert isinstance(found, PrepFailed)
    assert found.error.code == "unreadable_document"
