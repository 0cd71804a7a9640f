import math
import runpy
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.geometry import SpeakerConfig
from ttsd.worker.qwen3.speaker import SpeakerEncoder, log_mel, mel_filters
from ttsd.worker.qwen3.weights import Place

HERE = Path(__file__).parent
GOLDENS = load_file(HERE / "goldens" / "reference.safetensors")
SCRIPT = runpy.run_path(str(HERE.parents[2] / "oracle" / "reference_goldens.py"))
LENGTHS = SCRIPT["LENGTHS"]


def wave(n):
    return torch.from_numpy(SCRIPT["wave"](n))


@pytest.fixture(scope="module")
def speaker():
    with torch.device("meta"):
        module = SpeakerEncoder(msgspec.convert(SCRIPT["SPEAKER"], SpeakerConfig))
    shapes = {name: value.shape for name, value in module.state_dict().items()}
    made = {name: torch.from_numpy(value) for name, value in SCRIPT["weights"](shapes).items()}
    module.load_state_dict(made, assign=True)
    module.requires_grad_(requires_grad=False)
    module.prepare()
    return module


@pytest.mark.parametrize("n", LENGTHS)
def test_vectors_are_the_official_ones(speaker, n):
    with torch.inference_mode():
        vector = speaker.vector(wave(n))
    assert vector.shape == (SCRIPT["SPEAKER"]["enc_dim"],)
    torch.testing.assert_close(vector, GOLDENS[f"vector.{n}"], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("n", LENGTHS)
def test_mel_frames_are_the_official_ones(n):
    mel = log_mel(wave(n), mel_filters(24_000, 1024, 128), torch.hann_window(1024))
    assert mel.shape == (128, n // 256)
    torch.testing.assert_close(mel[:, :40], GOLDENS[f"mel.{n}"], atol=1e-4, rtol=1e-4)


def test_two_clips_have_two_vectors(speaker):
    with torch.inference_mode():
        one, other = speaker.vector(wave(24_000)), speaker.vector(wave(24_001))
    assert (one - other).abs().max() > 0.1


def test_a_vector_has_the_type_of_the_weights(speaker):
    """The mel frames are made in float32 all the same."""
    with torch.device("meta"):
        half = SpeakerEncoder(msgspec.convert(SCRIPT["SPEAKER"], SpeakerConfig))
    half.load_state_dict({name: value.bfloat16() for name, value in speaker.state_dict().items()}, assign=True)
    half.prepare()
    with torch.inference_mode():
        vector, exact = half.vector(wave(24_000).bfloat16()), speaker.vector(wave(24_000))
    assert vector.dtype == torch.bfloat16
    assert torch.cosine_similarity(vector.float(), exact, dim=0) > 0.95


def test_filters_are_triangles_of_equal_area():
    filters = mel_filters(24_000, 1024, 128)
    hertz = 24_000 / 1024
    wide = filters[100:]
    torch.testing.assert_close(wide.sum(1) * hertz, torch.ones(28), atol=0.01, rtol=0)
    assert filters.min() >= 0
    assert torch.all(filters.argmax(1).diff() >= 0)


def test_the_scale_is_linear_below_1_khz_and_logarithmic_above():
    """Peaks by the definition: 15 mels to 1 kHz, and 27 more for each factor of 6.4."""
    top = 15 + 27 * math.log(12) / math.log(6.4)
    mels = [top * (band + 1) / 129 for band in range(128)]
    peaks = [200 / 3 * mel if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27) for mel in mels]
    found = mel_filters(24_000, 1 << 16, 128).argmax(1) * 24_000 / (1 << 16)
    assert max(abs(a - b) for a, b in zip(found.tolist(), peaks, strict=True)) < 0.2


def test_names_are_those_of_the_checkpoint(speaker):
    names = set(speaker.state_dict())
    assert {
        "blocks.0.conv.weight",
        "blocks.3.res2net_block.blocks.6.conv.bias",
        "blocks.1.se_block.conv2.weight",
    } <= names
    assert {"mfa.conv.weight", "asp.tdnn.conv.weight", "asp.conv.bias", "fc.weight"} <= names
    assert len(names) == 76


def test_a_checkpoint_has_all_that_is_needed(tiny):
    checkpoint = Checkpoint.open(tiny)
    config = checkpoint.model.speaker_encoder_config
    with torch.device("meta"):
        module = SpeakerEncoder(config)
    checkpoint.load(module, "model", "speaker_encoder.", Place(torch.device("cpu"), torch.float32))
    module.prepare()
    with torch.inference_mode():
        vector = module.vector(wave(24_000))
    assert vector.shape == (config.enc_dim,)
    assert vector.isfinite().all()
