"""The process as a whole: what it imports, how big it is, how it starts beside another and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.waiting import wait_ended, wait_for


def test_the_daemon_never_imports_what_belongs_to_its_children():
    code = "import sys, ttsd.daemon; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    children_only = {"torch", "transformers", "numpy", "hibari", "onnxruntime", "soundfile", "av", "lxml", "textual"}
    assert not children_only & set(done.stdout.split())


def test_what_strangers_wrote_is_decoded_elsewhere(daemon):
    """By what is mapped into each process once it has done all of that."""
    daemon.drop("page.html", "<p>A page.</p>")
    daemon.drop("table.csv", "text\nA row.\n")
    daemon.drop("note.txt", '+++\nformat = "m4a"\n+++\nA note.')
    for name in ("page.html", "table.csv", "note.txt"):
        daemon.wait_path(f"done/{name}", 60)
    files = {"audio": ("me.mp3", b"no sound" * 999)}
    assert daemon.post("/v1/voices", data={"name": "anna", "transcript": "Hello."}, files=files).status_code >= 400
    decoders = ("lxml/", "/av/", "numpy", "libav")
    children = psutil.Process(daemon.process.pid).children()
    theirs = "".join(Path(f"/proc/{child.pid}/maps").read_text() for child in children)
    assert all(decoder in theirs for decoder in ("lxml/", "/av/"))
    ours = Path(f"/proc/{daemon.process.pid}/maps").read_text()
    assert [decoder for decoder in decoders if decoder in ours] == []


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


A_LONG_START = """
import sys, os
if "serve" in sys.orig_argv:
    class Held:
        def find_spec(self, name, path=None, target=None):
            if name == "ttsd.daemon":
                open(os.environ["GO_ON"]).close()
    sys.meta_path.insert(0, Held())
"""
"""Imported by each Python that finds it as `sitecustomize`: it waits until somebody opens a pipe to write to it."""


def test_who_connects_while_it_starts_waits_and_is_answered(make_daemon, tmp_path):
    (tmp_path / "hazard").mkdir()
    (tmp_path / "hazard" / "sitecustomize.py").write_text(A_LONG_START)
    os.mkfifo(tmp_path / "go")
    daemon = make_daemon()
    daemon.env |= {"PYTHONPATH": str(tmp_path / "hazard"), "GO_ON": str(tmp_path / "go")}
    daemon.start(ready=False)
    with socket.socket(socket.AF_UNIX) as early:
        wait_for(lambda: early.connect_ex(str(daemon.socket)) == 0, what="a connection")
        early.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        (tmp_path / "go").open("w").close()
        assert early.recv(4096).startswith(b"HTTP/1.1 200 ")


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


def test_a_bad_value_in_the_environment_is_one_sentence_that_names_the_variable(make_daemon):
    daemon = make_daemon()
    daemon.env["TTSD__LIMITS__MAX_QUEUE"] = "many"
    daemon.start(ready=False)
    assert daemon.process.wait(20) == 3
    (line,) = daemon.stderr.splitlines()
    where = "ttsd: TTSD__LIMITS__MAX_QUEUE: [limits] max_queue"
    assert line == f'{where} = "many" is not allowed: it takes a whole number from 1 up'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_leaves_nothing_running(daemon, number: int):
    children = psutil.Process(daemon.process.pid).children(recursive=True)
    assert len(children) == 3
    daemon.process.send_signal(number)
    assert daemon.process.wait(20) == 0
    wait_ended(children, 5)
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


def test_a_full_queue_is_no_readiness_until_a_job_is_taken(make_daemon, wait_for):
    daemon = make_daemon(limits={"max_queue": 2}).start()
    assert daemon.post("/v1/queue/pause").status_code == 200
    for text in ("One.", "Two."):
        assert daemon.get("/readyz").status_code == 200
        assert daemon.post("/v1/jobs", json={"text": text}).status_code == 201
    full = daemon.get("/readyz")
    assert (full.status_code, full.headers["retry-after"]) == (503, "10")
    said = "2 jobs are waiting; at most 2 may ([limits] max_queue)"
    told = full.json()
    assert (told["ready"], told["reason"], told["retry_after_s"], told["code"]) == (False, said, 10, "busy")
    refused = daemon.post("/v1/jobs", json={"text": "Three."})
    assert (refused.status_code, refused.json()["error"]["message"]) == (429, said)
    assert int(refused.headers["retry-after"]) > 0
    assert daemon.get("/healthz").status_code == 200
    assert daemon.post("/v1/queue/resume").status_code == 200
    wait_for(lambda: daemon.get("/readyz").status_code == 200)
    assert daemon.post("/v1/jobs", json={"text": "Three."}).status_code == 201
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 3)


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
