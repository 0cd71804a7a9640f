"""A real card, and the small random checkpoint on it; without a card nothing here runs, and says so.

`TTSD_GPU_TESTS_ON=cpu` runs what can be on a CPU instead: whether the tests themselves work.
"""

import gc
import os
from pathlib import Path

import pytest
import torch

from tests.checkpoints import write_tiny
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.model import Model

ON = os.environ.get("TTSD_GPU_TESTS_ON", "cuda")


@pytest.fixture(scope="session")
def device():
    return torch.device(ON)


@pytest.fixture(scope="session", autouse=True)
def _card():
    if ON == "cuda" and not torch.cuda.is_available():
        # A machine that has a card, and is to leave nothing out, has failed; one without has nothing to show.
        there = Path("/dev/nvidia0").exists() and "TTSD_REQUIRE_ALL" in os.environ
        why = "this torch is for CPUs" if torch.version.cuda is None else "torch finds none"
        (pytest.fail if there else pytest.skip)(f"no CUDA card: {why}")


@pytest.fixture
def cuda_only():
    if ON != "cuda":
        pytest.skip("a rehearsal on a CPU")


@pytest.fixture(scope="session", autouse=True)
def _exact(_card):
    """Single precision is to be just that: no TF32."""
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


@pytest.fixture(autouse=True)
def _inference(_exact):
    with torch.inference_mode():
        yield
    gc.collect()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("checkpoint") / "tiny")


def loaded(folder, device, dtype):
    found = Model(Checkpoint.open(folder), torch.device(device), dtype)
    found.load(lambda _progress, _note: None)
    return found


@pytest.fixture(scope="session")
def on_cpu(tiny, _exact):
    return loaded(tiny, "cpu", torch.float32)


@pytest.fixture(scope="session")
def exact(tiny, device, _exact):
    """Single precision, as on a CPU."""
    return loaded(tiny, device, torch.float32)


@pytest.fixture(scope="session")
def half(tiny, device, _exact):
    """As it is used."""
    return loaded(tiny, device, torch.bfloat16)
