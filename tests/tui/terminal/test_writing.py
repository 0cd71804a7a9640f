"""Writing in a real terminal: what input methods deliver, long pastes, and a program that is killed."""

import os
import signal
import time

import pytest

from tests.waiting import wait_for


@pytest.fixture
def opened(make_daemon, open_terminal, tmp_path):
    """The app, ready, on a real daemon."""
    daemon = make_daemon().start()

    def run(**options):
        terminal = open_terminal(daemon.socket, XDG_STATE_HOME=str(tmp_path / "state"), **options)
        terminal.shows("● ready", "Write")
        return terminal

    return run


def test_composed_text_is_spoken_as_it_is_delivered(opened):
    terminal = opened()
    row = 3
    for burst, phrase in (
        ("今天天气很好，", "今天天气很好，"),
        ("我们去公园散步。", "我们去公园散步。"),
        ("東京へ行きます。", "東京へ行きます。"),
        ("안녕하세요, ", "안녕하세요,"),
    ):
        terminal.write(burst)
        terminal.shows(f"✓ {phrase}")
    # Two cells of frame before the text, two cells for each character of 28, then the comma and the space.
    wait_for(lambda: terminal.cursor == (2 + 2 * 28 + 2, row), 10, "the cursor behind the text")
    terminal.press("Left", "Left", "Left")
    wait_for(lambda: terminal.cursor == (2 + 2 * 27, row), 10, "the cursor before a syllable")


def test_a_character_of_several_parts_is_one(opened, tmp_path):
    terminal = opened()
    folder = tmp_path / "state" / "ttsd" / "tui" / "drafts"

    def kept() -> list[str]:
        return [file.read_text() for file in folder.glob("*.txt")]

    terminal.write("a👨‍👩‍👧e\u0301한")
    wait_for(lambda: kept() == ["a👨‍👩‍👧e\u0301한"], 10, "all of it, as it was typed")
    terminal.press("Left", "BSpace", "Left", "DC")
    wait_for(lambda: kept() == ["a한"], 10, "an accented letter and an emoji less")


def test_a_megabyte_that_is_pasted_does_not_stop_the_app(opened):
    terminal = opened()
    line = "The first train of the morning was late again, and nobody was surprised. " * 4 + "\n"
    terminal.paste(line * 3450)
    terminal.shows("A long text", "F7 makes a job")
    began = time.monotonic()
    terminal.press("F4")
    terminal.shows("Loop lag")
    assert time.monotonic() - began < 10
    terminal.press("F1")
    terminal.shows("1,010,848 letters", timeout_s=60)


def test_a_killed_app_has_its_text_again(opened, tmp_path):
    terminal = opened()
    terminal.write("Dear Ada, 你好. ")
    terminal.shows("Dear Ada, 你好.", "letters")
    folder = tmp_path / "state" / "ttsd" / "tui" / "drafts"
    wait_for(lambda: [file.read_text() for file in folder.glob("*.txt")] == ["Dear Ada, 你好. "], 5, "a draft")

    os.kill(terminal.pid, signal.SIGKILL)
    terminal.shows("left with 137")

    terminal.close()
    again = opened()
    again.shows("Dear Ada, 你好.", "What you were writing is here again")
    again.press("C-z")
    again.shows("Type here")
