"""Events through real files, pipes, terminals, threads and signals."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from ttsd import log as ttsd_log
from ttsd.config import Config, Log
from ttsd.log.writer import QUEUE, Writer
from ttsd.protocol.events import LogEvent

logger = ttsd_log.get_logger("ttsd.test")


def lines(directory: Path) -> list[dict]:
    return [json.loads(line) for line in (directory / "ttsd.log").read_text().splitlines()]


def logged(directory: Path, write) -> list[dict]:
    """What stands in the file after `write` ran and the log was closed."""
    with ttsd_log.configure(Log(), directory):
        write()
    return lines(directory)


# --- events ----------------------------------------------------------------------------------------


def test_an_event_is_a_json_line_with_its_fields(tmp_path):
    (line,) = logged(tmp_path, lambda: logger.info("job.finished", job="j1", audio_s=1.5, reused=None, ok=True))
    assert line.pop("ts")[4] == "-"
    assert line == {
        "level": "info",
        "event": "job.finished",
        "logger": "ttsd.test",
        "job": "j1",
        "audio_s": 1.5,
        "reused": None,
        "ok": True,
    }


def test_fields_cannot_take_the_place_of_the_fixed_ones(tmp_path):
    (line,) = logged(tmp_path, lambda: logger.info("worker.log", ts=0, level="loud"))
    assert (line["level"], line["level_"], line["ts_"]) == ("info", "loud", 0)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (os.fsdecode(b"caf\xe9.txt"), "caf\\udce9.txt"),
        (Path("/x/y"), "/x/y"),
        ("x" * 9000, "x" * 8192 + "… (9000 chars)"),
        (2**70, str(2**70)),
        (["a", 1], "['a', 1]"),
        ("two\nlines", "two\nlines"),
        (float("nan"), None),
    ],
)
def test_any_value_can_be_logged(tmp_path, value, written):
    (line,) = logged(tmp_path, lambda: logger.info("e", value=value))
    assert line["value"] == written


def test_a_value_that_cannot_be_shown_does_not_break_who_logs(tmp_path, capsys):
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def write() -> None:
        logger.info("e", value=Broken())
        logger.info("after")

    assert [line["event"] for line in logged(tmp_path, write)] == ["after"]


def test_exceptions_come_with_their_traceback(tmp_path):
    def write() -> None:
        try:
            {}["boom"]
        except KeyError:
            logger.exception("job.failed", job="j1")

    (line,) = logged(tmp_path, write)
    assert line["level"] == "error"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("KeyError: 'boom'")


def test_bound_and_context_fields_are_added(tmp_path):
    def write() -> None:
        with structlog.contextvars.bound_contextvars(request="r1"):
            logger.bind(job="j1").info("inside")
        logger.info("outside")

    inside, outside = logged(tmp_path, write)
    assert (inside["request"], inside["job"]) == ("r1", "j1")
    assert "request" not in outside


def test_levels_hold_for_us_and_libraries_speak_from_warnings_on(tmp_path):
    def write() -> None:
        logger.debug("quiet")
        logger.info("loud")
        logging.getLogger("somelib").info("chatter")
        logging.getLogger("somelib").warning("trouble with %s", "100%")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(True)
            warnings.warn("old thing", DeprecationWarning, stacklevel=1)

    events = [line["event"] for line in logged(tmp_path, write)]
    assert events[:2] == ["loud", "trouble with 100%"]
    assert "old thing" in events[2]
    assert len(events) == 3


def test_reload_changes_the_level(tmp_path):
    with ttsd_log.configure(Log(level="warning"), tmp_path) as handle:
        logger.info("before")
        handle.reload(Config(log=Log(level="debug")))
        logger.debug("after")
    assert [line["event"] for line in lines(tmp_path)] == ["after"]


def test_after_close_nothing_is_written(tmp_path):
    handle = ttsd_log.configure(Log(), tmp_path)
    logger.info("one")
    handle.close()
    logger.info("two")
    assert len(lines(tmp_path)) == 1


@pytest.mark.timeout(30)
def test_what_is_closed_again_waits_for_nobody(monkeypatch, tmp_path):
    for patience in ("FILE_TIMEOUT_S", "STDERR_TIMEOUT_S"):
        monkeypatch.setattr(f"ttsd.log.handle.{patience}", 3600.0)
    handle = ttsd_log.configure(Log(), tmp_path)
    handle.close()
    handle.close()


def test_texts_are_hashed_unless_wanted_in_full():
    hashed = ttsd_log.text_field("Dear Anna, …", "hash")
    assert hashed == ttsd_log.text_field("Dear Anna, …", "hash")
    assert "Anna" not in hashed
    assert hashed.endswith("(12 chars)")
    assert ttsd_log.text_field("Dear Anna, …", "full") == "Dear Anna, …"
    assert ttsd_log.text_field("\udce9", "hash").startswith("sha256:")


# --- listeners -------------------------------------------------------------------------------------


async def test_listeners_are_called_on_the_loop_whoever_logs(tmp_path, until):
    seen: list[tuple[str, int]] = []

    def on_record(event: LogEvent) -> None:
        seen.append((event.event, threading.get_ident()))

    with ttsd_log.configure(Log(), tmp_path, on_record):
        logger.info("from the loop")
        assert [event for event, _ in seen] == ["from the loop"]
        await asyncio.to_thread(logger.info, "from a thread")
        await until(lambda: len(seen) == 2)
    assert {thread for _, thread in seen} == {threading.get_ident()}


def test_a_closed_loop_does_not_stop_the_file(tmp_path):
    async def configured() -> ttsd_log.LogHandle:
        return ttsd_log.configure(Log(), tmp_path, lambda _: None)

    with asyncio.run(configured()):
        thread = threading.Thread(target=lambda: logger.info("late"))
        thread.start()
        thread.join()
    assert lines(tmp_path)[0]["event"] == "late"


# --- trouble ---------------------------------------------------------------------------------------


def test_a_full_disk_costs_lines_but_nothing_else_and_is_told_once(tmp_path, capfd):
    (tmp_path / "ttsd.log").symlink_to("/dev/full")
    with ttsd_log.configure(Log(), tmp_path) as handle:
        for number in range(5):
            logger.info("event", number=number)
        wait_for_writer(handle)
        assert handle.dropped == 5
        (tmp_path / "ttsd.log").unlink()
        logger.info("room again")
    assert [line["event"] for line in lines(tmp_path)] == ["room again", "log.file_works_again"]
    assert lines(tmp_path)[1]["lost"] == 5
    stderr = capfd.readouterr().err
    assert stderr.count("log.file_failed") == 1
    assert "No space left on device" in stderr
    assert stderr.count("number=") == 5


def test_a_logs_directory_that_cannot_be_made_is_told_on_stderr(tmp_path, capfd):
    (tmp_path / "logs").write_text("in the way")
    with ttsd_log.configure(Log(), tmp_path / "logs") as handle:
        logger.info("event")
    assert handle.dropped == 1
    assert "log.file_failed" in capfd.readouterr().err


def wait_for_writer(handle: ttsd_log.LogHandle) -> None:
    """Until everything that was logged so far is written."""
    reached = threading.Event()
    handle._to_file.put(reached.set)
    assert reached.wait(10)


def test_a_queue_that_overruns_drops_and_says_how_many():
    entered, go_on = threading.Event(), threading.Event()
    written: list[LogEvent] = []

    class Slow:
        def write(self, event: LogEvent) -> None:
            entered.set()
            assert go_on.wait(10)
            written.append(event)

        def close(self) -> None: ...

    told: list[LogEvent] = []
    writer = Writer("slow", Slow(), told.append)
    event = LogEvent(seq=0, at_s=0.0, level="info", event="e", fields={})
    writer.put(event)
    assert entered.wait(10)
    for _ in range(QUEUE + 7):
        writer.put(event)
    assert writer.dropped == 7
    go_on.set()
    writer.close(10)
    assert len(written) == 1 + QUEUE
    assert [(event.event, event.fields) for event in told] == [("log.slow_overrun", {"lost": 7})]


PROGRAM = """
import asyncio, os, signal, sys
from pathlib import Path
from ttsd import log
from ttsd.config import Log

