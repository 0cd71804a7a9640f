"""What was used, from the engine's work to the row of `ttsd usage`: through a real daemon, and a killed one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DaemonProcess
from tests.nvml import compiled
from ttsd.asker import name_of

USER = f"uid {os.getuid()}"


def report(daemon: DaemonProcess, by: str = "voice") -> dict[str, dict[str, float]]:
    rows = daemon.get(f"/v1/usage?by={by}").json()["rows"]
    return {row["name"]: row["used"] for row in rows}


def command(daemon: DaemonProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "ttsd.cli", "usage", "--socket", str(daemon.socket), *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80"})


@pytest.fixture
def on_a_card(make_daemon, tmp_path: Path, wait_for) -> DaemonProcess:
    """The fake engine at a fifth of real time, on a card that draws 200 W."""
    driver = tmp_path / "driver"
    driver.mkdir()
    compiled(driver)
    values = tmp_path / "card.txt"
    values.write_text("count=1\npower=200000\n")
    prices = {"price_per_kwh": 0.6, "hardware_cost_per_month": 400.0, "compared_price_per_10k_clips": 120.0}
    daemon = make_daemon(gpu={"sample_s": 0.05}, fake={"rtf": 0.2}, usage=prices)
    daemon.env = {"LD_LIBRARY_PATH": str(driver), "FAKE_NVML": str(values)}
    daemon.start()
    values.write_text(f"count=1\npower=200000\nproc={daemon.worker_pid()}:1000\n")
    wait_for(lambda: any(p["ours"] for c in daemon.status()["health"]["gpus"] for p in c["processes"] or ()))
    return daemon


def test_each_door_is_counted_and_what_was_found_costs_nothing(on_a_card, wait_for):
    daemon = on_a_card
    daemon.drop("a.txt", "A sentence from a file, long enough to take a moment.")
    daemon.wait_path("done/a.txt")
    for _ in range(2):
        daemon.post("/api/tts", json={"text": "Hello there, and good morning to all of you.", "voice": "noise"})
        wait_for(lambda: len([*(daemon.root / "cache").rglob("*.flac")]) == 2)  # behind the speaker's back
    job = daemon.post("/v1/jobs", json={"text": "Batch work.", "door": "batch"}).json()["id"]
    wait_for(lambda: daemon.get(f"/v1/jobs/{job}").json()["state"] == "succeeded")
    doors = report(daemon, "door")
    assert {name: (used["clips"], used["reused"]) for name, used in doors.items()} == {
        "spool": (1, 0),
        "stream": (2, 1),
        "batch": (1, 0),
    }
    assert doors["stream"]["characters"] == 88
    voices = report(daemon)
    assert list(voices) == ["noise", "tone"]
    used = voices["noise"]
    assert used["audio_s"] == pytest.approx(2 * 44 * 0.06)
    assert used["engine_s"] >= 0.2 * 44 * 0.06
    assert used["energy_j"] == pytest.approx(200 * used["engine_s"])
    assert list(report(daemon, "user")) == [USER]


def test_the_command_tells_what_ten_thousand_clips_cost(on_a_card):
    daemon = on_a_card
    daemon.post("/api/tts", json={"text": "Thirty characters, no more now"})
    whole = command(daemon)
    assert (whole.returncode, whole.stderr) == (0, "")
    head, row, total, _, *costs = whole.stdout.splitlines()
    assert head.split() == ["voice", "clips", "reused", "characters", "audio", "engine", "energy", "cost"]
    assert row.split()[:4] == ["tone", "1", "0%", "30"]
    assert total.startswith("all ")
    assert all(len(line) <= 80 for line in whole.stdout.splitlines())
    assert costs[0].startswith("10,000 clips")
    assert "power ¥" in costs[1]
    assert "less than ¥120.00 elsewhere" in costs[2]
    assert "worked" in costs[3]
    told = json.loads(command(daemon, "--json", "--since", "all").stdout)
    assert told["per_10k"]["power"] == pytest.approx(told["total"]["used"]["energy_j"] / 3.6e6 * 0.6 * 10_000)
    assert command(daemon, "--by", "user").stdout.splitlines()[1].startswith(name_of(USER))


def test_without_a_card_power_is_not_measured_rather_than_nothing(make_daemon):
    daemon = make_daemon(usage={"price_per_kwh": 0.6, "hardware_cost_per_month": 100.0}).start()
    assert "Nothing was spoken" in command(daemon).stdout
    daemon.post("/api/tts", json={"text": "Hello."})
    assert report(daemon)["tone"]["energy_j"] is None
    told = command(daemon).stdout
    assert told.splitlines()[1].split()[-2] == "-"
    assert "Power was not measured" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "yesterday"), "write `30d`, `12h`, `2w`, `2026-11-01` or `all`"),
        (("--since", "2999-01-01"), "still to come"),
        (("--by", "weather"), "'weather' is not one of"),
    ],
)
def test_what_makes_no_sense_is_said_to(make_daemon, arguments, words):
    refused = command(make_daemon(), *arguments)
    assert refused.returncode == 2
    assert words in refused.stderr


@pytest.mark.parametrize("query", ["by=weather", "since_s=soon", "since_s=-1", "since_s=nan", "since_s=inf"])
def test_the_route_names_what_is_wrong(daemon, query):
    answer = daemon.get(f"/v1/usage?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == query.partition("=")[0]


def test_a_killed_daemon_has_counted_every_job_that_had_ended_once(make_daemon, wait_for):
    """After any kill: as many clips as jobs that have succeeded, the work for each of them included."""
    daemon = make_daemon().start()
    for kill in range(3):
        for number in range(20):
            daemon.drop(f"{kill}-{number}.txt", f"Sentence {kill} {number}.")
        daemon.wait_path(f"outbox/{kill}-5.json")
        daemon.kill()
        daemon.start()
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 60)
    used = report(daemon)["tone"]
    assert used["clips"] == 60
    assert used["characters"] == sum(len(f"Sentence {kill} {number}.") for kill in range(3) for number in range(20))


def test_a_restart_gives_nobody_a_second_allowance(make_daemon, wait_for):
    daemon = make_daemon(limits={"max_chars_per_day": 100}).start()
    job = daemon.post("/v1/jobs", json={"text": "x" * 40}).json()["id"]
    wait_for(lambda: daemon.get(f"/v1/jobs/{job}").json()["state"] == "succeeded")
    assert daemon.post("/v1/queue/pause").status_code == 200
    assert daemon.post("/v1/jobs", json={"text": "y" * 10}).status_code == 201, "waits"
    assert daemon.post("/api/tts", json={"text": "z" * 30}).status_code == 200
    daemon.drop("a.txt", "Files have no allowance. " * 5)
    report(daemon)  # what is told is on the disk
    daemon.kill()
    daemon.start()
    refused = daemon.post("/api/tts", json={"text": "z" * 21})
    assert refused.status_code == 429
    assert "has had 80 characters spoken today" in refused.json()["error"]["message"]
    assert daemon.post("/api/tts", json={"text": "z" * 20}).status_code == 200
