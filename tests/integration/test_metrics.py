"""/metrics of a real daemon at work, read by Prometheus' own tool; what hostile clients can make of it: nothing."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import DaemonProcess
from tests.needs import require
from tests.nvml import compiled
from tests.waiting import wait_for
from ttsd.protocol.errors import BY_CODE
from ttsd.protocol.health import PRESSURES, THROTTLES, ExitCause, Phase
from ttsd.protocol.jobs import Door, JobState
from ttsd.protocol.speech import Service
from ttsd.protocol.usage import UsageDoor

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "docs/monitoring"
TABLE = ROOT / "docs/monitoring.md"
NAME = re.compile(r"\b(?:ttsd|process)_[a-z_]+\b")


def samples(text: str) -> dict[str, float]:
    """By name and labels, as they are written."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def labels(text: str) -> dict[str, set[str]]:
    """The values of each label."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for name, value in sample.labels.items():
                found.setdefault(name, set()).add(value)
    return found


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon on two cards that has done a bit of everything; tests only look at it."""
    folder = tmp_path_factory.mktemp("busy")
    card = folder / "card.txt"
    card.write_text("count=2\npower=120000\nthrottle=0x24\n")
    (folder / "driver").mkdir()
    daemon = DaemonProcess(folder, gpu={"sample_s": 0.1})
    daemon.env = {"LD_LIBRARY_PATH": str(compiled(folder / "driver")), "FAKE_NVML": str(card)}
    daemon.start()
    try:
        card.write_text(card.read_text() + f"proc={daemon.worker_pid()}:1000000\n")
        daemon.drop("a.txt", "Hello. How are you?")
        daemon.drop("bad.txt", b"\xff\xfe\x00")
        daemon.wait_path("done/a.txt")
        daemon.wait_path("failed/bad.txt")
        assert daemon.post("/api/tts_stream", json={"text": "Hello there."}).status_code == 200
        wait_for(lambda: len([*(folder / "cache").rglob("*.flac")]) == 3)  # kept behind the speaker's back
        assert daemon.post("/api/tts", json={"text": "Hello there."}).status_code == 200
        assert daemon.post("/v1/worker/recycle").status_code == 200
        wait_for(lambda: "ttsd_usage_energy_joules_total{" in daemon.get("/metrics").text)
        wait_for(lambda: samples(daemon.get("/metrics").text)["ttsd_worker_recycles_total{reason=asked}"] == 1)
        yield daemon
    finally:
        assert daemon.stop() == 0


def test_prometheus_own_tool_finds_no_fault(busy):
    promtool = shutil.which("promtool")
    require(promtool, "needs promtool: apt install prometheus")
    text = busy.get("/metrics").content
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_what_was_done_can_be_asked_for(busy):
    found = samples(busy.get("/metrics").text)
    assert found["ttsd_jobs_total{state=succeeded}"] == found["ttsd_jobs_total{state=failed}"] == 1
    assert found["ttsd_job_failures_total{reason=unreadable_document}"] == 1
    assert found["ttsd_job_wait_seconds_count{door=spool}"] == 2
    assert found["ttsd_first_audio_seconds_count{service=background}"] == 1
    assert found["ttsd_first_audio_seconds_count{service=stream}"] == 2
    assert found["ttsd_real_time_factor_ratio_count{service=stream}"] == 1
    assert found["ttsd_clip_lookups_total{result=hit}"] == 1
    assert found["ttsd_clip_lookups_total{result=miss}"] == 3
    assert found["ttsd_worker_restarts_total"] == 1
    assert found["ttsd_loop_lag_seconds_count"] >= 1
    assert found["ttsd_disk_free_bytes{place=spool}"] > 0
    assert found["process_open_fds"] > 3
    assert found["ttsd_gpu_memory_size_bytes{gpu=0}"] == 24 * 2**30
    assert (found["ttsd_gpu_power_watts{gpu=0}"], found["ttsd_gpu_temperature_celsius{gpu=1}"]) == (120.0, 40.0)
    assert found["ttsd_gpu_throttled{gpu=0,reason=power_cap}"] == 1
    assert found["ttsd_gpu_throttled{gpu=0,reason=hw_thermal}"] == 0
    assert found["ttsd_usage_clips_total{door=spool,voice=tone}"] == 2
    assert found["ttsd_usage_reused_clips_total{door=stream,voice=tone}"] == 1
    assert found["ttsd_usage_characters_total{door=stream,voice=tone}"] == 24


