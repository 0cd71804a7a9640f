"""One daemon that is told of another setting again and again: whoever it concerns goes by it from then on."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import DaemonProcess
from tests.spoken_clips import clip
from tests.waiting import wait_for

WORDS = "Hello there, this is me speaking now."


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(tmp_path_factory.mktemp("reloads")).start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def daemon(shared: DaemonProcess) -> Iterator[DaemonProcess]:
    """As it was started, for each test; the process stays the same."""
    usual = {section: dict(keys) for section, keys in shared.settings.items()}
    pid = shared.process.pid
    yield shared
    shared.settings = usual
    reload(shared)
    assert shared.process.poll() is None
    assert shared.status()["pid"] == pid


def records(daemon: DaemonProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (daemon.root / "logs" / "ttsd.log").read_text().splitlines()]


def reload(daemon: DaemonProcess, **settings: dict[str, Any]) -> None:
    """Have it read these too; returns when it has, and needs no restart for them."""

    def reloads() -> list[dict[str, Any]]:
        return [record for record in records(daemon) if record["event"] == "config.reloaded"]

    before = len(reloads())
    for section, keys in settings.items():
        daemon.settings.setdefault(section, {}).update(keys)
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)
    last = wait_for(lambda: reloads()[before:])[-1]
    assert last["needs_restart"] == ""


def error(answer: Any) -> str:
    assert answer.status_code >= 400, answer.text
    return answer.json()["error"]["message"]


def receipt(daemon: DaemonProcess, name: str) -> Any:
    return json.loads(daemon.wait_path(f"outbox/{name}.json").read_text())


def test_the_log(daemon):
    reload(daemon, log={"level": "debug", "format": "json"})
    wait_for(lambda: any(line.startswith('{"') and "config.reloaded" in line for line in daemon.stderr.splitlines()))
    daemon.get("/v1/voices")
    wait_for(lambda: any(record["level"] == "debug" for record in records(daemon)))


def test_who_is_let_in(daemon):
    reload(daemon, limits={"requests_per_s": 0.001, "requests_burst": 1})
    assert daemon.get("/v1/voices").status_code == 200
    assert "requests_per_s" in error(daemon.get("/v1/voices"))


def test_the_doors(daemon):
    reload(daemon, limits={"max_text_chars": 5})
    assert "max_text_chars" in error(daemon.post("/api/tts", json={"text": "Hello there."}))


def test_the_queue(daemon):
    assert daemon.post("/v1/queue/pause").status_code == 200
    assert daemon.post("/v1/jobs", json={"text": "One."}).status_code == 201
    reload(daemon, limits={"max_queue": 1})
    assert "max_queue" in error(daemon.post("/v1/jobs", json={"text": "Two."}))
    assert daemon.post("/v1/queue/resume").status_code == 200


def test_the_condition(daemon):
    reload(daemon, limits={"min_free_mb": 1e12}, gpu={"vram_restart": 0.71})
    answer = wait_for(lambda: (got := daemon.get("/readyz")).status_code == 503 and got)
    assert answer.json()["code"] == "storage_full"
    assert daemon.status()["vram_restart"] == 0.71


def test_what_jobs_come_to(daemon):
    reload(daemon, output={"format": "flac", "captions": "srt"}, speech={"voice": "noise", "language": "de"})
    daemon.drop("everybodys.txt", "12")
    made = receipt(daemon, "everybodys")
    assert (made["voice"], made["segments"][0]["language"]) == ("noise", "de")
    assert {"everybodys.flac", "everybodys.srt"} <= set(daemon.outbox())
    reload(daemon, spool={"format": "pcm", "captions": "none", "voice": "tone", "language": "fr"})
    daemon.drop("of-the-spool.txt", "12")
    made = receipt(daemon, "of-the-spool")
    assert (made["voice"], made["segments"][0]["language"]) == ("tone", "fr")
    assert [name for name in daemon.outbox() if name.startswith("of")] == ["of-the-spool.json", "of-the-spool.pcm"]


def test_how_often_a_job_is_tried(daemon):
    daemon.script.write_text('[[rule]]\nmatch = "unlucky"\nfail = "no luck"\nretryable = true\n')
    reload(daemon, limits={"max_attempts": 1})
    daemon.drop("once.txt", "An unlucky text.")
    assert "no luck" in daemon.wait_path("failed/once.txt.error.txt").read_text()
    daemon.script.unlink()


def test_voices(daemon):
    def add(name: str) -> Any:
        fields = {"name": name, "transcript": WORDS, "language": "en"}
        return daemon.post("/v1/voices", data=fields, files={"audio": ("me.wav", clip())})

    reload(daemon, limits={"max_clip_s": 1.5})
    assert "max_clip_s" in error(add("anna"))
    reload(daemon, limits={"max_clip_s": 60, "max_voices": 1})
    assert add("anna").status_code == 201
    assert "max_voices" in error(add("bea"))


def test_prices(daemon):
    reload(daemon, usage={"currency": "CHF"})
    assert daemon.get("/v1/usage").json()["prices"]["currency"] == "CHF"


def test_the_worker(daemon):
    before = daemon.worker_pid()
    reload(daemon, fake={"slots": 3}, engine={"live_slots": 2})
    wait_for(lambda: daemon.status()["worker"]["engine"]["slots"] == 3)
    assert daemon.worker_pid() != before


def test_how_long_the_model_is_kept(daemon):
    daemon.worker_pid()
    reload(daemon, engine={"keep_alive": 0})
    wait_for(lambda: daemon.status()["worker"]["phase"] == "stopped")
    assert daemon.get("/readyz").status_code == 200
