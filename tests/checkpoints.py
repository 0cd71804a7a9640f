"""Checkpoints in the published layout, with random weights at which every part of the model matters.

    python -m tests.checkpoints FOLDER [tiny|0.6b|1.7b] [SEED]

`tiny` takes 2 MB, the others have the published shapes and take gigabytes.

Names and shapes are those of our own modules; the official package loads the result too. Weights are drawn so that
activations stay near 1 through all layers: a greedy choice then has a margin, and two implementations can be compared
code by code. (As modules are initialised for training, codebooks are zero and layer scales vanish: everything agrees.)
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ttsd.worker.qwen3.codec import CodecDecoder
from ttsd.worker.qwen3.geometry import CodecConfig, ModelConfig
from ttsd.worker.qwen3.reference import ReferenceEncoder
from ttsd.worker.qwen3.speaker import SpeakerEncoder
from ttsd.worker.qwen3.talker import Talker

CODEBOOK = 64
SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|audio_start|>",
    "<|audio_end|>",
    "<tts_pad>",
    "<tts_text_bos>",
    "<tts_text_eod>",
    "<tts_text_bos_single>",
    "<|audio_pad|>",
)
LANGUAGES = (
    "chinese",
    "english",
    "japanese",
    "korean",
    "german",
    "french",
    "russian",
    "portuguese",
    "spanish",
    "italian",
)
WORDS = ("assistant", "user", " the", " and", "ing", "er")
"""`assistant` is one token, as it is in the published vocabulary: the official package cuts prompts by that."""

SPREADS = {
    "embed_sum": (0.0, 1.0),
    "embedding_sum": (0.0, 1.0),
    "alpha": (0.0, 0.2),  # logarithms, as `beta`
    "beta": (0.0, 0.2),
    "gamma": (0.3, 0.05),
    "scale": (0.3, 0.05),
    "bias": (0.0, 0.02),
}
"""Mean and deviation of tensors, by the last part of their name."""


def write_tiny(folder: Path, seed: int = 1, *, kind: str = "base") -> Path:
    """Write a checkpoint of about 2 MB; returns `folder`."""
    return write_checkpoint(folder, "tiny", seed, kind=kind)


def write_checkpoint(folder: Path, size: str, seed: int = 1, *, kind: str = "base") -> Path:
    """Write one of the `SIZES`; returns `folder`."""
    shape = SIZES[size]
    codec_folder = folder / "speech_tokenizer"
    codec_folder.mkdir(parents=True)
    control, texts = _write_tokenizer(folder)
    model = model_config(control, shape.text_vocabulary or texts, kind, shape)
    codec = codec_config(shape)
    _write(folder / "config.json", model)
    _write(folder / "generation_config.json", GENERATION)
    _write(folder / "preprocessor_config.json", {"processor_class": "Qwen3TTSProcessor", "padding_side": "left"})
    _write(codec_folder / "config.json", codec)
    _write(codec_folder / "preprocessor_config.json", FEATURES)
    draw = torch.Generator().manual_seed(seed)
    parts = modules(model, codec)
    talker = random_state(parts["talker."], "talker.", draw, shape.dtype)
    speaker = random_state(parts["speaker_encoder."], "speaker_encoder.", draw, shape.dtype) if kind == "base" else {}
    save_file({**talker, **speaker}, folder / "model.safetensors", {"format": "pt"})
    encoder = random_state(parts["encoder."], "encoder.", draw)
    decoder = random_state(parts["decoder."], "decoder.", draw)
    _make_quiet(parts["decoder."], decoder, draw, shape.codebook)
    save_file({**encoder, **decoder}, codec_folder / "model.safetensors", {"format": "pt"})
    return folder


def modules(model: dict[str, Any], codec: dict[str, Any]) -> dict[str, nn.Module]:
    """Our modules on the meta device, by the prefix of their tensors."""
    shape, sound = msgspec.convert(model, ModelConfig), msgspec.convert(codec, CodecConfig)
    with torch.device("meta"):
        found: dict[str, nn.Module] = {
            "talker.": Talker(shape.talker),
            "decoder.": CodecDecoder(sound.decoder_config),
            "encoder.": ReferenceEncoder(sound.encoder_config, sound.encoder_valid_num_quantizers),
        }
        if shape.speaker_encoder_config is not None:
            found["speaker_encoder."] = SpeakerEncoder(shape.speaker_encoder_config)
    return found


def random_state(
    module: nn.Module, prefix: str, draw: torch.Generator, dtype: torch.dtype = torch.float32
) -> dict[str, Tensor]:
    """A random tensor for each of a module's."""
    turned = {f"{name}.weight" for name, part in module.named_modules() if isinstance(part, nn.ConvTranspose1d)}
    return {
        prefix + name: _fill(name, tuple(tensor.shape), draw, turned=name in turned).to(dtype)
        for name, tensor in module.state_dict().items()
    }