def test_the_table_in_the_documentation_is_whole(busy):
    """Name, kind, labels, meaning; what has not happened yet shows no labels."""
    families = list(text_string_to_metric_families(busy.get("/metrics").text))
    rows = re.findall(r"^\| `([a-z_]+)` \| (\w+) \| ([a-z, ]*?) ?\| (.*) \|$", TABLE.read_text(), re.MULTILINE)
    told = {name: (kind, text) for name, kind, _, text in rows}
    assert told == {full_name(family): (family.type, family.documentation) for family in families}
    marked = {name: set(filter(None, names.split(", "))) for name, _, names, _ in rows}
    for family in families:
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == marked[full_name(family)], family.name


def full_name(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


@pytest.mark.parametrize("place", ["grafana.json", "alerts.yml"])
def test_dashboard_and_alerts_ask_for_what_there_is(busy, place):
    queries = list(asked(place))
    assert len(queries) > 10
    shown = set(re.findall(r"^(\w+)", busy.get("/metrics").text, re.MULTILINE))
    described = {line.split()[2] for line in busy.get("/metrics").text.splitlines() if line.startswith("# TYPE")}
    for query in queries:
        names = set(NAME.findall(query))
        assert names or query.startswith("up{")
        assert names <= shown | described, query


def asked(place: str) -> Iterator[str]:
    """The queries of one of the files."""
    text = (MONITORING / place).read_text()
    if place == "alerts.yml":
        for rule in re.split(r"^ +- alert:", text, flags=re.MULTILINE)[1:]:
            yield re.split(r"^ +(?:for|labels):", rule.split("expr:")[1], flags=re.MULTILINE)[0].strip(" >\n")
        return
    for panel in json.loads(text)["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


def test_openmetrics_for_those_who_ask_for_it(busy):
    answer = busy.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert {family.name for family in read_openmetrics(answer.text)} >= {"ttsd_jobs", "ttsd_engine"}
    assert busy.get("/metrics").headers["content-type"].startswith("text/plain")


def test_no_client_can_add_a_label_or_a_series_without_end(daemon, wait_for):
    def shown() -> dict[str, set[str]]:
        return labels(daemon.get("/metrics").text)

    for number in range(30):
        daemon.post("/api/tts", json={"text": f"Take {number}.", "voice": f'x{number}"\n'})
        daemon.get(f"/v1/{number}", headers={"X-Request-Id": f"evil{number}", "Host": f"evil{number}"})
        daemon.post("/v1/jobs", json={"text": "Hello.", "title": f"title {number}", "door": "batch"})
        daemon.get(f"/v1/usage?by=evil{number}")
    wait_for(lambda: 'ttsd_jobs_total{state="succeeded"} 30.0' in daemon.get("/metrics").text)
    assert daemon.post("/api/tts", json={"text": "The last.", "voice": "noise"}).status_code == 200
    wait_for(lambda: "noise" in shown()["voice"])
    known = {
        "service": {service.value for service in Service},
        "state": {state.value for state in JobState},
        "door": {door.value for door in (*Door, *UsageDoor)},
        "reason": {*BY_CODE, *(cause.value for cause in ExitCause), *THROTTLES},
        "phase": {phase.value for phase in Phase},
        "code": {"2xx", "3xx", "4xx", "5xx"},
        "result": {"hit", "miss"},
        "process": {"daemon", "worker"},
        "place": {"spool", "state", "cache", "logs"},
        "voice": {"tone", "noise"},
        "kind": set(PRESSURES),
    }
    found = shown()
    assert not {name: values - known[name] for name, values in found.items() if values - known.get(name, values)}
    assert set(found) - set(known) == {"le", "version", "user", "name", "revision", "device", "dtype"}
    assert len(found["user"]) == 1


@pytest.mark.parametrize(("rtf", "gaps"), [(0.1, False), (2.0, True)], ids=["fast enough", "slower than it is heard"])
def test_gaps_are_counted_where_speech_is_made_too_slowly(make_daemon, rtf, gaps):
    daemon = make_daemon(fake={"rtf": rtf}).start()
    assert daemon.post("/api/tts_stream", json={"text": "Not a long text."}).status_code == 200
    found = samples(daemon.get("/metrics").text)
    assert (found["ttsd_underruns_total{service=stream}"] > 0) == gaps
    assert (found["ttsd_underrun_seconds_total{service=stream}"] > 0.1) == gaps