logger = log.get_logger("ttsd.program")

async def main():
    with log.configure(Log(), Path(sys.argv[1])) as handle:
        for number in range(int(sys.argv[2])):
            logger.info("tick", number=number)
            if number == 0:
                print("up", flush=True)
                sys.stdin.readline()
            await asyncio.sleep(0)

asyncio.run(main())
"""


@contextmanager
def program(directory: Path, count: int) -> Iterator[subprocess.Popen]:
    """PROGRAM after its first line; it goes on when it is told to."""
    command = [sys.executable, "-c", PROGRAM, str(directory), str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "up\n"
        yield process
        process.stdin.write("go\n")
        process.stdin.close()
        assert process.wait(30) == 0


def test_the_reader_of_stderr_going_away_is_no_reason_to_stop(tmp_path):
    with program(tmp_path, 50) as process:
        process.stderr.close()
    events = [line["event"] for line in lines(tmp_path)]
    assert events.count("tick") == 50
    assert events.count("log.stderr_failed") == 1


def test_a_reader_of_stderr_that_hangs_does_not_hold_up_the_file(tmp_path):
    with program(tmp_path, 3000):
        pass
    assert [line["number"] for line in lines(tmp_path) if line["event"] == "tick"] == list(range(3000))


def test_a_process_without_stderr_does_not_write_to_what_has_its_number(tmp_path):
    command = f'exec 2>&-; exec {sys.executable} -c "$0" {tmp_path} 3'
    subprocess.run(["sh", "-c", command, PROGRAM], check=True, input="go\n", text=True, stdout=subprocess.PIPE)
    assert len(lines(tmp_path)) == 3


async def test_a_signal_rotates_at_once(tmp_path, until):
    loop = asyncio.get_running_loop()
    with ttsd_log.configure(Log(), tmp_path) as handle:
        loop.add_signal_handler(signal.SIGUSR1, handle.rotate)
        logger.info("before")
        os.kill(os.getpid(), signal.SIGUSR1)
        await until(lambda: list(tmp_path.glob("ttsd-*.log.gz")))
        logger.info("after")
        loop.remove_signal_handler(signal.SIGUSR1)
    assert [line["event"] for line in lines(tmp_path)] == ["after"]