def _fill(name: str, shape: tuple[int, ...], draw: torch.Generator, *, turned: bool) -> Tensor:
    kind = name.rsplit(".", 1)[-1]
    if kind in ("initialized", "cluster_usage"):
        return torch.ones(shape)
    noise = torch.empty(shape).normal_(generator=draw)
    around, spread = SPREADS.get(kind, (0.0, 1.0))
    if kind in SPREADS or "embedding" in name:
        return around + spread * noise
    if len(shape) == 1:  # norms
        return 1 + 0.05 * noise
    fan_in = shape[0] if turned else math.prod(shape[1:])
    return noise / math.sqrt(fan_in)


@torch.inference_mode()
def _make_quiet(decoder: nn.Module, state: dict[str, Tensor], draw: torch.Generator, codebook: int) -> None:
    """Scale the last convolution: what random codes sound like has no offset and a level of 0.1, and does not clip."""
    assert isinstance(decoder, CodecDecoder)
    last = max((name for name in state if name.endswith("conv.weight") and ".decoder." in name), key=_depth)
    bias = last.removesuffix("weight") + "bias"
    state[last] *= 1e-3  # far from clipping: what is heard now is to scale
    state[bias] *= 0
    decoder.load_state_dict(
        {name.removeprefix("decoder."): tensor.clone() for name, tensor in state.items()}, assign=True
    )
    decoder.prepare()
    codes = torch.randint(0, codebook, (1, 24, 16), generator=draw)
    sound = decoder(codes)[0, 4 * 1920 :]
    gain = 0.1 / float(sound.std())
    state[last] *= gain
    state[bias] -= float(sound.mean()) * gain


def _depth(name: str) -> int:
    return int(name.removeprefix("decoder.decoder.").split(".", 1)[0])


# --- configuration ----------------------------------------------------------------------------------


class Shape(msgspec.Struct, frozen=True):
    """What one size of checkpoint has different from the tiny one."""

    name: str = "tiny"
    codebook: int = CODEBOOK
    text_vocabulary: int = 0
    """0: as many as the tokenizer of these checkpoints has."""
    dtype: torch.dtype = torch.float32
    """Of the talker and the speaker encoder."""
    talker: dict[str, Any] = {}
    predictor: dict[str, Any] = {}
    speaker: dict[str, Any] | None = None
    """All of it, where it is not the tiny one."""
    encoder: dict[str, Any] = {}
    decoder: dict[str, Any] = {}


_STACK = {
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
}
_MROPE = {"interleaved": True, "mrope_section": [24, 20, 20], "rope_type": "default", "type": "default"}
_SMALL = Shape(
    name="0b6",
    codebook=2048,
    text_vocabulary=151_936,
    dtype=torch.bfloat16,
    talker={**_STACK, "num_hidden_layers": 28, "rope_scaling": _MROPE, "text_hidden_size": 2048},
    predictor={**_STACK, "num_hidden_layers": 5, "layer_types": ["full_attention"] * 5},
    speaker={"enc_dim": 1024, "sample_rate": 24_000},
    encoder={
        "num_filters": 64,
        "hidden_size": 512,
        "intermediate_size": 2048,
        "num_hidden_layers": 8,
        "num_attention_heads": 8,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "upsample_groups": 512,
        "codebook_dim": 256,
        "vector_quantization_hidden_dimension": 256,
    },
    decoder={
        "codebook_dim": 512,
        "vector_quantization_hidden_dimension": 512,
        "latent_dim": 1024,
        "decoder_dim": 1536,
        "hidden_size": 512,
        "intermediate_size": 1024,
        "num_hidden_layers": 8,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "head_dim": 64,
    },
)
SIZES = {
    "tiny": Shape(),
    "0.6b": _SMALL,
    "1.7b": msgspec.structs.replace(
        _SMALL,
        name="1b7",
        talker={**_SMALL.talker, "hidden_size": 2048, "intermediate_size": 6144},
        speaker={"enc_dim": 2048, "sample_rate": 24_000},
    ),
}


