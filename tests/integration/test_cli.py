"""The commands as programs, against a real daemon with the fake engine."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Ttsd = Callable[..., "subprocess.CompletedProcess[bytes]"]

SENTENCE = "The quick brown fox jumps over the lazy dog."


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ttsd.cli", *arguments]


@pytest.fixture
def ttsd(daemon: Any, monkeypatch: pytest.MonkeyPatch) -> Ttsd:
    """`ttsd("status")` runs a command that finds its daemon by TTSD_SOCKET."""
    monkeypatch.setenv("TTSD_SOCKET", str(daemon.socket))
    monkeypatch.chdir(daemon.root)

    def run(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(program(*arguments), input=stdin, capture_output=True, timeout=60, check=False)

    return run


@pytest.fixture
def start(ttsd: Ttsd) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts a command and leaves it running."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> "subprocess.Popen[bytes]":
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(program(*arguments), stdin=pipe, stdout=pipe, stderr=pipe))
        return started[-1]

    yield run
    for process in started:
        with process:
            process.kill()


def fault(daemon: Any, text: str) -> None:
    daemon.script.write_text(f"[[rule]]\n{text}\n")


# --- say ---


def test_say_saves_a_wav(ttsd: Ttsd, daemon: Any) -> None:
    ran = ttsd("say", *SENTENCE.split(), "-o", "fox.wav")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
    with wave.open(str(daemon.root / "fox.wav")) as sound:
        assert sound.getframerate() == 24_000
        assert sound.getnframes() > 24_000


def test_every_way_to_give_a_text_gives_the_same_sound(ttsd: Ttsd, daemon: Any) -> None:
    (daemon.root / "fox.txt").write_text("\ufeff" + SENTENCE)
    (daemon.root / "fox.wav").write_bytes(b"old")
    streamed = ttsd("say", SENTENCE, "-o", "-").stdout
    assert ttsd("say", "-f", "fox.txt", "-o", "fox.pcm").returncode == 0
    assert ttsd("say", SENTENCE, "-o", "fox.wav").returncode == 0
    headed = ttsd("say", SENTENCE, "-o", "-", "--format", "wav").stdout
    typed = ttsd("say", "-o", "-", stdin=SENTENCE.encode()).stdout
    assert len(streamed) > 48_000
    assert (daemon.root / "fox.pcm").read_bytes() == streamed
    assert (daemon.root / "fox.wav").read_bytes()[44:] == streamed
    assert headed[44:] == streamed
    assert headed[40:44] == b"\xff\xff\xff\xff"
    assert typed[: len(streamed)] == streamed


def test_seed_and_speed_change_the_sound(ttsd: Ttsd) -> None:
    plain = ttsd("say", SENTENCE, "-o", "-").stdout
    assert ttsd("say", SENTENCE, "-o", "-", "--seed", "7").stdout != plain
    assert len(ttsd("say", SENTENCE, "-o", "-", "--speed", "2").stdout) < len(plain)


def test_text_on_stdin_is_spoken_while_it_arrives(start: Any) -> None:
    saying = start("say", "-o", "-")
    saying.stdin.write("Größe zählt. And the second sentence ".encode()[:3])
    saying.stdin.flush()
    saying.stdin.write("Größe zählt. And the second sentence ".encode()[3:])
    saying.stdin.flush()
    assert len(saying.stdout.read(4800)) == 4800
    assert saying.poll() is None
    rest, err = saying.communicate(b"ends here.")
    assert len(rest) > 48_000
    assert (saying.returncode, err) == (0, b"")


def test_stdin_may_be_a_file(daemon: Any, ttsd: Ttsd) -> None:
    (daemon.root / "fox.txt").write_text(SENTENCE * 300)
    with (daemon.root / "fox.txt").open() as file:
        ran = subprocess.run(program("say", "-", "-o", "fox.wav"), stdin=file, timeout=60, check=False)
    assert ran.returncode == 0
    with wave.open(str(daemon.root / "fox.wav")) as sound:
        assert sound.getnframes() > 24_000 * 300


@pytest.mark.parametrize("stdin", [b"", b" \n\n"])
def test_no_words_on_stdin_is_an_error_and_leaves_no_file(ttsd: Ttsd, daemon: Any, stdin: bytes) -> None:
    ran = ttsd("say", "-o", "nothing.wav", stdin=stdin)
    assert ran.returncode == 1
    assert b"nothing to say" in ran.stderr
    assert ran.stderr.count(b"\n") == 1
    assert not list(daemon.root.glob("*nothing*"))


def test_stdin_that_is_not_text_is_an_error(ttsd: Ttsd) -> None:
    ran = ttsd("say", "-o", "-", stdin=b"caf\xe9 au lait. Two.")
    assert ran.returncode == 1
    assert ran.stderr == b"ttsd: what came on standard input is not UTF-8 text\n"


@pytest.mark.parametrize("source", [["Hello."], ["-"]])
def test_an_unknown_voice_is_one_line_and_leaves_the_old_file(ttsd: Ttsd, daemon: Any, source: list[str]) -> None:
    (daemon.root / "hello.wav").write_bytes(b"old")
    ran = ttsd("say", *source, "--voice", "nobody", "-o", "hello.wav", stdin=b"Hello.")
    assert ran.returncode == 1
    assert ran.stderr.startswith(b"ttsd: ")
    assert b"nobody" in ran.stderr
    assert ran.stderr.count(b"\n") == 1
    assert (daemon.root / "hello.wav").read_bytes() == b"old"


def test_sound_that_breaks_off_is_an_error_and_no_file(ttsd: Ttsd, daemon: Any) -> None:
    fault(daemon, 'match = "fox"\nafter_chunks = 3\nfail = "no luck"')
    ran = ttsd("say", SENTENCE, "-o", "fox.wav")
    assert ran.returncode == 1
    assert ran.stderr.startswith(b"ttsd: ")
    assert not list(daemon.root.glob("*fox*"))


def test_a_phrase_that_fails_is_told_and_the_rest_is_spoken(ttsd: Ttsd, daemon: Any) -> None:
    fault(daemon, 'match = "unlucky"\nfail = "no luck"')
    ran = ttsd("say", "-o", "-", stdin=b"This one is unlucky, I fear.\n\nThis one is well, I hope.\n")
    assert ran.returncode == 1
    assert b"no luck" in ran.stderr
    assert len(ran.stdout) > 24_000


def test_a_worker_that_dies_is_not_heard(ttsd: Ttsd, daemon: Any) -> None:
    plain = ttsd("say", SENTENCE, "-o", "-").stdout
    fault(daemon, 'match = "fox"\ntimes = 1\nafter_chunks = 2\ncrash = true')
    ran = ttsd("say", SENTENCE, "-o", "-", "--seed", "0")
    assert (ran.returncode, ran.stdout) == (0, plain)


def test_a_reader_that_goes_away_is_no_noise(ttsd: Ttsd) -> None:
    shell = f"{sys.executable} -m ttsd.cli say -o - '{SENTENCE * 50}' | head -c 1000 | wc -c"
    ran = subprocess.run(["/bin/bash", "-c", shell], capture_output=True, timeout=60, check=False)
    assert ran.stdout.strip() == b"1000"
    assert ran.stderr == b""


def test_interrupted_it_is_quiet_and_the_daemon_stops_speaking(start: Any, daemon: Any, wait_for: Any) -> None:
    fault(daemon, "slow_ms = 100")
    saying = start("say", SENTENCE * 50, "-o", "-")
    saying.stdout.read(1000)
    saying.send_signal(signal.SIGINT)
    _, err = saying.communicate(timeout=10)
    assert (saying.returncode, err.strip()) == (130, b"")
    wait_for(lambda: daemon.status()["worker"]["busy_slots"] == 0, 5, "the slot is free again")


def test_sound_on_a_terminal_is_refused(ttsd: Ttsd) -> None:
    primary, secondary = os.openpty()
    ran = subprocess.run(
        program("say", "x", "-o", "-"), stdout=secondary, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(primary)
    os.close(secondary)
    assert ran.returncode == 2
    assert b"aplay" in ran.stderr


def test_lines_typed_at_a_terminal_are_spoken_one_by_one(daemon: Any, ttsd: Ttsd) -> None:
    primary, secondary = os.openpty()
    with subprocess.Popen(program("say", "-", "-o", "-"), stdin=secondary, stdout=subprocess.PIPE) as saying:
        assert saying.stdout is not None
        os.write(primary, b"no full stop here\n")
        assert len(saying.stdout.read(9600)) == 9600
        os.write(primary, b"\x04")
        saying.stdout.read()
    os.close(primary)
    os.close(secondary)
    assert saying.returncode == 0


# --- the daemon and its jobs ---


def test_status_for_people_and_for_programs(ttsd: Ttsd, daemon: Any) -> None:
    told = ttsd("status").stdout.decode()
    assert "ready" in told.splitlines()[0]
    assert "\x1b" not in told
    assert json.loads(ttsd("status", "--json").stdout)["socket"] == str(daemon.socket)


def test_colours_are_for_terminals_that_want_them(ttsd: Ttsd, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_terminal() -> bytes:
        primary, secondary = os.openpty()
        subprocess.run(program("status"), stdout=secondary, timeout=60, check=True)
        os.close(secondary)
        shown = b""
        try:
            while data := os.read(primary, 65536):
                shown += data
        except OSError:
            pass  # so a terminal tells its end
        os.close(primary)
        return shown

    assert b"\x1b[" in on_terminal()
    monkeypatch.setenv("NO_COLOR", "1")
    assert b"\x1b[" not in on_terminal()


def test_jobs_from_file_to_list_to_show(ttsd: Ttsd, daemon: Any) -> None:
    daemon.drop("note.txt", SENTENCE)
    daemon.wait_path("outbox/note.wav")
    daemon.wait_path("done/note.txt")
    (job,) = json.loads(ttsd("jobs", "list", "--json", "--state", "succeeded").stdout)["jobs"]
    assert job["title"] == "note.txt"
    line = ttsd("jobs", "list").stdout.decode()
    assert line.startswith(job["id"])
    assert "succeeded" in line
    assert str(daemon.path("outbox/note.wav")) in ttsd("jobs", "show", job["id"]).stdout.decode()
    assert json.loads(ttsd("jobs", "show", job["id"], "--json").stdout)["id"] == job["id"]
    none = ttsd("jobs", "list", "--state", "failed", "--state", "queued")
    assert (none.stdout, none.stderr) == (b"", b"no jobs that are failed or queued\n")


def test_a_failed_job_is_retried_and_the_rest_is_told(ttsd: Ttsd, daemon: Any) -> None:
    fault(daemon, 'match = "fox"\nfail = "no luck"')
    daemon.drop("note.txt", SENTENCE)
    daemon.wait_path("failed/note.txt.error.txt")
    (job,) = json.loads(ttsd("jobs", "list", "--json", "--state", "failed").stdout)["jobs"]
    assert "no luck" in ttsd("jobs", "list").stdout.decode()
    daemon.script.unlink()
    ran = ttsd("jobs", "retry", "missing", job["id"])
    assert ran.returncode == 1
    assert b"missing" in ran.stderr
    assert ran.stdout.startswith(job["id"].encode())
    daemon.wait_path("outbox/note.wav")
    assert ttsd("jobs", "retry", job["id"]).returncode == 1


def test_jobs_are_found_by_words_and_put_before_all_others(ttsd: Ttsd, daemon: Any, wait_for: Any) -> None:
    ttsd("jobs", "pause")
    for name in "abc":
        daemon.drop(f"{name}.txt", SENTENCE)
        wait_for(lambda name=name: ttsd("jobs", "list", "--search", f"{name}.txt").stdout)
    (last,) = json.loads(ttsd("jobs", "list", "--search", "C.TXT", "--json").stdout)["jobs"]
    assert ttsd("jobs", "list", "--search", "nothing like it").stderr == b"no jobs\n"

    assert ttsd("jobs", "first", last["id"]).returncode == 0
    ttsd("jobs", "resume")

    daemon.wait_path("done/b.txt")
    daemon.wait_path("done/a.txt")
    done = json.loads(ttsd("jobs", "list", "--state", "succeeded", "--json").stdout)["jobs"]
    assert min(done, key=lambda job: job["started_s"])["id"] == last["id"]
    assert ttsd("jobs", "first", last["id"]).returncode == 1


def test_a_waiting_job_is_cancelled(ttsd: Ttsd, daemon: Any) -> None:
    fault(daemon, "hang = true")
    submitted = daemon.post("/v1/jobs", json={"text": SENTENCE}).json()
    ran = ttsd("jobs", "cancel", submitted["id"], "--json")
    assert json.loads(ran.stdout)["state"] == "cancelled"
    assert ttsd("jobs", "cancel", submitted["id"]).returncode == 1


def test_lists_longer_than_a_page(ttsd: Ttsd, daemon: Any) -> None:
    with daemon.client() as client:
        ids = [client.post("/v1/jobs", json={"text": f"Number {n}."}).json()["id"] for n in range(25)]
    assert len(ttsd("jobs", "list").stdout.splitlines()) == 20
    assert b"and more" in ttsd("jobs", "list").stderr
    listed = [job["id"] for job in json.loads(ttsd("jobs", "list", "--limit", "1500", "--json").stdout)["jobs"]]
    assert sorted(listed) == sorted(ids)


async def test_watch_tells_of_every_change_until_the_daemon_stops(daemon: Any, ttsd: Ttsd) -> None:
    watching = await asyncio.create_subprocess_exec(
        *program("jobs", "watch", "--json"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert watching.stdout is not None
    states: list[str] = []
    number = 0
    async with asyncio.timeout(30):
        while "succeeded" not in states:  # what is dropped before it listens is not news: drop on until it is told
            daemon.drop(f"note{number}.txt", SENTENCE)
            number += 1
            try:
                async with asyncio.timeout(1):
                    states.append(json.loads(await watching.stdout.readline())["state"])
            except TimeoutError:
                continue
    daemon.stop()
    _, err = await watching.communicate()
    assert set(states) <= {"queued", "running", "succeeded"}
    assert err == b"ttsd: the daemon is stopping\n"
    assert watching.returncode == 0


def test_watch_is_quiet_when_interrupted(start: Any, daemon: Any) -> None:
    fault(daemon, "hang = true")
    daemon.post("/v1/jobs", json={"text": SENTENCE})
    watching = start("jobs", "watch")
    assert SENTENCE.encode() in watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=10)
    assert (watching.returncode, err.strip()) == (130, b"")


def test_doctor_is_content_with_a_daemon_that_answers(ttsd: Ttsd, daemon: Any) -> None:
    ran = ttsd("doctor", "--json", "--config", str(daemon.root / "config.toml"))
    findings = {finding["check"]: finding for finding in json.loads(ran.stdout)}
    assert ran.returncode == 0
    assert [findings[name]["verdict"] for name in ("socket", "daemon", "config", "inbox", "engine")] == ["ok"] * 5
    assert findings["socket"]["found"].startswith(f"{daemon.socket} answers (srw-rw----")


def test_doctor_tells_of_an_engine_that_cannot_start(make_daemon: Any, wait_for: Any, tmp_path: Path) -> None:
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\non = "load"\nfail = "the weights are not there"\n')
    daemon.start(ready=False)
    command = program("doctor", "--json", "--socket", str(daemon.socket), "--config", str(tmp_path / "config.toml"))

    def engine() -> Any:
        ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert ran.returncode == (1 if b'"fail"' in ran.stdout else 0)
        return next(finding for finding in json.loads(ran.stdout) if finding["check"] == "engine")

    failed = wait_for(lambda: (finding := engine())["verdict"] == "fail" and finding, 20, "it has failed")
    assert "the weights are not there" in failed["found"]


def test_a_second_daemon_on_the_same_state_says_so(daemon: Any) -> None:
    command = program("serve", "--config", str(daemon.root / "config.toml"))
    ran = subprocess.run(command, env=daemon.environment(), capture_output=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert b"another ttsd" in ran.stderr.splitlines()[-1]
    assert daemon.get("/readyz").status_code == 200


def test_serve_stops_on_ctrl_c_with_0(make_daemon: Any) -> None:
    daemon = make_daemon().start()
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.process.wait(20) == 0
    assert not daemon.socket.exists()
