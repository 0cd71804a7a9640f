"""`ttsd batch` as a program, against a real daemon with the fake engine: killed, resumed, interrupted, refused."""

import asyncio
import csv
import json
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_for
from ttsd.cli import following
from ttsd.cli.batching import Batch as Carrying
from ttsd.cli.batching import Outcome
from ttsd.cli.exits import explain
from ttsd.cli.manifest import Manifest
from ttsd.cli.orders import Settings, orders
from ttsd.client import TtsdClient

Batch = Callable[..., "subprocess.CompletedProcess[bytes]"]
Start = Callable[..., "subprocess.Popen[bytes]"]

ROWS = 40


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ttsd.cli", "batch", *arguments]


@pytest.fixture
def batch(daemon: Any, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """`batch("lines.csv", "-o", "out")` in the daemon's folder."""
    monkeypatch.setenv("TTSD_SOCKET", str(daemon.socket))
    monkeypatch.chdir(daemon.root)

    def run(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(program(*arguments), capture_output=True, timeout=100, check=False)

    return run


@pytest.fixture
def start(batch: Batch) -> Iterator[Start]:
    """Starts the command and leaves it running."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(program(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return started[-1]

    yield run
    for process in started:
        with process:
            process.kill()


def table(daemon: Any, count: int = ROWS, name: str = "lines.csv") -> None:
    rows = "".join(f"line {n},This is line number {n}.\n" for n in range(1, count + 1))
    (daemon.root / name).write_text("id,text\n" + rows)


def fault(daemon: Any, text: str) -> None:
    daemon.script.write_text(f"[[rule]]\n{text}\n")


def sounds(daemon: Any, folder: str = "out") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (daemon.root / folder).rglob("*.wav")}


def submitted(daemon: Any) -> int:
    """Jobs that the daemon was ever given."""
    return sum(daemon.get("/v1/jobs?limit=1").json()["counts"].values())


def summary(ran: "subprocess.CompletedProcess[bytes]") -> Any:
    return json.loads(ran.stdout)


def test_each_row_becomes_a_file_and_the_second_run_makes_none(batch: Batch, daemon: Any) -> None:
    table(daemon, 5)
    ran = batch("lines.csv", "-o", "out", "--json")
    assert (ran.returncode, ran.stderr) == (0, b"")
    told = summary(ran)
    assert (told["rows"], told["spoken"], told["reused"], told["failed"]) == (5, 5, 0, 0)
    assert sorted(sounds(daemon)) == [f"line {n}.wav" for n in range(1, 6)]
    with wave.open(str(daemon.root / "out" / "line 1.wav")) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert told["audio_s"] > seconds > 0.5
    assert told["x_realtime"] == pytest.approx(told["audio_s"] / told["wall_s"], rel=0.01)
    before = sounds(daemon)
    again = batch("lines.csv", "-o", "out")
    assert again.stdout == b"5 rows: 0 spoken, 5 reused, 0 failed\n"
    assert sounds(daemon) == before
    assert submitted(daemon) == 5


def test_only_what_is_new_changed_or_gone_is_spoken_again(batch: Batch, daemon: Any) -> None:
    table(daemon, 5)
    batch("lines.csv", "-o", "out")
    before = sounds(daemon)
    lines = (daemon.root / "lines.csv").read_text().splitlines()
    lines[2] = "line 2,Another text altogether."
    (daemon.root / "lines.csv").write_text("\n".join([*lines, "line 6,A new line."]))
    (daemon.root / "out" / "line 3.wav").unlink()
    (daemon.root / "out" / "line 4.wav").write_bytes(b"RIFF")
    told = summary(batch("lines.csv", "-o", "out", "--json"))
    assert (told["spoken"], told["reused"]) == (4, 2)
    after = sounds(daemon)
    assert {name for name in after if after[name] != before.get(name)} == {"line 2.wav", "line 6.wav"}
    assert summary(batch("lines.csv", "-o", "out", "--json", "--seed", "7"))["spoken"] == 6


def test_a_row_says_its_voice_name_folder_and_format(batch: Batch, daemon: Any) -> None:
    rows = [
        {"text": "Plain."},
        {"text": "Named.", "id": 7},
        {"text": "Elsewhere.", "out": "sub/hello.pcm", "voice": "noise"},
    ]
    (daemon.root / "rows.json").write_text(json.dumps(rows))
    assert batch("rows.json", "-o", "a/b").returncode == 0
    files = sorted(path.relative_to(daemon.root / "a/b") for path in (daemon.root / "a/b").rglob("*.*"))
    assert files == [Path("0001.wav"), Path("7.wav"), Path("batch.jsonl"), Path("sub/hello.pcm")]
    jobs = daemon.get("/v1/jobs").json()["jobs"]
    assert {job["title"]: (job["door"], job["settings"].get("voice")) for job in jobs} == {
        f"{daemon.root}/a/b/0001.wav": ("batch", None),
        f"{daemon.root}/a/b/7.wav": ("batch", None),
        f"{daemon.root}/a/b/sub/hello.pcm": ("batch", "noise"),
    }


def test_bad_rows_are_told_and_the_others_are_spoken(batch: Batch, daemon: Any) -> None:
    (daemon.root / "lines.jsonl").write_text(
        '{"text": "Good.", "id": "a"}\n{"text": "", "id": "b"}\n{"text": "Again.", "id": "a"}\n'
        '{"text": "Up.", "id": "../c"}\n'
        '{"text": "Who?", "id": "d", "voice": "nobody"}\n{"text": "In what?", "id": "e", "language": "Klingon"}\n{"te\n'
    )
    ran = batch("lines.jsonl", "-o", "out", "--json")
    assert ran.returncode == 1
    told = summary(ran)
    assert (told["spoken"], told["failed"]) == (1, 6)
    assert list(sounds(daemon)) == ["a.wav"]
    complaints = {2: "empty", 3: "row 1's", 4: "no name", 5: "no voice 'nobody'", 6: "Klingon", 7: "not JSON"}
    assert {error["row"] for error in told["errors"]} == set(complaints)
    with (daemon.root / "out" / "batch-errors.csv").open(newline="") as file:
        kept = {int(row["row"]): row for row in csv.DictReader(file)}
    assert kept[5]["id"] == "d"
    for row, complaint in complaints.items():
        assert complaint in kept[row]["error"]
        assert f"ttsd: row {row}: ".encode() in ran.stderr
    (daemon.root / "lines.jsonl").write_text('{"text": "Good.", "id": "a"}\n{"text": "Who?", "id": "d"}\n')
    again = batch("lines.jsonl", "-o", "out", "--json")
    assert (again.returncode, summary(again)["reused"], summary(again)["spoken"]) == (0, 1, 1)
    assert not (daemon.root / "out" / "batch-errors.csv").exists()


def test_a_row_that_cannot_be_spoken_fails_alone(batch: Batch, daemon: Any) -> None:
    table(daemon, 6)
    fault(daemon, 'match = "number three"\nfail = "no luck"')
    ran = batch("lines.csv", "-o", "out")
    assert ran.returncode == 1
    assert ran.stdout.startswith(b"6 rows: 5 spoken, 0 reused, 1 failed; ")
    assert b"ttsd: row 3: " in ran.stderr
    assert b"no luck" in ran.stderr
    daemon.script.write_text("")
    assert summary(batch("lines.csv", "-o", "out", "--json"))["spoken"] == 1
    assert len(sounds(daemon)) == 6


def test_a_name_that_cannot_be_written_fails_alone(batch: Batch, daemon: Any) -> None:
    (daemon.root / "lines.csv").write_text("text,out\nOne.,a/b\nTwo.,c\n")
    (daemon.root / "out").mkdir()
    (daemon.root / "out" / "a").write_text("a file where a folder should be")
    ran = batch("lines.csv", "-o", "out")
    assert ran.returncode == 1
    assert b"ttsd: row 1: out/a/b.wav: cannot be written: " in ran.stderr
    assert list(sounds(daemon)) == ["c.wav"]


def test_killed_it_goes_on_where_it_was_and_gives_no_job_twice(batch: Batch, start: Start, daemon: Any) -> None:
    table(daemon)
    assert batch("lines.csv", "-o", "undisturbed", "--seed", "1").returncode == 0
    shutil.rmtree(daemon.root / "cache" / "clips")
    fault(daemon, "slow_ms = 20")
    for share in (1, 2):
        running = start("lines.csv", "-o", "out", "--seed", "1")
        wait_for(lambda share=share: len(sounds(daemon)) >= share * ROWS // 4, 60, "a good part of the files")
        running.kill()
        running.wait()
    # One that was killed between a file and its line in the manifest looks after that file once more.
    lines = (daemon.root / "out" / "batch.jsonl").read_text().splitlines()
    told = {entry["file"] for line in lines if (entry := json.loads(line))["type"] == "finished"}
    before = {path: path.stat().st_mtime_ns for path in (daemon.root / "out").glob("*.wav") if path.name in told}
    with (daemon.root / "out" / "batch.jsonl").open("ab") as manifest:
        manifest.write(b'{"type":"finished","file":"line')
    ran = batch("lines.csv", "-o", "out", "--seed", "1", "--json")
    assert ran.returncode == 0
    assert summary(ran)["spoken"] <= ROWS - len(before)
    assert sounds(daemon) == sounds(daemon, "undisturbed")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert submitted(daemon) == 2 * ROWS
    assert list((daemon.root / "out").glob(".*")) == []
    assert batch("lines.csv", "-o", "out", "--seed", "1").stdout == b"40 rows: 0 spoken, 40 reused, 0 failed\n"


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_a_daemon_that_comes_back_is_waited_for(start: Start, daemon: Any, ending: str) -> None:
    table(daemon)
    fault(daemon, "slow_ms = 20")
    running = start("lines.csv", "-o", "out", "--json")
    wait_for(lambda: len(sounds(daemon)) >= ROWS // 4, 60, "a good part of the files")
    getattr(daemon, ending)()
    assert running.poll() is None
    daemon.start()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert (json.loads(out)["spoken"], len(sounds(daemon)), submitted(daemon)) == (ROWS, ROWS, ROWS)


async def test_a_daemon_that_stays_away_ends_the_batch(
    daemon: Any, monkeypatch: pytest.MonkeyPatch, until: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(following, "PATIENCE_S", 0.5)
    fault(daemon, "slow_ms = 50")
    told: list[Outcome] = []
    warned: list[str] = []
    with Manifest(tmp_path / "batch.jsonl") as manifest:
        batch = Carrying(TtsdClient(daemon.socket), tmp_path / "out", manifest, told.append, warned.append)
        table = "text\n" + "Some words.\n" * ROWS
        running = asyncio.ensure_future(batch.run(orders(table, Path("lines.csv"), Settings())))
        await until(lambda: told, 30)
        await asyncio.to_thread(daemon.stop)
        with pytest.raises(ExceptionGroup) as raised:
            await running
    assert explain(raised.value) == 4
    assert warned == ["the daemon is stopping; waiting for it to come back"]


async def test_what_it_waits_for_is_told(start: Start, daemon: Any) -> None:
    table(daemon, 2)
    daemon.post("/v1/queue/pause")
    running = start("lines.csv", "-o", "out")
    assert running.stderr is not None
    assert await asyncio.to_thread(running.stderr.readline) == (
        b"ttsd: background work is paused, waiting for `ttsd jobs resume`\n"
    )
    daemon.post("/v1/queue/resume")
    assert await asyncio.to_thread(running.wait, 20) == 0


def test_interrupted_it_takes_back_what_has_not_begun(batch: Batch, start: Start, daemon: Any) -> None:
    table(daemon)
    fault(daemon, "slow_ms = 50")
    running = start("lines.csv", "-o", "out")
    wait_for(lambda: len(sounds(daemon)) >= 2, 60, "the first files")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, b"")
    assert b"run the same command to go on" in err
    counts = wait_for(
        lambda: (c := daemon.get("/v1/jobs?limit=1").json()["counts"])["queued"] == 0 and c, 5, "no queue"
    )
    assert counts["succeeded"] + counts["running"] + counts["cancelled"] == sum(counts.values()) < ROWS
    daemon.script.write_text("")
    assert batch("lines.csv", "-o", "out").returncode == 0
    assert len(sounds(daemon)) == ROWS


def test_two_into_one_folder_are_one_too_many(batch: Batch, start: Start, daemon: Any) -> None:
    table(daemon)
    fault(daemon, "slow_ms = 50")
    running = start("lines.csv", "-o", "out")
    wait_for(lambda: sounds(daemon), 60, "the first file")
    ran = batch("lines.csv", "-o", "out")
    assert ran.returncode == 1
    assert ran.stderr.startswith(b"ttsd: another `ttsd batch` writes into out")
    assert running.poll() is None


def test_no_daemon_is_four_and_nothing_to_do_needs_none(batch: Batch, daemon: Any) -> None:
    table(daemon, 2)
    assert batch("lines.csv", "-o", "out").returncode == 0
    daemon.stop()
    assert batch("lines.csv", "-o", "out").returncode == 0
    ran = batch("lines.csv", "-o", "other")
    assert (ran.returncode, ran.stdout) == (4, b"")
    assert ran.stderr.startswith(b"ttsd: no daemon answers on ")


def test_rows_by_the_hundred(batch: Batch, daemon: Any) -> None:
    """Many times what a batch gives the daemon at once."""
    (daemon.root / "numbers.csv").write_text("text\n" + "".join(f"{n}\n" for n in range(300)))
    ran = batch("numbers.csv", "-o", "out", "--json")
    assert ran.returncode == 0, ran.stderr
    assert summary(ran)["spoken"] == len(sounds(daemon)) == 300
    assert submitted(daemon) == 300
