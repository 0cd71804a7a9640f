import runpy
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.oracle.cases import clip
from ttsd.protocol.errors import ConfigError
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.clip import Clip
from ttsd.worker.qwen3.reference import ReferenceEncoder
from ttsd.worker.qwen3.weights import Place

HERE = Path(__file__).parent
GOLDENS = load_file(HERE / "goldens" / "reference.safetensors")
SCRIPT = runpy.run_path(str(HERE.parents[2] / "oracle" / "reference_goldens.py"))
ENCODER, KEPT, LENGTHS = SCRIPT["ENCODER"], SCRIPT["KEPT"], SCRIPT["LENGTHS"]


def wave(n):
    return torch.from_numpy(SCRIPT["wave"](n))


def build(**changes):
    with torch.device("meta"):
        module = ReferenceEncoder({**ENCODER, **changes}, KEPT)
    shapes = {name: value.shape for name, value in module.state_dict().items()}
    made = {name: torch.from_numpy(value) for name, value in SCRIPT["weights"](shapes).items()}
    module.load_state_dict(made, assign=True)
    return module.requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def encoder():
    return build()


@pytest.mark.parametrize("n", LENGTHS)
def test_codes_are_the_official_ones(encoder, n):
    """But for a near tie now and then, which another processor may round to the other side."""
    with torch.inference_mode():
        codes = encoder.codes(wave(n))
    assert codes.dtype == torch.int64
    assert codes.shape == (-(-n // 1920), KEPT)
    same = (codes == GOLDENS[f"codes.{n}"]).all(dim=1)
    assert same.float().mean() > 0.98


def test_codes_vary(encoder):
    with torch.inference_mode():
        codes = encoder.codes(wave(288_000))
    assert all(len(codes[:, i].unique()) > 5 for i in range(KEPT))


def test_codes_do_not_depend_on_what_follows(encoder):
    """Frame t has heard the samples up to its end, and none after them."""
    sound = wave(60_123)
    other = torch.cat((sound[: 20 * 1920], -sound[20 * 1920 :]))
    with torch.inference_mode():
        codes, others = encoder.codes(sound), encoder.codes(other)
    assert torch.equal(codes[:20], others[:20])
    assert not torch.equal(codes[20:], others[20:])


@pytest.mark.parametrize("n", [1, 959, 1919, 1920, 1921, 3840])
def test_each_begun_frame_has_its_codes(encoder, n):
    with torch.inference_mode():
        assert encoder.codes(wave(n)).shape == (-(-n // 1920), KEPT)


def test_entries_are_sums_by_counts(encoder):
    codebook = encoder.quantizer.acoustic_residual_vector_quantizer.layers[3].codebook
    expected = codebook.embed_sum / codebook.cluster_usage[:, None]
    assert torch.equal(codebook.entries(), expected)


def test_names_are_those_of_the_checkpoint(encoder):
    names = set(encoder.state_dict())
    assert {
        "encoder.layers.0.conv.weight",
        "encoder.layers.1.block.3.conv.bias",
        "encoder.layers.14.conv.weight",
    } <= names
    assert {"downsample.conv.weight", "encoder_transformer.layers.1.self_attn_layer_scale.scale"} <= names
    assert {
        "quantizer.semantic_residual_vector_quantizer.layers.0.codebook.embed_sum",
        "quantizer.acoustic_residual_vector_quantizer.layers.14.codebook.cluster_usage",
    } <= names
    assert "downsample.conv.bias" not in names
    assert not any("acoustic_residual_vector_quantizer.layers.15" in name for name in names)


def test_a_checkpoint_has_all_that_is_needed(tiny):
    checkpoint = Checkpoint.open(tiny)
    with torch.device("meta"):
        module = ReferenceEncoder(checkpoint.codec.encoder_config, checkpoint.codec.encoder_valid_num_quantizers)
    checkpoint.load(module, "codec", "encoder.", Place(torch.device("cpu"), torch.float32))
    with torch.inference_mode():
        codes = module.codes(wave(60_123))
    assert codes.shape == (32, checkpoint.codec.encoder_valid_num_quantizers)
    assert 0 <= codes.min() <= codes.max() < checkpoint.codec.encoder_config["codebook_size"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"use_causal_conv": False}, "use_causal_conv"),
        ({"audio_channels": 2}, "audio_channels"),
        ({"hidden_act": "relu"}, "hidden_act"),
        ({"hidden_size": "wide"}, "hidden_size"),
        ({"num_quantizers": 8}, "num_quantizers is 8, and 16"),
    ],
)
def test_another_geometry_is_refused(changes, why):
    with pytest.raises(ConfigError, match=why) as refused:
        build(**changes)
    assert "speech_tokenizer/config.json" in refused.value.message


def test_mimi_as_the_transformers_library_has_it_hears_the_same(model):
    """A second opinion, on a clip within the ten seconds that it looks back."""
    from transformers import MimiConfig, MimiModel

    checkpoint = model.checkpoint
    mimi = MimiModel(MimiConfig(**{**checkpoint.codec.encoder_config, "sliding_window": 8000})).eval()
    places = mimi.state_dict()
    found = {}
    for name in checkpoint.names("codec"):
        part, _, rest = name.partition(".")
        inner = rest.partition(".")[2]
        ways = (rest, f"encoder.{rest}", f"encoder.encoder_seanet.{inner}")  # the module tree differs by version
        tensor = checkpoint.tensor("codec", name)
        fitting = [way for way in ways if way in places and places[way].shape == tensor.shape]
        if part == "encoder":
            found[fitting[0]] = tensor
    mimi.load_state_dict(found, strict=False)
    wave = torch.tensor(clip())
    with torch.inference_mode():
        theirs = mimi.encode(wave[None, None], num_quantizers=16).audio_codes[0].T
        assert torch.equal(model.clone(Clip(clip()), "Well.", exact=True).reference.codes, theirs)
