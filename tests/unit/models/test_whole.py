"""What is wrong with a checkpoint's folder, as far as it shows without loading it."""

import json
from pathlib import Path

import pytest

from tests.sketches import CONFIG, sketch, weights
from ttsd.models import check, whole
from ttsd.protocol.errors import BadRequest

WHOLE = len(weights(64))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sketch(tmp_path / "checkpoint")


@pytest.mark.parametrize("kind", whole.KINDS)
def test_a_whole_one_tells_its_kind(folder: Path, kind: str) -> None:
    (folder / "config.json").write_text(json.dumps({**CONFIG, "tts_model_type": kind}))
    assert check(folder) == kind


def test_weights_may_be_in_several_files(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    names = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (folder / whole.INDEX).write_text(json.dumps({"weight_map": names}))
    for name in names.values():
        (folder / name).write_bytes(weights(8))
    assert check(folder) == "base"
    (folder / "model-2.safetensors").unlink()
    assert complaint(folder).startswith(f"{folder}/model-2.safetensors: the file is missing")


@pytest.mark.parametrize(
    "name",
    [
        "config.json",
        "vocab.json",
        "merges.txt",
        "tokenizer_config.json",
        "model.safetensors",
        "speech_tokenizer/config.json",
        "speech_tokenizer/model.safetensors",
    ],
)
def test_what_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert complaint(folder) == f"{folder}/{name}: the file is missing; fetch the checkpoint anew: ttsd model pull"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.json", b"{", "truncated"),
        ("config.json", b"\xff", ""),
        ("config.json", b'{"model_type": "llama"}', "model_type is 'llama'; the engine speaks with qwen3_tts"),
        ("config.json", json.dumps({**CONFIG, "tts_model_type": "song"}).encode(), "base or custom_voice or voice"),
        ("model.safetensors", weights(64)[:-1], f"it has {WHOLE - 1} bytes of {WHOLE}"),
        ("model.safetensors", b"", "truncated"),
        ("model.safetensors", weights(64)[:20], "no whole safetensors file"),
        ("model.safetensors", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("speech_tokenizer/model.safetensors", weights(64) + b"x", f"it has {WHOLE + 1} bytes of {WHOLE}"),
    ],
)
def test_what_is_broken_is_named(folder: Path, name: str, content: bytes, words: str) -> None:
    (folder / name).write_bytes(content)
    assert complaint(folder).startswith(f"{folder}/{name}: ")
    assert words in complaint(folder)


def test_a_folder_in_the_place_of_a_file_is_named(folder: Path) -> None:
    (folder / "vocab.json").unlink()
    (folder / "vocab.json").mkdir()
    assert "Is a directory" in complaint(folder)


def test_it_asks_for_what_the_engine_asks_for() -> None:
    from ttsd.worker.qwen3 import checkpoint

    engine = (checkpoint.MODEL_TYPE, checkpoint.TOKENIZER_TYPE, checkpoint.MODEL_KINDS)
    assert engine == (whole.MODEL_TYPE, whole.TOKENIZER_TYPE, whole.KINDS)


def complaint(folder: Path) -> str:
    with pytest.raises(BadRequest) as caught:
        check(folder)
    return caught.value.message
