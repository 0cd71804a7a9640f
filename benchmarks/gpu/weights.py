"""A checkpoint in the published layout whose weights are drawn on the device: in seconds, where a CPU takes minutes.

Speed does not depend on what the numbers are. One is not left to chance: the end of speech is among the least likely
codes, so that it is never drawn and every stream is as long as it may be.
"""

import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.checkpoints import SIZES, SPREADS, codec_config, model_config, modules, write_tiny

HEAD = "talker.codec_head.weight"


def write_drawn(folder: Path, size: str, device: torch.device) -> Path:
    """Write one of the `SIZES`; returns `folder`."""
    write_tiny(folder)  # for its tokenizer, and the files that all sizes share
    shape = SIZES[size]
    control, texts = _tokens(folder)
    model, codec = model_config(control, shape.text_vocabulary or texts, "base", shape), codec_config(shape)
    (folder / "config.json").write_text(json.dumps(model), encoding="utf-8")
    (folder / "speech_tokenizer" / "config.json").write_text(json.dumps(codec), encoding="utf-8")
    parts = modules(model, codec)
    talker = _drawn(parts, ("talker.", "speaker_encoder."), device, shape.dtype)
    talker[HEAD][model["talker_config"]["codec_eos_token_id"]] = 0
    save_file(talker, folder / "model.safetensors", {"format": "pt"})
    sound = _drawn(parts, ("encoder.", "decoder."), device, torch.float32)
    save_file(sound, folder / "speech_tokenizer" / "model.safetensors", {"format": "pt"})
    return folder


def _tokens(folder: Path) -> tuple[dict[str, int], int]:
    """Ids of control tokens and of `assistant`, and the count of all tokens."""
    vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    added = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))["added_tokens_decoder"]
    control = {token["content"]: int(number) for number, token in added.items()}
    return {**control, "assistant": vocabulary["assistant"]}, len(vocabulary) + len(control)


def _drawn(
    parts: dict[str, nn.Module], prefixes: tuple[str, ...], device: torch.device, dtype: torch.dtype
) -> dict[str, Tensor]:
    draw = torch.Generator(device).manual_seed(1)
    return {
        prefix + name: _values(name, tensor.shape, draw, turned=_is_turned(parts[prefix], name)).to(dtype).cpu()
        for prefix in prefixes
        for name, tensor in parts[prefix].state_dict().items()
    }


def _is_turned(module: nn.Module, name: str) -> bool:
    return isinstance(module.get_submodule(name.rpartition(".")[0]), nn.ConvTranspose1d)


def _values(name: str, shape: Any, draw: torch.Generator, *, turned: bool) -> Tensor:
    """Such that activations stay near 1 through all layers; see tests/checkpoints.py."""
    kind = name.rsplit(".", 1)[-1]
    if kind in ("initialized", "cluster_usage"):
        return torch.ones(shape, device=draw.device)
    noise = torch.randn(shape, generator=draw, device=draw.device)
    around, spread = SPREADS.get(kind, (0.0, 1.0))
    if kind in SPREADS or "embedding" in name:
        return around + spread * noise
    if len(shape) == 1:  # norms
        return 1 + 0.05 * noise
    return noise / math.sqrt(shape[0] if turned else math.prod(shape[1:]))
