"""Checkpoints that are broken, each in one way: the error names the file and what is wrong in it."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from ttsd.protocol.errors import ConfigError
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.model import Model


@pytest.fixture
def broken(tiny, tmp_path):
    return shutil.copytree(tiny, tmp_path / "broken")


def load(folder) -> Model:
    model = Model(Checkpoint.open(folder), torch.device("cpu"), torch.float32)
    model.load(lambda _progress, _note: None)
    return model


def change(folder, file: str, *keys: str, to=None) -> None:
    """Set a value of a JSON file; without one, take the key away."""
    path = folder / file
    content = json.loads(path.read_text())
    *parents, last = keys
    place = content
    for key in parents:
        place = place[key]
    if to is None:
        del place[last]
    else:
        place[last] = to
    path.write_text(json.dumps(content))


def refusal(folder) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert caught.value.param in ("qwen3.model", None)
    return caught.value.message


@pytest.mark.parametrize(
    "file",
    [
        "config.json",
        "model.safetensors",
        "speech_tokenizer/config.json",
        "speech_tokenizer/model.safetensors",
        "vocab.json",
    ],
)
def test_a_missing_file_is_named(broken, file):
    (broken / file).unlink()
    assert str(broken / file) in refusal(broken)


@pytest.mark.parametrize("file", ["model.safetensors", "speech_tokenizer/model.safetensors"])
@pytest.mark.parametrize("left", [0, 5, 1000, 0.9])
def test_a_truncated_file_is_named(broken, file, left):
    path = broken / file
    data = path.read_bytes()
    path.write_bytes(data[: int(left * len(data)) if isinstance(left, float) else left])
    assert str(path) in refusal(broken)


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("config.json", ("talker_config", "hidden_size")),
        ("config.json", ("talker_config", "code_predictor_config", "head_dim")),
        ("config.json", ("tts_pad_token_id",)),
        ("speech_tokenizer/config.json", ("decoder_config", "upsample_rates")),
    ],
)
def test_a_missing_key_is_named(broken, file, keys):
    change(broken, file, *keys)
    message = refusal(broken)
    assert str(broken / file) in message
    assert keys[-1] in message


def test_another_kind_of_model_is_refused(broken):
    change(broken, "config.json", "model_type", to="llama")
    assert "'llama'" in refusal(broken)


def test_weights_of_another_shape_are_named(broken):
    change(broken, "config.json", "talker_config", "intermediate_size", to=96)
    message = refusal(broken)
    assert "model.safetensors: tensor talker." in message
    assert "[128, 64]" in message


def test_a_missing_tensor_is_named(broken):
    path = broken / "model.safetensors"
    tensors = load_file(path)
    del tensors["talker.codec_head.weight"]
    save_file(tensors, path)
    assert "tensor talker.codec_head.weight is missing" in refusal(broken)


def test_weights_in_several_files_are_found_by_the_index(broken, tiny):
    path = broken / "model.safetensors"
    tensors = load_file(path)
    names = sorted(tensors)
    halves = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for file, part in halves.items():
        save_file({name: tensors[name] for name in part}, broken / file)
    path.unlink()
    index = {"weight_map": {name: file for file, part in halves.items() for name in part}}
    (broken / "model.safetensors.index.json").write_text(json.dumps(index))
    ids = torch.arange(5)
    assert torch.equal(load(broken).talker.code_rows(ids), load(tiny).talker.code_rows(ids))
