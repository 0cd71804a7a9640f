"""A sample of the cases against the official package itself, where `make oracle` has built it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.checkpoints import write_tiny
from tests.oracle.cases import cases

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-oracle" / "bin" / "python"
REQUIRED = bool(os.environ.get("TTSD_REQUIRE_ALL"))
GOLDENS = ROOT / "tests" / "unit" / "worker" / "qwen3" / "goldens" / "codes.json"


def test_the_goldens_are_what_the_official_package_makes_today(tmp_path: Path) -> None:
    if not PYTHON.exists():
        (pytest.fail if REQUIRED else pytest.skip)("the official package is missing: make oracle")
    checkpoint = write_tiny(tmp_path / "tiny")
    sample = [case.name for case in cases()[::9]]
    line = [str(PYTHON), "tests/oracle/code_goldens.py", str(checkpoint), "-", *sample]
    ran = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found, known = json.loads(ran.stdout.splitlines()[-1]), json.loads(GOLDENS.read_text())
    assert found["ref_codes"] == known["ref_codes"]
    assert found["cases"] == {name: known["cases"][name] for name in sample}
