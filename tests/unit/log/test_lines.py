"""How events look on pipes, terminals and the journal's socket."""

import os
import pty
import re
import socket

import pytest

from ttsd.log.journal import Journal
from ttsd.log.lines import coloured, plain
from ttsd.log.stderr import Stderr
from ttsd.protocol.events import LogEvent

EVENT = LogEvent(
    seq=0,
    at_s=1_800_000_000.0,
    level="warning",
    event="job.failed",
    fields={"logger": "ttsd.jobs", "job": "j1", "why": 'no "voice" there', "audio_s": 1.5, "reused": None, "ok": False},
)
LINE = r'job.failed job=j1 why="no \"voice\" there" audio_s=1.5 reused=null ok=false'


def with_fields(**fields) -> LogEvent:
    return LogEvent(seq=0, at_s=0.0, level="info", event="e", fields=fields)


def through_pipe(style: str = "auto", event: LogEvent = EVENT) -> str:
    read, write = os.pipe()
    Stderr(style, write).write(event)
    os.close(write)
    with os.fdopen(read) as pipe:
        return pipe.read()


def test_a_pipe_gets_plain_lines_with_the_time():
    assert re.fullmatch(
        r"2027-01-1\dT\d\d:\d\d:\d\d\.000[+-]\d\d:\d\d warning " + re.escape(LINE) + "\n", through_pipe()
    )


def test_a_journal_without_its_socket_gets_lines_with_priorities_and_no_time(monkeypatch, tmp_path):
    ours, journal = socket.socketpair()
    with ours, journal:
        found = os.fstat(ours.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        stderr = Stderr("auto", ours.fileno(), Journal(str(tmp_path / "nobody")))
        stderr.write(EVENT)
        assert journal.recv(4096).decode() == f"<4>{LINE}\n"
        stderr.close()
        stderr = Stderr("json", ours.fileno())
        stderr.write(EVENT)
        assert journal.recv(4096).startswith(b'<4>{"ts":')
        stderr.close()


@pytest.mark.parametrize("stream", ["1:2", "nonsense", ""])
def test_a_redirected_stderr_is_not_the_journal(monkeypatch, stream):
    monkeypatch.setenv("JOURNAL_STREAM", stream)
    assert not through_pipe().startswith("<")


def test_json_on_stderr_when_wanted():
    assert through_pipe("json").startswith('{"ts":"2027-01-1')


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch, no_color):
    monkeypatch.setenv("NO_COLOR", no_color)
    master, slave = pty.openpty()
    Stderr("auto", slave).write(EVENT)
    shown = os.read(master, 4096).decode()
    os.close(slave)
    os.close(master)
    assert ("\x1b[33mwarning" in shown) is not bool(no_color)
    assert "job=j1" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain-text_1.5/ok", "v=plain-text_1.5/ok"),
        ("", 'v=""'),
        ("two words", 'v="two words"'),
        ("日本語", 'v="日本語"'),
        ("a\nb", r'v="a\nb"'),
        ("\x1b[2J", r'v="\u001b[2J"'),
    ],
)
def test_a_value_stays_on_its_line_and_cannot_steer_the_terminal(text, shown):
    assert plain(with_fields(v=text)) == f"e {shown}"


def test_a_librarys_message_cannot_look_like_two_lines():
    assert plain(LogEvent(seq=0, at_s=0, level="error", event="bad\nline", fields={})) == r'"bad\nline"'


def test_tracebacks_are_one_line_for_machines_and_readable_for_people():
    event = with_fields(job="j1", exception='Traceback\n  File "x"\nValueError: boom')
    assert "\n" not in plain(event)
    first, *rest = coloured(event).splitlines()
    assert "job=j1" in first
    assert rest == ["Traceback", '  File "x"', "ValueError: boom"]
