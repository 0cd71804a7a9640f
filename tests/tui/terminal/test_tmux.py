"""The program itself in a real terminal: tmux draws what it paints and types what a user would."""

import pytest
from rich.cells import cell_len


def test_from_no_daemon_to_a_spoken_sentence_and_out(make_daemon, open_terminal):
    daemon = make_daemon()
    terminal = open_terminal(daemon.socket)
    terminal.shows("No daemon answers", "ttsd serve", str(daemon.socket)[:40])

    daemon.start()
    terminal.shows("● ready", "Type here")
    terminal.write("Hello there. ")
    terminal.shows("Hello there.", "first sound")

    terminal.press("F3")
    terminal.shows("No jobs yet")
    daemon.drop("a.txt", "Hello.")
    terminal.shows("● a.txt", "1 done")
    terminal.press("F4")
    terminal.shows("CPU", "Loop lag", "fake 1")
    terminal.press("F5")
    terminal.shows("worker.ready")

    terminal.press("C-q")
    terminal.shows("left with 0")


def test_every_page_is_left_as_it_was_found(make_daemon, open_terminal):
    daemon = make_daemon().start()
    daemon.drop("letter.txt", "Dear Ada, it works.")
    terminal = open_terminal(daemon.socket, size=(120, 36))
    terminal.shows("● ready", "Type here")
    terminal.write("One sentence. 两个句子。 ")
    terminal.shows("✓ One sentence.", "✓ 两个句子。")

    terminal.press("F2")
    terminal.shows("tone", "noise")
    terminal.write("/")
    terminal.gone("Space Clip")  # the list has no keys any more
    terminal.write("noi")
    terminal.gone("○ tone")
    terminal.press("Escape")
    terminal.shows("○ tone", "○ noise")

    terminal.press("F3")
    terminal.shows("● letter.txt")
    terminal.press("F4")
    terminal.shows("Loop lag", "fake 1")
    terminal.press("F5")
    terminal.shows("worker.ready", "job.finished")

    terminal.press("C-g")
    terminal.shows("Keys")
    terminal.press("Escape")
    terminal.shows("worker.ready")
    terminal.press("C-p")
    terminal.write("colours")
    terminal.shows("Choose a theme")
    terminal.press("Escape")
    terminal.press("F1")
    terminal.shows("One sentence. 两个句子。", "✓ One sentence.", "✓ 两个句子。")

    terminal.press("C-q")
    terminal.shows("left with 0")


def test_in_chinese(make_daemon, open_terminal):
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, LC_ALL="zh_CN.UTF-8", LANG="zh_CN.UTF-8")
    terminal.shows("F1 朗读", "F2 声音", "● 就绪")
    for key, mode in (("F2", "声音"), ("F3", "任务"), ("F4", "状态"), ("F5", "日志"), ("F1", "朗读")):
        terminal.press(key)
        screen = terminal.shows(mode, "● 就绪")
        assert max(map(cell_len, screen.splitlines())) <= 80


def test_a_name_that_would_steer_the_terminal_is_only_shown(make_daemon, open_terminal, tmp_path):
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, size=(120, 36))
    terminal.record(tmp_path / "sent")
    terminal.shows("● ready", "Type here")
    title = terminal.title()

    daemon.drop("a\x1b]0;owned\x07\x1b[2Jb\x9b31m.txt", "Hello.")
    terminal.press("F3")
    terminal.shows("a␛]0;owned␇␛[2Jb�31m.txt", "1 done")
    terminal.press("F5")
    terminal.shows("job.finished", "a␛]0;owned␇␛[2Jb")
    terminal.press("F1")
    terminal.shows("Type here")
    terminal.write("The end. ")
    terminal.shows("✓ The end.")

    assert terminal.title() == title
    sent = (tmp_path / "sent").read_bytes()
    assert b"owned" in sent
    assert b"\x1b]0;" not in sent
    assert b"\x1b[2J" not in sent.split(b"owned", 1)[1]


def test_libraries_that_complain_do_not_write_over_the_screen(make_daemon, open_terminal, tmp_path):
    """ALSA says on descriptor 2 what it does not find; with a config that leads nowhere it has much to say."""
    (tmp_path / "asound.conf").write_text(
        'pcm.!default { type pulse server "unix:/nowhere" }\npcm.bad { type nonsense }\n'
    )
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, ALSA_CONFIG_PATH=str(tmp_path / "asound.conf"))

    screen = terminal.shows("● ready", "No sound device", "saves it to a file")

    assert "ALSA" not in screen
    assert len(screen.rstrip("\n").splitlines()) <= 24
    terminal.write("Spoken all the same. ")
    terminal.shows("✓ Spoken all the same.")


def test_without_colours_everything_can_still_be_told_apart(make_daemon, open_terminal):
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, NO_COLOR="1")
    terminal.shows("● ready")
    terminal.write("One. Two. ")
    terminal.shows("✓ One.", "✓ Two.")

    coloured = terminal.screen(colours=True)

    assert not any(f"[38;2;{red};" in coloured for red in ("126", "227", "140", "222"))


@pytest.mark.parametrize("size", [(60, 16), (160, 48)])
def test_small_and_large_terminals(make_daemon, open_terminal, size):
    daemon = make_daemon().start()
    exported = {"COLUMNS": "80", "LINES": "24"}  # by the shell, for another terminal
    screen = open_terminal(daemon.socket, size=size, **exported).shows("F1 Speak", "Write", "Hear", "● ready")

    columns, rows = size
    lines = screen.rstrip("\n").splitlines()
    assert max(map(len, lines)) <= columns
    assert len(lines) <= rows
    assert ("╮╭─ Hear ─" in screen) is (columns >= 100), "side by side where there is room"


def test_a_terminal_that_grows_and_shrinks(make_daemon, open_terminal):
    daemon = make_daemon().start()
    terminal = open_terminal(daemon.socket, size=(60, 16))
    terminal.shows("F1 Speak", "Write", "Hear", "● ready")
    terminal.press("F4")
    terminal.shows("Loop lag")

    terminal.resize(160, 48)
    terminal.press("F1")
    terminal.shows("─ Write ─", "╮╭─ Hear ─")

    terminal.resize(60, 16)
    terminal.shows("─ Write ─", "─ Hear ─")
    terminal.press("F4")
    terminal.shows("Loop lag")
