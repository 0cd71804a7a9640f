"""Loading: what it reads, tells and leaves behind, whatever the size of the files."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from tests.checkpoints import write_tiny
from ttsd.worker.qwen3 import weights
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.weights import Place, Weights

CPU = torch.device("cpu")
MIB = 2**20


def test_progress_goes_by_bytes_and_never_back(tiny, monkeypatch):
    monkeypatch.setattr(weights, "PIECE", 1024)
    told: list[tuple[float, str]] = []
    Model(Checkpoint.open(tiny), CPU, torch.float32).load(lambda progress, note: told.append((progress, note)))
    steps = [progress for progress, _ in told]
    assert steps == sorted(steps)
    assert steps[0] == 0.0
    assert max(after - before for before, after in pairwise(steps)) < 0.2
    assert len(told) > 50
    assert list(dict.fromkeys(note for _, note in told)) == [
        "reading the codec",
        "reading the talker",
        "arranging the weights",
        "warming up",
    ]


@pytest.mark.parametrize("piece", [7, 64, 2**21])
@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16, torch.float16])
def test_what_is_read_in_pieces_is_what_was_stored(tmp_path, monkeypatch, piece, stored):
    monkeypatch.setattr(weights, "PIECE", piece)
    monkeypatch.setattr(weights, "MAPPED_BYTES", 100)
    tensors = {"whole": torch.randn(5, 13).to(stored), "line": torch.randn(64).to(stored), "one": torch.ones(())}
    save_file(tensors, tmp_path / "model.safetensors")
    counted: list[int] = []
    for name, tensor in tensors.items():
        loaded = Weights(tmp_path).loaded(name, tensor.shape, Place(CPU, torch.float32), counted.append)
        assert torch.equal(loaded, tensor.float())
    assert sum(counted) == sum(tensor.nbytes for tensor in tensors.values())


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path, monkeypatch):
    """The pages of a mapped file count as the process's memory once they are read."""
    monkeypatch.setattr(weights, "PIECE", MIB)
    monkeypatch.setattr(weights, "MAPPED_BYTES", 8 * MIB)
    save_file({"weight": torch.ones(64, MIB, dtype=torch.bfloat16)}, tmp_path / "model.safetensors")
    own = psutil.Process()
    before = own.memory_info().shared
    most = 0

    def look(_size_bytes: int) -> None:
        nonlocal most
        most = max(most, own.memory_info().shared - before)

    Weights(tmp_path).loaded("weight", torch.Size((64, MIB)), Place(CPU, torch.float32), look)
    assert 2 * MIB <= most < 24 * MIB


def test_weights_that_fit_as_they_are_stay_in_their_file(tmp_path):
    save_file(
        {"weight": torch.ones(4, 4), "half": torch.ones(4, 4, dtype=torch.bfloat16)}, tmp_path / "model.safetensors"
    )
    found = Weights(tmp_path)

    def stays(name: str, place: Place) -> bool:
        tensor = found.loaded(name, torch.Size((4, 4)), place, lambda _: None)
        return _mapping(tensor.data_ptr()).endswith("model.safetensors")

    assert stays("weight", Place(CPU, torch.float32))
    assert not stays("half", Place(CPU, torch.float32))
    assert stays("half", Place(CPU, torch.float32, narrow=True))
    assert not stays("half", Place(CPU, torch.float16, narrow=True)), "it has larger numbers"
    assert not stays("weight", Place(CPU, torch.bfloat16, narrow=True))


def _mapping(address: int) -> str:
    """What is mapped at an address, by the kernel's word."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if start <= address < end:
            return line
    return ""


def test_modules_are_made_without_numbers_and_filled_with_the_checkpoints(tiny):
    model = Model(Checkpoint.open(tiny), CPU, torch.float32)
    assert all(tensor.is_meta for tensor in model.talker.state_dict().values())
    head = load_file(tiny / "model.safetensors")["talker.model.text_embedding.weight"]
    model.load(lambda _progress, _note: None)
    assert torch.equal(model.talker.text.float(), head)
    assert not nn.Linear(2, 2).weight.is_meta


PROGRAM = """
import sys
from pathlib import Path

import torch

from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.model import Model

Model(Checkpoint.open(Path(sys.argv[1])), torch.device("cpu"), torch.float32).load(lambda progress, note: None)
assert "torch._dynamo" not in sys.modules
"""


def test_torchs_compiler_is_not_imported(tmp_path):
    """It takes longer to import than a small model to load, and 60 MB."""
    checkpoint = write_tiny(tmp_path / "tiny")
    subprocess.run([sys.executable, "-c", PROGRAM, str(checkpoint)], timeout=60, check=True)
