"""A sample of the cases against the official package itself, where `make oracle` has built it."""

import json
import subprocess
from pathlib import Path

import pytest
import torch

from tests.checkpoints import write_tiny
from tests.needs import require
from tests.oracle.cases import cases
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.sampler import Rule, Rules, processed, settle

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-oracle" / "bin" / "python"
GOLDENS = ROOT / "tests" / "unit" / "worker" / "qwen3" / "goldens" / "codes.json"

pytestmark = pytest.mark.timeout(300)  # that package has much to import


@pytest.fixture(autouse=True)
def _built() -> None:
    require(PYTHON.exists(), "needs the official package: make oracle")


@pytest.mark.heavy
def test_the_goldens_are_what_the_official_package_makes_today(tmp_path: Path) -> None:
    checkpoint = write_tiny(tmp_path / "tiny")
    sample = [case.name for case in cases()[::9]]
    line = [str(PYTHON), "tests/oracle/code_goldens.py", str(checkpoint), "-", *sample]
    ran = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found, known = json.loads(ran.stdout.splitlines()[-1]), json.loads(GOLDENS.read_text())
    assert found["ref_codes"] == known["ref_codes"]
    assert found["cases"] == {name: known["cases"][name] for name in sample}


SETTINGS = (
    {"temperature": 0.9, "top_k": 50, "top_p": 1.0, "repetition_penalty": 1.05},
    {"temperature": 0.9, "top_k": 50, "top_p": 0.8, "repetition_penalty": 1.0},
    {"temperature": 1.3, "top_k": 0, "top_p": 0.95, "repetition_penalty": 1.3},
    {"temperature": 0.5, "top_k": 5, "top_p": 1.0, "repetition_penalty": 2.0},
)


@pytest.mark.heavy
def test_codes_are_drawn_from_the_official_distribution(tmp_path: Path) -> None:
    checkpoint = write_tiny(tmp_path / "tiny")
    talker = Checkpoint.open(checkpoint).model.talker
    draw, bias = torch.Generator().manual_seed(4), torch.zeros(talker.vocab_size)
    bias[-1024:] = -torch.inf
    bias[talker.codec_eos_token_id] = 0.0
    cases, ours = [], []
    for settings in SETTINGS:
        for _ in range(4):
            scores = torch.randn(1, talker.vocab_size, generator=draw) * 3
            history = torch.randint(0, talker.vocab_size - 1024, (12,), generator=draw)
            seen = torch.zeros_like(scores, dtype=torch.bool)
            seen[0, history] = True
            rules = Rules(1, talker.vocab_size, "cpu")
            rules.put(0, Rule(False, settings["temperature"], int(settings["top_k"]), settings["top_p"]))
            settled = settle(scores, seen, torch.tensor([[settings["repetition_penalty"]]]), bias)
            ours.append(processed(settled, rules.first(1)).softmax(-1)[0])
            case = {"scores": scores[0].tolist(), "history": history.tolist(), "settings": settings}
            cases.append(json.dumps(case))
    line = [str(PYTHON), "tests/oracle/sampling.py", str(checkpoint)]
    ran = subprocess.run(
        line, cwd=ROOT, input="\n".join(cases), capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    answers = ran.stdout.split("ready\n", 1)[1].splitlines()
    for mine, theirs in zip(ours, answers, strict=True):
        torch.testing.assert_close(mine, torch.tensor(json.loads(theirs)), rtol=1e-5, atol=1e-7)
