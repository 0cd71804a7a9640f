"""The line below the waveform."""

import pytest
from rich.cells import cell_len

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui.device import NO_DEVICE
from tui.language import choose
from tui.playback import Sound
from tui.take import Phrase, Take
from tui.widgets.deck import Heard, Part, deck_line, home_command, silence_notice

TAKE = Take(
    phrases=(Phrase(0, "One.", 0),),
    samples=11 * SAMPLE_RATE_HZ,
    first_sound_ms=41.0,
    work_s=1.2,
    worked_samples=10 * SAMPLE_RATE_HZ,
)
HEARD = Heard(at=8 * SAMPLE_RATE_HZ, playing=True, level=1.0, cushion_s=0.06)


def plain(parts: list[Part]) -> str:
    return "".join(text for text, _ in parts)


def test_it_tells_where_the_listener_is_and_how_the_sound_came():
    text = plain(deck_line(TAKE, HEARD, 120))
    assert text == "▶ 0:08.0 / 0:11.0  ━━━━━━━━━━━━  first sound 41 ms  RTF 0.12  0 gaps  buffer 60 ms"


@pytest.mark.parametrize("width", range(40, 90, 5))
def test_what_has_no_room_is_left_out_whole(width):
    line = plain(deck_line(TAKE, HEARD, width))
    assert cell_len(line) <= width
    assert plain(deck_line(TAKE, HEARD, 120)).replace("━", "").startswith(line.replace("━", ""))


def test_all_of_it_has_room_on_a_small_terminal():
    assert plain(deck_line(TAKE, HEARD, 76)).endswith("0 gaps  buffer 60 ms")


def test_the_sign_tells_playing_held_and_silent_apart():
    signs = [
        plain(deck_line(TAKE, heard, 76))[:2]
        for heard in (HEARD, Heard(at=9, held=True, cushion_s=0.06), Heard(cushion_s=0.06))
    ]
    assert signs == ["▶ ", "‖ ", "■ "]


def test_a_failure_takes_the_place_of_figures_and_is_shown_harmless():
    failed = Take(error="no \x1b[31mluck", samples=100, first_sound_ms=1.0)
    assert plain(deck_line(failed, HEARD, 76)).endswith("  no ␛[31mluck")
    assert plain(deck_line(failed, HEARD, 34)).endswith("  no ␛[3…")


SOCKET = "/run/user/1000/ttsd/ttsd.sock"


def test_over_ssh_there_is_a_command_for_the_other_end():
    environ = {"SSH_CONNECTION": "198.51.100.4 50022 192.0.2.7 22", "LOGNAME": "ada"}
    assert home_command(environ, SOCKET) == (
        f"ssh -fNo StreamLocalBindUnlink=yes -L /tmp/ttsd.sock:{SOCKET} ada@192.0.2.7 "
        "&& ttsd-tui --socket /tmp/ttsd.sock"
    )
    assert "-p 2222 " in home_command({"SSH_CONNECTION": "a 1 host 2222"}, SOCKET)
    assert "'/tmp/ttsd.sock:/a b/$(x)'" in home_command(environ, "/a b/$(x)")


@pytest.mark.parametrize("environ", [{}, {"SSH_CONNECTION": ""}, {"SSH_CONNECTION": "odd"}])
def test_elsewhere_there_is_none(environ):
    assert home_command(environ, SOCKET) == ""
    assert "ssh" not in silence_notice(Sound(available=False, note="no sound device"), "").plain


def test_silence_says_why_and_the_ways_out():
    notice = silence_notice(Sound(available=False, note="no \x07device"), "ssh -L").plain
    assert notice.startswith("♪ No ␇device. Text is spoken all the same: ^s saves it to a file.")
    assert notice.endswith("\nssh -L")


def test_why_nothing_is_heard_is_said_in_the_readers_language():
    choose("zh")
    try:
        assert "没有声音设备" in silence_notice(Sound(available=False, note=NO_DEVICE), "").plain
    finally:
        choose("en")
