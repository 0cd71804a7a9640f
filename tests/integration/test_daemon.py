"""The process as a whole: what it imports, how big it is, how it starts beside another and how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest


def test_the_daemon_never_imports_what_belongs_to_its_children():
    code = "import sys, ttsd.daemon; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    children_only = {"torch", "transformers", "numpy", "hibari", "onnxruntime", "soundfile", "textual"}
    assert not children_only & set(done.stdout.split())


def test_it_stays_small_under_work(daemon):
    for n in range(100):
        daemon.drop(f"{n}.txt", f"This is file number {n}. It has two sentences.")
    for n in range(100):
        daemon.wait_path(f"done/{n}.txt", 60)
    with daemon.client() as client, client.stream("POST", "/api/tts_stream", json={"text": "Hello. " * 200}) as answer:
        assert sum(map(len, answer.iter_bytes())) > 1_000_000
    memory = Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines()
    peak = next(line for line in memory if line.startswith("VmHWM"))
    assert int(peak.split()[1]) * 1024 <= 80 * 2**20


def test_two_daemons_do_not_share_a_state(daemon, make_daemon):
    second = make_daemon(daemon.root, daemon={"socket": str(daemon.root / "other.sock")})
    second.start(ready=False)
    assert second.process.wait(20) == 1
    assert f"pid {daemon.process.pid}" in second.stderr
    assert daemon.get("/healthz").status_code == 200


def test_a_bad_config_ends_with_3_and_one_line(make_daemon):
    daemon = make_daemon(engine={"name": "fake", "slotz": 4})
    daemon.start(ready=False)
    assert daemon.process.wait(20) == 3
    (line,) = daemon.stderr.splitlines()
    assert "[engine] slotz" in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_leaves_nothing_running(daemon, number: int):
    children = psutil.Process(daemon.process.pid).children(recursive=True)
    assert len(children) == 3
    daemon.process.send_signal(number)
    assert daemon.process.wait(20) == 0
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert not daemon.socket.exists()
    events = [json.loads(line)["event"] for line in (daemon.root / "logs/ttsd.log").read_text().splitlines()]
    assert events[-2:] == ["daemon.stopping", "daemon.stopped"]


def test_a_second_signal_means_at_once(make_daemon, wait_for):
    daemon = make_daemon(daemon={"drain_s": 600})
    daemon.script.write_text('[[rule]]\nmatch = "endless"\nslow_ms = 60000\n')
    daemon.start()
    daemon.drop("a.txt", "An endless sentence.")
    wait_for(lambda: daemon.status()["worker"]["busy_slots"])
    daemon.process.send_signal(signal.SIGTERM)
    wait_for(lambda: daemon.get("/readyz").status_code == 503, what="the refusal of new work")
    assert daemon.post("/api/tts", json={"text": "Hello."}).status_code == 503
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(20) == 0
    daemon.script.unlink()
    daemon.start()
    daemon.wait_path("done/a.txt")


def test_its_metrics_are_in_the_exposition_format(daemon, wait_for):
    daemon.post("/api/tts", json={"text": "Hello there."})
    daemon.drop("a.txt", "Hello.")
    daemon.wait_path("done/a.txt")
    from prometheus_client.parser import text_string_to_metric_families

    def samples() -> dict[str, float]:
        families = text_string_to_metric_families(daemon.get("/metrics").text)
        return {f"{s.name}{sorted(s.labels.items())}": s.value for family in families for s in family.samples}

    wait_for(lambda: samples()["ttsd_jobs_total[('state', 'succeeded')]"] == 1)
    wait_for(lambda: samples()["ttsd_ready[]"] == 1)
    assert samples()["ttsd_first_audio_seconds_count[('service', 'stream')]"] == 1
    assert samples()["ttsd_audio_seconds_total[('service', 'stream')]"] > 0
