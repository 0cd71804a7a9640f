"""Dashboard and alerts by themselves; that what they ask for exists is in integration/test_metrics.py."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import require

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "docs/monitoring"


def test_the_dashboard_is_the_one_its_script_writes():
    program = [sys.executable, "-c", "import dashboard; print(dashboard.text(), end='')"]
    made = subprocess.run(program, cwd=MONITORING, capture_output=True, text=True, check=True)
    assert made.stdout == (MONITORING / "grafana.json").read_text()


def test_panels_lie_beside_each_other():
    taken: set[tuple[int, int]] = set()
    for panel in json.loads((MONITORING / "grafana.json").read_text())["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_each_alert_says_what_it_means_and_what_to_do():
    text = (MONITORING / "alerts.yml").read_text()
    assert text.count("- alert:") == text.count("summary:") == text.count("description:") > 10


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts.test.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
    ],
    ids=["rules", "alerts", "configuration"],
)
def test_prometheus_own_tool_is_content(arguments):
    promtool = shutil.which("promtool")
    require(promtool, "needs promtool: apt install prometheus")
    run = subprocess.run([promtool, *arguments], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_prometheus_own_tool_understands_every_query_of_the_dashboard(tmp_path):
    promtool = shutil.which("promtool")
    require(promtool, "needs promtool: apt install prometheus")
    panels = json.loads((MONITORING / "grafana.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    plain = [query.replace("$__rate_interval", "1m").replace("$instance", ".+") for query in queries]
    assert len(plain) > 40
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(plain)]
    # JSON is YAML.
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    run = subprocess.run(
        [promtool, "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
