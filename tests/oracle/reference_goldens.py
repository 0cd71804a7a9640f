"""What the official package makes of clips and texts, for tests that run without it.

    python tests/oracle/reference_goldens.py tests/unit/worker/qwen3/goldens

with the Python of the environment that `make oracle` builds. Weights and waves come from seeds, so that a test makes
the same ones: see `weights` and `wave`.
"""

import itertools
import json
import sys
import tempfile
import unicodedata
import zlib
from pathlib import Path

import numpy as np

SPEAKER = {
    "enc_dim": 24,
    "enc_channels": [16, 16, 16, 16, 48],
    "enc_attention_channels": 8,
    "enc_se_channels": 8,
}
ENCODER = {
    "num_filters": 4,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "codebook_size": 64,
    "codebook_dim": 8,
    "vector_quantization_hidden_dimension": 8,
    "upsample_groups": 32,
}
KEPT = 16
LENGTHS = (24_000, 24_001, 25_919, 25_920, 60_123, 288_000, 300_007)
"""Samples; the last two are longer than 10 s, where Mimi itself would no longer attend to the beginning."""

TEXTS = (
    "The quick brown fox doesn't jump; it's YouTube's iPhone, I'll say. THEY'RE here, we'd go!",
    "今天天气很好，我们去公园散步吧。北京2025年！",
    "今日はいい天気ですね。カタカナと漢字、ひらがな「テスト」。",
    "오늘은 날씨가 좋네요. 한국어 문장입니다!",
    "Größe und Straße: Über 3,5 Mio. Menschen – „schön“.",
    "L'été dernier, j'ai mangé des crêpes à l'aéroport ; c'était bon !",
    "Съешь ещё этих мягких французских булок, да выпей чаю.",
    "A ação não é só coração: avô, avó, às 10h30.",
    "¿Dónde está el niño? ¡Mañana será otro día!",
    "Perché l'università è così? È già lì, città.",
    "x",
    " leading blank, two  blanks,   three\tand a tab",
    "lines\nand\r\nmore\n\n  indented\n",
    "12345 3.14 1/2 http://example.org/a/b/ C++ #1 @me",
    "cafe\u0301 e\u030a\u0323 q\u0307\u0323 각 \u1112\u1161\u11ab हिन्दी ภาษา",
    "👩‍👩‍👧 🇩🇪 😀😀!! …«»—",
    "aB一Bc ABCd iOS macOS McDonald NASAs ǅungla ʰa",
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>")
FOLDERS = ((None, 0), (None, 100_001), ("4.57.1", 100_001), ("4.57.3", 100_001), ("5.2.0", 100_001))
"""transformers_version in config.json, and the size of the vocabulary: transformers 4.57.3 splits words by them."""
INSTRUCTION = "Speak slowly, and with a smile."


def wave(n):
    """[n] float32 at 24 kHz: tones that move, and noise; rounded to 16 bits, so that every machine makes the same."""
    rng = np.random.default_rng(n)
    t = np.arange(n) / 24_000
    tones = sum(
        level * np.sin(2 * np.pi * hertz * t + 4 * np.sin(6 * hertz / 1000 * t))
        for level, hertz in zip(rng.uniform(0.05, 0.2, 6), rng.uniform(80, 4000, 6), strict=True)
    )
    return (np.round((tones + rng.normal(0, 0.02, n)) * 16_000) / 32_768).astype(np.float32)


def weights(shapes):
    """Name → array float32, for name → shape. All of order one, so that nothing is passed over."""
    return {name: _weight(name, tuple(shape)) for name, shape in shapes.items()}


def _weight(name, shape):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith(("cluster_usage", ".scale", "norm.weight")):
        values = rng.uniform(0.5, 1.5, shape)
    elif name.endswith("bias"):
        values = rng.normal(0, 0.1, shape)
    elif name.endswith("embed_sum"):
        values = rng.normal(0, 1, shape)
    else:
        values = rng.normal(0, 1.2 / np.sqrt(np.prod(shape[1:])), shape)
    return values.astype(np.float32)


def _fill(module):
    import torch

    state = module.state_dict()
    made = weights({name: value.shape for name, value in state.items() if not name.endswith("initialized")})
    module.load_state_dict({**state, **{name: torch.from_numpy(value) for name, value in made.items()}})
    return module.eval()


def _sound():
    import torch
    from qwen_tts.core.models.configuration_qwen3_tts import Qwen3TTSSpeakerEncoderConfig
    from qwen_tts.core.models.modeling_qwen3_tts import Qwen3TTSSpeakerEncoder, mel_spectrogram
    from qwen_tts.core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2 import Qwen3TTSTokenizerV2Encoder
    from transformers import MimiConfig

    speaker = _fill(Qwen3TTSSpeakerEncoder(Qwen3TTSSpeakerEncoderConfig(**SPEAKER)))
    encoder = _fill(Qwen3TTSTokenizerV2Encoder._from_config(MimiConfig(**ENCODER)))
    found = {}
    with torch.inference_mode():
        for n in LENGTHS:
            x = torch.from_numpy(wave(n))[None]
            mel = mel_spectrogram(x, 1024, 128, 24_000, 256, 1024, 0, 12_000)
            found[f"mel.{n}"] = mel[0, :, :40].contiguous()
            found[f"vector.{n}"] = speaker(mel.transpose(1, 2))[0].contiguous()
            codes = encoder.encode(x[:, None], return_dict=True).audio_codes[0, :KEPT]
            found[f"codes.{n}"] = codes.transpose(0, 1)[: -(-n // 1920)].to(torch.int16).contiguous()
    return found


def merges():
    """Each pair of bytes that the texts have, across the borders of words too: a wrong split shows in the ids."""
    from tokenizers import pre_tokenizers

    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    pairs = {(word[:i], word[i]): None for word in ("assistant", "user") for i in range(1, len(word))}
    for text in TEXTS:
        symbols = spell.pre_tokenize_str(unicodedata.normalize("NFC", text))[0][0]
        pairs |= dict.fromkeys(itertools.pairwise(symbols))
    return list(pairs)


def write_tokenizer(folder, transformers_version=None, size=0):
    """A text tokenizer in the published layout: the 256 bytes, `merges`, padding to `size`, control tokens."""
    from tokenizers import pre_tokenizers

    vocab = {symbol: i for i, symbol in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    for left, right in merges():
        vocab.setdefault(left + right, len(vocab))
    vocab |= {f"<unused {i}>": i for i in range(len(vocab), size)}
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    added = {str(len(vocab) + i): {"content": name, **flags} for i, name in enumerate(CONTROL)}
    config = {
        "added_tokens_decoder": added,
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "bos_token": None,
        "unk_token": None,
        "add_prefix_space": False,
    }
    model = {"model_type": "qwen3_tts"}
    if transformers_version:
        model["transformers_version"] = transformers_version
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(f"{left} {right}" for left, right in merges()), ""]
    (folder / "merges.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(model), encoding="utf-8")


def _texts(version, size):
    from qwen_tts.core.models import Qwen3TTSProcessor

    with tempfile.TemporaryDirectory() as name:
        write_tokenizer(Path(name), version, size)
        processor = Qwen3TTSProcessor.from_pretrained(name, fix_mistral_regex=True)
    ids = lambda text: processor(text=text)["input_ids"][0]  # noqa: E731
    return {
        "version": version,
        "size": size,
        "assistant": [ids(f"<|im_start|>assistant\n{text}<|im_end|>\n<|im_start|>assistant\n") for text in TEXTS],
        "reference": [ids(f"<|im_start|>assistant\n{text}<|im_end|>\n") for text in TEXTS],
        "instruct": ids(f"<|im_start|>user\n{INSTRUCTION}<|im_end|>\n"),
    }


def main(folder):
    from official import stand_ins

    with stand_ins():
        import qwen_tts  # noqa: F401
    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    save_file(_sound(), folder / "reference.safetensors")
    texts = [_texts(version, size) for version, size in FOLDERS]
    (folder / "text.json").write_text(json.dumps(texts, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