def model_config(
    control: dict[str, int], texts: int, kind: str = "base", shape: Shape = SIZES["tiny"]
) -> dict[str, Any]:
    """`config.json`, with all that the official package asks for."""
    codebook = shape.codebook
    common = {
        "rope_theta": 1_000_000,
        "rms_norm_eps": 1e-6,
        "hidden_act": "silu",
        "attention_bias": False,
        "attention_dropout": 0,
        "use_cache": True,
        "sliding_window": None,
        "use_sliding_window": False,
        "initializer_range": 0.02,
        "tie_word_embeddings": False,
        "num_code_groups": 16,
    }
    predictor = {
        **common,
        "model_type": "qwen3_tts_talker_code_predictor",
        "vocab_size": codebook,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 65_536,
        "rope_scaling": None,
        "layer_types": ["full_attention"] * 2,
        **shape.predictor,
    }
    talker = {
        **common,
        "model_type": "qwen3_tts_talker",
        "vocab_size": codebook + 1024,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 32_768,
        "rope_scaling": {"interleaved": True, "mrope_section": [4, 2, 2], "rope_type": "default", "type": "default"},
        "text_hidden_size": 48,
        "text_vocab_size": texts,
        "position_id_per_seconds": 13,
        "code_predictor_config": predictor,
        "codec_language_id": {name: codebook + 2 + place for place, name in enumerate(LANGUAGES)}
        | ({"sichuan_dialect": codebook + 30} if kind == "custom_voice" else {}),
        "spk_id": {"vivian": codebook + 40, "eric": codebook + 41} if kind == "custom_voice" else {},
        "spk_is_dialect": {"vivian": False, "eric": "sichuan_dialect"} if kind == "custom_voice" else {},
        "codec_pad_id": codebook + 100,
        "codec_bos_id": codebook + 101,
        "codec_eos_token_id": codebook + 102,
        "codec_think_id": codebook + 106,
        "codec_nothink_id": codebook + 107,
        "codec_think_bos_id": codebook + 108,
        "codec_think_eos_id": codebook + 109,
        **shape.talker,
    }
    return {
        "architectures": ["Qwen3TTSForConditionalGeneration"],
        "model_type": "qwen3_tts",
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_type": kind,
        "tts_model_size": shape.name,
        "im_start_token_id": control["<|im_start|>"],
        "im_end_token_id": control["<|im_end|>"],
        "assistant_token_id": control["assistant"],
        "tts_pad_token_id": control["<tts_pad>"],
        "tts_bos_token_id": control["<tts_text_bos>"],
        "tts_eos_token_id": control["<tts_text_eod>"],
        "speaker_encoder_config": shape.speaker
        or {
            "enc_dim": 64,
            "enc_channels": [16, 16, 16, 16, 48],
            "enc_attention_channels": 8,
            "enc_se_channels": 8,
            "sample_rate": 24_000,
        },
        "talker_config": talker,
    }


