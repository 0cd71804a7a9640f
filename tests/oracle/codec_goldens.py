"""What the official package's codec decoder makes of codes, for tests that run without it.

    python tests/oracle/codec_goldens.py tests/unit/worker/qwen3/goldens

with the Python of an environment that has qwen-tts==0.1.1 (`PYTHONPATH` may hold what stands in for its parts that only
the 25 Hz models use). Weights and codes come from seeds, so that a test makes the same ones: see `weights`, `codes`.

`codec.safetensors` has, for each of WINDOWS, the samples of these frames from one pass over all FRAMES: `float32.A-B`
from the official code as it is, and `float64.A-B` from the same in float64, where its norms and its rotary angles,
which it always takes in float32, are lifted too.
"""

import sys
import zlib
from pathlib import Path

import numpy as np

DECODER = {
    "codebook_size": 64,
    "codebook_dim": 16,
    "num_quantizers": 16,
    "latent_dim": 24,
    "decoder_dim": 48,
    "hidden_size": 32,
    "intermediate_size": 48,
    "head_dim": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 2,
    "sliding_window": 72,
    "upsample_rates": [8, 5, 4, 3],
    "upsampling_ratios": [2, 2],
    "rope_theta": 10_000,
    "rms_norm_eps": 1e-5,
}
FRAMES = 600
WINDOWS = ((0, 2), (71, 74), (300, 301), (579, 581), (598, 600))
FRAME = 1920


def codes(streams, frames, seed=0):
    """[streams, frames, 16] int64"""
    return np.random.default_rng(seed).integers(0, DECODER["codebook_size"], (streams, frames, 16))


def weights(shapes):
    """Name → array float32, for name → shape. All of order one, so that nothing is passed over."""
    return {name: _weight(name, tuple(shape)) for name, shape in shapes.items()}


def _weight(name, shape):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    leaf = name.rsplit(".", 1)[-1]
    if name.startswith("decoder.6."):  # the last convolution: a wave that is not clipped, around 0
        values = rng.normal(0, 0.006, shape) if leaf == "weight" else np.zeros(shape)
    elif leaf in ("cluster_usage", "scale", "gamma") or name.endswith("norm.weight"):
        values = rng.uniform(0.5, 1.5, shape)
    elif leaf in ("alpha", "beta"):
        values = rng.normal(0, 0.2, shape)
    elif leaf == "bias":
        values = rng.normal(0, 0.1, shape)
    elif leaf == "embedding_sum":
        values = rng.normal(0, 1, shape)
    elif "block.1." in name or (name.startswith("upsample") and ".0.conv." in name):  # transposed: inputs first
        values = rng.normal(0, 1 / np.sqrt(shape[0]), shape)
    else:
        values = rng.normal(0, 0.6 / np.sqrt(np.prod(shape[1:])), shape)
    return values.astype(np.float32)


def _decoder(official):
    import torch

    decoder = official.Qwen3TTSTokenizerV2Decoder._from_config(official.Qwen3TTSTokenizerV2DecoderConfig(**DECODER))
    made = weights({name: value.shape for name, value in decoder.state_dict().items()})
    decoder.load_state_dict({name: torch.from_numpy(value) for name, value in made.items()})
    return decoder.eval()


def _lift(official):
    """Norms and angles in the precision of the weights."""

    def norm(self, x):
        import torch

        return self.weight * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.variance_epsilon)

    def angles(self, x, position_ids):
        half = position_ids[..., None] * self.inv_freq.to(x.dtype)
        return half.cos().repeat(1, 1, 2), half.sin().repeat(1, 1, 2)

    official.Qwen3TTSTokenizerV2DecoderRMSNorm.forward = norm
    official.Qwen3TTSTokenizerV2DecoderRotatoryEmbedding.forward = angles


def main(folder):
    import torch
    from stub25 import import_qwen_tts

    import_qwen_tts()
    from qwen_tts.core.tokenizer_12hz import modeling_qwen3_tts_tokenizer_v2 as official
    from safetensors.torch import save_file

    decoder = _decoder(official)
    given = torch.from_numpy(codes(1, FRAMES)).transpose(1, 2)
    found = {}
    with torch.inference_mode():
        for name in ("float32", "float64"):
            sound = decoder(given)[0, 0]
            print(name, "std", sound.std().item(), "mean", sound.mean().item(), "peak", sound.abs().max().item())
            for first, end in WINDOWS:
                found[f"{name}.{first}-{end}"] = sound[first * FRAME : end * FRAME].clone()
            _lift(official)
            decoder.double()
    folder.mkdir(exist_ok=True)
    save_file(found, folder / "codec.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
