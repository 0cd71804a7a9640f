"""Entries as journald takes them, over a real socket; and what happens when nobody is there."""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from ttsd.log.journal import Journal, field_name
from ttsd.log.stderr import Stderr
from ttsd.protocol.events import LogEvent


def event(**fields: str | float | bool | None) -> LogEvent:
    return LogEvent(0, 1_800_000_000.0, "warning", "job.failed", {"logger": "ttsd.jobs", "job": "j1", **fields})


def parsed(data: bytes) -> dict[str, str]:
    """The fields of an entry, read as the protocol says."""
    found: dict[str, str] = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (size,) = struct.unpack_from("<Q", rest)
            value, data = rest[8 : 8 + size], rest[8 + size + 1 :]
        else:
            data = rest
        assert name.decode() not in found
        found[name.decode()] = value.decode()
    return found


class Journald:
    """The other end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def entry(self) -> dict[str, str]:
        data, descriptors, _, _ = socket.recv_fds(self.socket, 2**20, 1)
        for descriptor in descriptors:
            with pytest.raises(PermissionError):  # sealed: nobody changes it under journald
                os.pwrite(descriptor, b"x", 0)
            with os.fdopen(descriptor, "rb") as memory:
                memory.seek(0)
                data = memory.read()
        return parsed(data)


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[Journald]:
    server = Journald(tmp_path / "socket")
    yield server
    server.socket.close()


@pytest.fixture
def journal(journald: Journald) -> Iterator[Journal]:
    journal = Journal(str(journald.path))
    yield journal
    journal.close()


def test_every_field_is_one_of_the_entry(journal, journald):
    assert journal.take(event(request_id="r-1", audio_s=1.5, reused=None, ok=True))
    assert journald.entry() == {
        "MESSAGE": "job.failed job=j1 request_id=r-1 audio_s=1.5 reused=null ok=true",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "ttsd",
        "EVENT": "job.failed",
        "LOGGER": "ttsd.jobs",
        "JOB": "j1",
        "REQUEST_ID": "r-1",
        "AUDIO_S": "1.5",
        "REUSED": "null",
        "OK": "true",
    }


def test_a_value_of_several_lines_stays_one_value(journal, journald):
    trace = "Traceback\n  JOB=other\nValueError: PRIORITY=0\n"
    assert journal.take(event(exception=trace, why="日本語"))
    found = journald.entry()
    assert (found["EXCEPTION"], found["JOB"], found["PRIORITY"], found["WHY"]) == (trace, "j1", "4", "日本語")
    assert "\n" not in found["MESSAGE"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("job", "JOB"),
        ("priority", "PRIORITY_"),
        ("message", "MESSAGE_"),
        ("code_file", "CODE_FILE_"),
        ("_pid", "PID"),
        ("9 lives", "LIVES"),
        ("höhe.m", "H_HE_M"),
        ("_", "FIELD"),
        ("x" * 99, "X" * 63),
    ],
)
def test_no_field_takes_the_place_of_journalds_own(name, written):
    assert field_name(name) == written


def test_an_entry_too_long_for_a_datagram_comes_too(journal, journald):
    text = "x" * 3_000_000
    assert journal.take(event(text=text))
    assert journald.entry()["TEXT"] == text


def test_without_a_journald_lines_go_to_standard_error_and_entries_again_when_it_is_back(tmp_path, monkeypatch):
    stderr, shown = socket.socketpair()
    with stderr, shown:
        found = os.fstat(stderr.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        sink = Stderr("auto", stderr.fileno(), Journal(str(tmp_path / "socket")))
        sink.write(event())
        assert shown.recv(4096) == b"<4>job.failed job=j1\n"
        server = Journald(tmp_path / "socket")
        sink.write(event())
        assert server.entry()["JOB"] == "j1"
        server.socket.close()
        sink.write(event())
        assert shown.recv(4096) == b"<4>job.failed job=j1\n"
        sink.close()
