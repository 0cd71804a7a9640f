"""`ttsd batch` without a daemon: usage, orders, the manifest, the meter."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ttsd.cli.batch import Summary, line
from ttsd.cli.manifest import Failed, Finished, Manifest, Submitted
from ttsd.cli.meter import Meter
from ttsd.cli.orders import Settings, orders
from ttsd.protocol.errors import Conflict, TtsdError, UnreadableDocument

TABLE = Path("lines.csv")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Missing argument 'FILE'"),
        (["lines.csv"], "Missing option '-o'"),
        (["none.csv", "-o", "out"], "'none.csv' does not exist"),
        (["lines.xlsx", "-o", "out"], "lines.xlsx is no table: a batch is one of .csv .json .jsonl"),
        (["lines.csv", "-o", "lines.csv"], "is a file"),
        (["lines.csv", "-o", "out", "--format", "ogg"], "'ogg' is not one of"),
        (["lines.csv", "-o", "out", "--speed", "9"], "9.0 is not in the range"),
    ],
)
async def test_what_cannot_be_meant_is_two(ttsd: Any, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    (tmp_path / "lines.csv").write_text("text\nHello.\n")
    (tmp_path / "lines.xlsx").write_bytes(b"PK")
    ran = await ttsd("batch", *arguments)
    assert (ran.status, ran.out) == (2, b"")
    assert complaint in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"id\nhello\n", "ttsd: lines.csv: line 1: no column named text"),
        (b"text\ncaf\xe9\n", "ttsd: lines.csv: the file is not UTF-8"),
        (b"", "ttsd: lines.csv: line 1: no column named text"),
    ],
)
async def test_a_file_that_is_no_table_is_one(ttsd: Any, tmp_path: Path, data: bytes, complaint: str) -> None:
    (tmp_path / "lines.csv").write_bytes(data)
    ran = await ttsd("batch", "lines.csv", "-o", "out")
    assert (ran.status, ran.out) == (1, b"")
    assert ran.err.startswith(complaint)
    assert not (tmp_path / "out").exists()


async def test_rows_that_are_all_bad_need_no_daemon(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text("text,id\n" + "".join(f",{n}\n" for n in range(30)))
    ran = await ttsd("batch", "lines.csv", "-o", "out")
    assert (ran.status, ran.out) == (1, b"30 rows: 0 spoken, 0 reused, 30 failed\n")
    assert ran.err.count("the text is empty") == 20
    assert ran.err.endswith("ttsd: more rows failed; batch-errors.csv will have them all\n")
    assert (tmp_path / "out" / "batch-errors.csv").read_text().count("the text is empty") == 30


# --- orders ---


def test_a_row_goes_before_the_command_line() -> None:
    table = "text,voice,language,out\nOne.,,,\nTwo.,tone,de,two.flac\n"
    one, two = orders(table, TABLE, Settings("noise", "en", "mp3", 3, 1.5))
    assert (one.file, one.settings) == ("0001.mp3", Settings("noise", "en", "mp3", 3, 1.5))
    assert (two.file, two.settings) == ("two.flac", Settings("tone", "de", "flac", 3, 1.5))
    job = two.job(Path("/x/lines"))
    assert (job.text, job.voice, job.format, job.seed, job.title) == ("Two.", "tone", "flac", 3, "/x/lines/two.flac")


def test_the_fingerprint_tells_apart_what_sounds_different() -> None:
    def fingerprint(text: str = "Hello.", **settings: Any) -> str:
        return orders(f"text\n{text}\n", TABLE, Settings(**settings))[0].fingerprint

    asked = [
        fingerprint(),
        fingerprint("Hello!"),
        fingerprint(voice="tone"),
        fingerprint(language="en"),
        fingerprint(format="pcm"),
        fingerprint(seed=1),
        fingerprint(speed=1.1),
    ]
    assert len(set(asked)) == len(asked)
    first, second = orders("text\nHello.\nHello.\n", TABLE, Settings())
    assert first.fingerprint == second.fingerprint == fingerprint()


def test_what_is_wrong_with_the_table_names_its_file() -> None:
    with pytest.raises(UnreadableDocument, match=r"^lines.csv: line 1: "):
        orders("id\n", TABLE, Settings())


# --- manifest ---

GIVEN = Submitted("a.wav", "order", "job 1")
MADE = Finished("a.wav", "order", "job 1", 1000, 2.5)


def test_the_manifest_knows_the_last_word_on_each_file(tmp_path: Path) -> None:
    path = tmp_path / "batch.jsonl"
    with Manifest(path) as manifest:
        assert manifest.latest("a.wav", "order") is None
        manifest.add(GIVEN)
        manifest.add(Failed("b.wav", "order", "no luck"))
        manifest.add(MADE)
        assert manifest.latest("a.wav", "order") == MADE
    with Manifest(path) as manifest:
        assert manifest.latest("a.wav", "order") == MADE
        assert manifest.latest("b.wav", "order") == Failed("b.wav", "order", "no luck")
        assert manifest.latest("a.wav", "another order") is None


def test_a_torn_line_costs_that_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "batch.jsonl"
    with Manifest(path) as manifest:
        manifest.add(GIVEN)
        manifest.add(MADE)
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole[:cut])
        with Manifest(path) as manifest:
            expected = None if cut < whole.index(b"\n") else GIVEN if cut < len(whole) - 1 else MADE
            assert manifest.latest("a.wav", "order") == expected
            manifest.add(Failed("b.wav", "order", "no luck"))
        with Manifest(path) as manifest:
            assert manifest.latest("a.wav", "order") == expected
            assert manifest.latest("b.wav", "order") is not None


def test_a_manifest_has_one_owner(tmp_path: Path) -> None:
    with Manifest(tmp_path / "batch.jsonl"), pytest.raises(Conflict, match="another `ttsd batch`"):
        Manifest(tmp_path / "batch.jsonl").__enter__()
    with Manifest(tmp_path / "batch.jsonl"):
        pass


def test_a_manifest_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(TtsdError, match="cannot be written: Is a directory"):
        Manifest(tmp_path).__enter__()


# --- meter and summary ---


def test_in_a_pipe_a_line_comes_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = 0.0

    def clock() -> float:
        return seconds

    with Meter(1000, clock) as meter:
        for n in range(12):
            seconds += 2.0
            meter.step(failed=n == 3)
    assert capsys.readouterr().err.splitlines() == [
        "ttsd: 5 of 1,000 rows, 1 failed, about 33 min 10 s left",
        "ttsd: 10 of 1,000 rows, 1 failed, about 33 min 00 s left",
    ]


def test_on_a_terminal_there_is_a_bar_and_what_is_said_stands_above_it() -> None:
    script = (
        "from ttsd.cli.meter import Meter\n"
        "with Meter(2) as meter:\n    meter.step()\n    meter.say('row 7: no')\n    meter.step(failed=True)\n"
    )
    primary, secondary = os.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    ran = subprocess.run([sys.executable, "-c", script], stderr=secondary, stdout=subprocess.PIPE, env=env, check=True)
    os.close(secondary)
    shown = os.read(primary, 65536).decode()
    os.close(primary)
    assert ran.stdout == b""
    assert "2 rows" in shown
    assert "1/2" in shown
    assert "\r\x1b[Kttsd: row 7: no\r\n" in shown
    assert "2/2  100%  1 failed" in shown
    assert shown.removesuffix("\x1b[?25h").endswith("\n"), "the prompt comes on a line of its own"


def test_the_summary_as_people_read_it() -> None:
    assert (
        line(Summary("out", 1000, 980, 15, 5, 3130.0, 200.4, 15.62, ()))
        == "1,000 rows: 980 spoken, 15 reused, 5 failed; 52 min 10 s of sound in 3 min 20 s, 15.6 times real time"
    )
