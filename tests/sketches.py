"""Folders that look like a checkpoint from outside, and need no torch to make."""

import json
from pathlib import Path

CONFIG = {"model_type": "qwen3_tts", "tokenizer_type": "qwen3_tts_tokenizer_12hz", "tts_model_type": "base"}


def sketch(folder: Path) -> Path:
    """Every file the engine asks for, with little in it; returns `folder`."""
    (folder / "speech_tokenizer").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "speech_tokenizer" / "config.json").write_text("{}")
    for name in ("vocab.json", "merges.txt", "tokenizer_config.json"):
        (folder / name).write_text("{}")
    for part in (folder, folder / "speech_tokenizer"):
        (part / "model.safetensors").write_bytes(weights(64))
    return folder


def weights(size: int) -> bytes:
    """A safetensors file with one tensor of `size` bytes."""
    tensor = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    head = json.dumps({"__metadata__": {"format": "pt"}, "tensor": tensor}).encode()
    return len(head).to_bytes(8, "little") + head + bytes(size)
