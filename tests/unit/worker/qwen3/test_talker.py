"""The talker's and predictor's modules: names of the checkpoint, embeddings, the first hidden state and scores."""

import json
from pathlib import Path

import msgspec
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors import safe_open

from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.geometry import TalkerConfig
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.prompt import Prompt
from ttsd.worker.qwen3.talker import Talker

GOLDENS = Path(__file__).parent / "goldens"
"""Made by tests/oracle/talker_goldens.py."""


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


@pytest.fixture(params=["projected", "plain"])
def golden(request):
    """The configuration and the tensors of a random talker."""
    with safe_open(GOLDENS / f"talker-{request.param}.safetensors", "pt") as file:
        config = msgspec.convert(json.loads(file.metadata()["config"]), TalkerConfig)
        names = [name for name in file.keys() if name.startswith("talker.")]  # noqa: SIM118
        return config, {name.removeprefix("talker."): file.get_tensor(name).float() for name in names}


@pytest.fixture
def talker(golden):
    return loaded(*golden)


def loaded(config, weights, dtype=torch.float32):
    with torch.device("meta"):
        made = Talker(config)
    made.load_state_dict({name: tensor.to(dtype) for name, tensor in weights.items()}, assign=True)
    made.requires_grad_(requires_grad=False)
    made.prepare()
    return made


def frames_of(talker, dtype=torch.float32):
    pad = torch.zeros(1, talker.config.hidden_size, dtype=dtype)
    return Frames(talker, pad, slots=2, context=40, text_rows=10, device="cpu")


def norm(x, weight):
    return x * (x.double().square().mean(-1, keepdim=True) + 1e-6).rsqrt() * weight


def layer(x, weights, config, name):
    """One decoder layer on [positions, hidden], in float64, head by head: written from the paper, not for speed."""
    n, width = len(x), config.head_dim
    group = config.num_attention_heads // config.num_key_value_heads
    w = {key.removeprefix(name): tensor.double() for key, tensor in weights.items() if key.startswith(name)}
    angle = torch.arange(n).double()[:, None] / config.rope_theta ** (torch.arange(0, width, 2).double() / width)

    def turned(rows):
        a, b = rows.chunk(2, -1)
        return torch.cat((a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()), -1)

    def head(rows, part, number):
        return rows @ w[f"self_attn.{part}_proj.weight"][number * width : (number + 1) * width].T

    h, seen = norm(x, w["input_layernorm.weight"]), []
    for number in range(config.num_attention_heads):
        query = turned(norm(head(h, "q", number), w["self_attn.q_norm.weight"]))
        key = turned(norm(head(h, "k", number // group), w["self_attn.k_norm.weight"]))
        scores = (query @ key.T / width**0.5).masked_fill(torch.ones(n, n).triu(1).bool(), -torch.inf)
        seen.append(scores.softmax(-1) @ head(h, "v", number // group))
    x = x + torch.cat(seen, -1) @ w["self_attn.o_proj.weight"].T
    h = norm(x, w["post_attention_layernorm.weight"])
    gated = F.silu(h @ w["mlp.gate_proj.weight"].T) * (h @ w["mlp.up_proj.weight"].T)
    return x + gated @ w["mlp.down_proj.weight"].T


def test_the_prompt_leaves_the_hidden_state_and_scores_of_the_paper(golden, talker):
    config, weights = golden
    prompt = torch.randn(11, config.hidden_size, generator=torch.Generator().manual_seed(2))
    frames = frames_of(talker)
    frames.admit(1, Prompt(prompt, prompt[:0]), Settings())
    x = prompt.double()
    for number in range(config.num_hidden_layers):
        x = layer(x, weights, config, f"model.layers.{number}.")
    hidden = norm(x[-1], weights["model.norm.weight"].double())
    torch.testing.assert_close(frames.state.hidden[1].double(), hidden, rtol=1e-5, atol=1e-5)
    scores = weights["codec_head.weight"].double() @ hidden
    torch.testing.assert_close(frames.state.logits[1].double(), scores, rtol=1e-5, atol=1e-5)


def test_parameters_have_the_names_of_the_checkpoint(golden):
    config, weights = golden
    with torch.device("meta"):
        made = Talker(config)
    assert {name: tensor.shape for name, tensor in made.state_dict().items()} == {
        name: tensor.shape for name, tensor in weights.items()
    }


def test_only_a_talker_wider_than_its_predictor_has_a_projection(golden):
    config, weights = golden
    wider = config.hidden_size != config.code_predictor_config.hidden_size
    assert ("code_predictor.small_to_mtp_projection.weight" in weights) == wider


def test_prepare_gives_up_what_it_fused(talker):
    assert not list(talker.named_parameters())


def test_a_text_row_is_the_same_in_any_company(talker):
    ids = torch.arange(30)
    whole = talker.text_rows(ids)
    assert all(
        torch.equal(torch.cat([talker.text_rows(part) for part in ids.split(size)]), whole) for size in (1, 2, 7)
    )


def test_embeddings(golden, talker):
    config, weights = golden
    ids = torch.tensor([5, 0, 39])
    rows = weights["model.text_embedding.weight"][ids]
    inner = F.silu(F.linear(rows, *(weights[f"text_projection.linear_fc1.{part}"] for part in ("weight", "bias"))))
    outer = F.linear(inner, *(weights[f"text_projection.linear_fc2.{part}"] for part in ("weight", "bias")))
    torch.testing.assert_close(talker.text_rows(ids), outer)
    control = torch.tensor([config.codec_bos_id, 3])
    assert torch.equal(talker.code_rows(control), weights["model.codec_embedding.weight"][control])


def test_a_frame_is_the_sum_of_the_rows_of_its_codes(golden, talker):
    config, weights = golden
    codes = torch.randint(0, 16, (7, config.num_code_groups), generator=torch.Generator().manual_seed(0))
    rows = weights["model.codec_embedding.weight"][codes[:, 0]]
    for group in range(1, config.num_code_groups):
        rows = rows + weights[f"code_predictor.model.codec_embedding.{group - 1}.weight"][codes[:, group]]
    torch.testing.assert_close(talker.frame_rows(codes), rows)


def test_bfloat16_is_near(golden, talker):
    config, _ = golden
    half = loaded(*golden, dtype=torch.bfloat16)
    prompt = torch.randn(9, config.hidden_size, generator=torch.Generator().manual_seed(4)).bfloat16()
    both = []
    for which, dtype in ((talker, torch.float32), (half, torch.bfloat16)):
        frames = frames_of(which, dtype)
        frames.admit(0, Prompt(prompt.to(dtype), prompt[:0].to(dtype)), Settings(seed=1))
        both.append(frames.state.logits[0].clone().float())
        codes = frames.step({0: NEVER})
        assert codes.shape == (4, config.num_code_groups)
    assert (both[0] - both[1]).abs().max() < 0.1 * both[0].abs().max()
