"""What of a text a log line may repeat: nothing that could be read as a piece of it."""

import asyncio
import json
import logging

import pytest

from ttsd import log as ttsd_log
from ttsd.config import Log
from ttsd.log.discretion import discreet, printed, quoting

TEXT = "Dear Anna, the parcel has come.\nIt was 很重的包裹, wasn’t it?"
logger = ttsd_log.get_logger("ttsd.test")


@pytest.mark.parametrize(
    "said",
    [
        "no sound for the parcel has come",
        f"no sound for {TEXT!r}",
        f"no sound for {TEXT}",
        f"no sound for {TEXT!a}",
        "unknown word 'Anna'",
        'unknown word "Anna"',
        "no voice for 重的包",
        "no voice for '包'",
    ],
)
def test_what_is_quoted_of_a_text_is_hashed(said):
    shown = discreet(said, [TEXT])
    assert shown.startswith(said[:8])
    assert "sha256:" in shown
    assert not any(piece in shown for piece in ("Anna", "parcel", "重的", "包", r"\u5305"))


@pytest.mark.parametrize(
    "said",
    ["", "no sound", "the engine had come to nothing", "Anna's voice", "a voice 'Bert'", "'' is no word", "voice 很"],
)
def test_what_only_shares_words_with_a_text_stays(said):
    assert discreet(said, [TEXT]) == said


def test_a_text_that_hides_in_another_is_hidden_too():
    assert discreet("xx the parcel has come.", ["nothing", TEXT]).startswith("xx sha256:")


def test_a_message_about_a_text_that_nobody_has_loses_its_quotations():
    said = "front matter: unknown key 'secret'; row 1's \"other secret\" isn't a name, 'it\\'s'"
    assert quoting(said).full == said
    assert "secret" not in quoting(said).bare
    assert quoting(said).bare.startswith("front matter: unknown key sha256:")
    assert quoting("Expected '=' after a key").bare == "Expected '=' after a key"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  File "/x/y.py", line 3 in read', '  File "/x/y.py", line 3 in read'),
        ("Fatal Python error: Segmentation fault", "Fatal Python error: Segmentation fault"),
        ("ValueError: secret", "ValueError: sha256:"),
        ("/x/y.py:3: UserWarning: secret", "/x/y.py:3: UserWarning: sha256:"),
        ("secret", "sha256:"),
    ],
)
def test_of_a_printed_line_places_and_kinds_of_errors_stay(line, shown):
    assert printed(line).full == line
    assert printed(line).bare.startswith(shown)
    assert "secret" not in printed(line).bare


@pytest.mark.parametrize(("mode", "there"), [("hash", False), ("full", True)])
async def test_a_task_that_was_told_a_text_and_those_it_starts_log_no_quotation_of_it(tmp_path, mode, there):
    def fail() -> None:
        raise ValueError(f"cannot say {TEXT}")

    async def inner() -> None:
        logger.warning("job.failed", job="j1", reason=f"no voice for {TEXT!r}")
        logging.getLogger("library").error("bad text: %s", TEXT)
        try:
            fail()
        except ValueError:
            logger.exception("job.crashed")

    async def outer() -> None:
        ttsd_log.confide(TEXT, None)
        await asyncio.create_task(inner())

    with ttsd_log.configure(Log(log_text=mode), tmp_path):
        await asyncio.create_task(outer())
        logger.info("unrelated", reason="the parcel has come")
    told = (tmp_path / "ttsd.log").read_text()
    *about_it, unrelated = map(json.loads, told.splitlines())
    assert [line["event"] for line in about_it[::2]] == ["job.failed", "job.crashed"]
    assert unrelated["reason"] == "the parcel has come"
    assert [("Anna" in json.dumps(line)) for line in about_it] == [there] * 3
    assert all("很重" in json.dumps(line, ensure_ascii=False) for line in about_it) == there