def codec_config(shape: Shape = SIZES["tiny"]) -> dict[str, Any]:
    """`speech_tokenizer/config.json`."""
    encoder = {
        "audio_channels": 1,
        "sampling_rate": 24_000,
        "_frame_rate": 12.5,
        "num_filters": 4,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "upsample_groups": 32,
        "upsampling_ratios": [8, 6, 5, 4],
        "kernel_size": 7,
        "last_kernel_size": 3,
        "residual_kernel_size": 3,
        "num_residual_layers": 1,
        "dilation_growth_rate": 2,
        "compress": 2,
        "trim_right_ratio": 1.0,
        "use_causal_conv": True,
        "use_conv_shortcut": False,
        "pad_mode": "constant",
        "normalize": False,
        "codebook_size": shape.codebook,
        "codebook_dim": 8,
        "vector_quantization_hidden_dimension": 8,
        "num_quantizers": 32,
        "num_semantic_quantizers": 1,
        "sliding_window": 250,
        "max_position_embeddings": 8000,
        "rope_theta": 10_000.0,
        "norm_eps": 1e-5,
        "layer_scale_initial_scale": 0.01,
        "hidden_act": "gelu",
        **shape.encoder,
    }
    decoder = {
        "codebook_size": shape.codebook,
        "codebook_dim": 16,
        "semantic_codebook_size": 2 * shape.codebook,
        "num_quantizers": 16,
        "num_semantic_quantizers": 1,
        "vector_quantization_hidden_dimension": 16,
        "latent_dim": 32,
        "decoder_dim": 64,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "sliding_window": 72,
        "upsample_rates": [8, 5, 4, 3],
        "upsampling_ratios": [2, 2],
        "max_position_embeddings": 8000,
        "rope_theta": 10_000,
        "rms_norm_eps": 1e-5,
        "layer_scale_initial_scale": 0.01,
        "hidden_act": "silu",
        "attention_bias": False,
        "attention_dropout": 0.0,
        **shape.decoder,
    }
    return {
        "architectures": ["Qwen3TTSTokenizerV2Model"],
        "model_type": "qwen3_tts_tokenizer_12hz",
        "encoder_valid_num_quantizers": 16,
        "input_sample_rate": 24_000,
        "output_sample_rate": 24_000,
        "decode_upsample_rate": 1920,
        "encode_downsample_rate": 1920,
        "encoder_config": encoder,
        "decoder_config": decoder,
    }


GENERATION = {
    "do_sample": True,
    "temperature": 0.9,
    "top_k": 50,
    "top_p": 1.0,
    "repetition_penalty": 1.05,
    "subtalker_dosample": True,
    "subtalker_temperature": 0.9,
    "subtalker_top_k": 50,
    "subtalker_top_p": 1.0,
    "max_new_tokens": 8192,
}
FEATURES = {
    "feature_extractor_type": "EncodecFeatureExtractor",
    "feature_size": 1,
    "sampling_rate": 24_000,
    "padding_side": "right",
    "padding_value": 0.0,
    "return_attention_mask": True,
    "chunk_length_s": None,
    "overlap": None,
}


def _write_tokenizer(folder: Path) -> tuple[dict[str, int], int]:
    """A byte-level BPE of 256 bytes and a few words; ids of control tokens and of `assistant`, and the count of all."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + n) for n, byte in enumerate(others)}}
    vocabulary = {letter: number for number, letter in enumerate(sorted(letters.values()))}
    merges: list[str] = []
    for word in WORDS:
        made, *rest = (letters[byte] for byte in word.encode())
        for letter in rest:
            if made + letter not in vocabulary:
                merges.append(f"{made} {letter}")
                vocabulary[made + letter] = len(vocabulary)
            made += letter
    control = {token: len(vocabulary) + place for place, token in enumerate(SPECIAL)}
    _write(folder / "vocab.json", vocabulary)
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "Qwen2Tokenizer",
            "processor_class": "Qwen3TTSProcessor",
            "added_tokens_decoder": {str(number): {"content": token, **flags} for token, number in control.items()},
            "additional_special_tokens": list(SPECIAL[1:]),
            "bos_token": None,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "unk_token": None,
            "errors": "replace",
            "add_prefix_space": False,
            "clean_up_tokenization_spaces": False,
            "split_special_tokens": False,
            "model_max_length": 131_072,
        },
    )
    return {**control, "assistant": vocabulary["assistant"]}, len(vocabulary) + len(SPECIAL)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    folder, size, seed = (*sys.argv[1:], *("tiny", "1")[len(sys.argv) - 2 :])
    write_checkpoint(Path(folder), size, int(seed))
