"""Checkpoints that are broken, each in one way: the error names the file and what is wrong in it."""

import json
import shutil
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file

from ttsd.protocol.errors import ConfigError
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.weights import INDEX


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
        "merges.txt",
        "tokenizer_config.json",
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


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "speech_tokenizer/model.safetensors"])
def test_a_folder_in_the_place_of_a_file_is_named(broken, file):
    (broken / file).unlink()
    (broken / file).mkdir()
    message = refusal(broken)
    assert str(broken / file) in message
    assert "directory" in message or "folder" in message


@pytest.mark.parametrize(
    "file", ["config.json", "speech_tokenizer/config.json", "generation_config.json", "vocab.json", INDEX]
)
@pytest.mark.parametrize("content", [b"", b"{,", b"\xff\xfe{}", b"[]"])
def test_a_file_of_garbage_is_named(broken, file, content):
    (broken / file).write_bytes(content)
    assert str(broken / file) in refusal(broken)


@pytest.mark.parametrize(
    "content",
    [
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 8) + b"not json" + bytes(100),
        b"<html><title>404 Not Found</title></html>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    ],
    ids=["endless header", "garbage in the header", "page of an error", "pointer to a large file"],
)
def test_weights_that_are_something_else_are_named(broken, content):
    path = broken / "model.safetensors"
    path.write_bytes(content)
    assert f"{path}: this is no whole safetensors file" in refusal(broken)


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


@pytest.mark.parametrize(
    ("file", "keys", "value"),
    [
        ("config.json", ("model_type",), "llama"),
        ("config.json", ("tokenizer_type",), "qwen3_tts_tokenizer_25hz"),
        ("config.json", ("tts_model_type",), "voice_changer"),
        ("config.json", ("talker_config", "hidden_size"), "wide"),
        ("config.json", ("tts_pad_token_id",), 1_000_000),
        ("config.json", ("talker_config", "codec_eos_token_id"), -1),
        ("config.json", ("talker_config", "codec_language_id", "german"), 5000),
        ("speech_tokenizer/config.json", ("decoder_config", "num_quantizers"), 8),
        ("speech_tokenizer/config.json", ("encoder_config", "num_filters"), "many"),
    ],
)
def test_a_value_that_cannot_be_is_named(broken, file, keys, value):
    change(broken, file, *keys, to=value)
    message = refusal(broken)
    assert file in message
    assert keys[-1] in message


@pytest.mark.parametrize("size", [-64, 2**62])
def test_sizes_that_no_model_has_are_refused(broken, size):
    change(broken, "config.json", "talker_config", "hidden_size", to=size)
    assert f"{broken}: no model has the sizes" in refusal(broken)


def test_weights_of_another_shape_are_named(broken):
    change(broken, "config.json", "talker_config", "intermediate_size", to=96)
    message = refusal(broken)
    assert "model.safetensors: tensor talker." in message
    assert "[128, 64]" in message


def spoil(path, name: str, tensor: torch.Tensor | None) -> None:
    """Another tensor in the place of one; without it, the tensor is taken away."""
    tensors = load_file(path)
    del tensors[name]
    save_file(tensors if tensor is None else {**tensors, name: tensor}, path)


@pytest.mark.parametrize(
    ("tensor", "says"),
    [
        (None, "is missing"),
        (torch.ones(1088, 64, dtype=torch.int32), "is int32"),
        (torch.ones(1088, 64).to(torch.float8_e4m3fn), "is float8_e4m3fn"),
        (torch.ones(1088 * 64), "has the shape [69632], and config.json asks for [1088, 64]"),
        (torch.tensor(1.0), "has the shape []"),
        (torch.ones(1088, 64).index_fill_(1, torch.tensor(7), torch.nan), "holds NaN or infinity"),
    ],
    ids=["missing", "whole numbers", "eight bits", "shape", "one number", "none"],
)
def test_a_tensor_that_cannot_be_is_named(broken, tensor, says):
    path = broken / "model.safetensors"
    spoil(path, "talker.codec_head.weight", tensor)
    assert f"tensor talker.codec_head.weight {says}" in refusal(broken)


def test_numbers_that_a_smaller_type_does_not_have_are_told_of(broken):
    path = broken / "model.safetensors"
    spoil(path, "talker.codec_head.weight", torch.full((1088, 64), 1e6))
    model = Model(Checkpoint.open(broken), torch.device("cpu"), torch.float16)
    with pytest.raises(ConfigError, match=r"talker\.codec_head\.weight .* infinity, read as float16"):
        model.load(lambda _progress, _note: None)


def test_numbers_of_the_codec_are_looked_at_too(broken):
    spoil(broken / "speech_tokenizer/model.safetensors", "decoder.pre_conv.conv.bias", torch.full((32,), -torch.inf))
    assert "tensor decoder.pre_conv.conv.bias holds NaN or infinity" in refusal(broken)


def test_a_file_that_only_the_index_has_is_named(broken):
    (broken / "model.safetensors").rename(broken / "model-1.safetensors")
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (broken / INDEX).write_text(json.dumps(index))
    assert f"{broken / 'model-2.safetensors'}: the file is missing" in refusal(broken)


def test_weights_in_several_files_are_found_by_the_index(broken, tiny):
    path = broken / "model.safetensors"
    tensors = load_file(path)
    names = sorted(tensors)
    halves = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for file, part in halves.items():
        save_file({name: tensors[name] for name in part}, broken / file)
    path.unlink()
    index = {"weight_map": {name: file for file, part in halves.items() for name in part}}
    (broken / INDEX).write_text(json.dumps(index))
    ids = torch.arange(5)
    assert torch.equal(load(broken).talker.code_rows(ids), load(tiny).talker.code_rows(ids))
