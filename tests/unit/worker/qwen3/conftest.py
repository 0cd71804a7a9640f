"""A small random checkpoint, and the model on it."""

from pathlib import Path

import pytest
import torch

from tests.checkpoints import write_tiny
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.model import Model


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture(scope="session")
def model(tiny) -> Model:
    found = Model(Checkpoint.open(tiny), torch.device("cpu"), torch.float32)
    found.load(lambda _progress, _note: None)
    return found
